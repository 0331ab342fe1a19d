import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The parsed body. */
  readonly payload: { event: string; timestamp: string; data: Record<string, unknown> };
}

export interface ReceiverOptions {
  /** The status for the nth delivery (from 1); null closes the connection. A promise delays the response. */
  readonly answer?: (received: Received, nth: number) => number | null | Promise<number | null>;
}

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
  /** Resolves with all received deliveries once there are at least `count`. */
  waitFor(count: number): Promise<readonly Received[]>;
}

/** An endpoint on a free loopback port that stores all posted deliveries. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const answer = options.answer ?? (() => 200);
  const received: Received[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const delivery = { headers: request.headers, body, payload: JSON.parse(body.toString()) as Received["payload"] };
      const nth = received.push(delivery);
      for (const wake of waiting.splice(0)) wake();
      void Promise.resolve(answer(delivery, nth)).then((status) => {
        if (status === null) return request.socket.destroy();
        if (status >= 300 && status < 400) response.setHeader("location", "/elsewhere");
        return response.writeHead(status).end();
      });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    waitFor: async (count) => {
      while (received.length < count) await new Promise<void>((wake) => waiting.push(wake));
      return received;
    },
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}
