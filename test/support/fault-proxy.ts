import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What happens to one API call. */
export type Fault =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body: string;
    }
  | { readonly kind: "reset" }
  /** The API carries the call out, but its response is lost. */
  | { readonly kind: "lose-answer" }
  /** Half of the API's response, then the connection breaks. */
  | { readonly kind: "truncate" }
  /** The call does not reach the API until the gate opens. */
  | { readonly kind: "hold"; readonly gate: Gate }
  /** Like `hold`, but a call at the gate is carried out when it opens, even if the caller has disconnected. */
  | { readonly kind: "hold-late"; readonly gate: Gate }
  /** The caller gets a reset at once; the API still carries the call out when the gate opens. */
  | { readonly kind: "reset-late"; readonly gate: Gate }
  /** The API carries the call out, and the response waits for the gate. */
  | { readonly kind: "hold-answer"; readonly gate: Gate };

export interface Rule {
  readonly method: string;
  readonly path: RegExp;
  /** A further condition on a call. */
  readonly when?: (call: ProxiedCall) => boolean;
  /** How many matching calls pass first. */
  readonly after?: number;
  /** How many calls it then affects; all by default. */
  readonly times?: number;
  readonly fault: Fault;
}

export interface ProxiedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A point in time that the test controls. */
export class Gate {
  #reach: () => void = () => {};
  #open: () => void = () => {};
  /** Fulfilled when a call has reached the gate. */
  readonly reached = new Promise<void>((resolve) => (this.#reach = resolve));
  readonly #opened = new Promise<void>((resolve) => (this.#open = resolve));

  open(): void {
    this.#open();
  }

  async pass(): Promise<void> {
    this.#reach();
    await this.#opened;
  }
}

type Transform = (call: ProxiedCall, status: number, body: string) => string;

/** A proxy in front of an API that injects faults into selected calls. */
export async function startFaultProxy(
  upstream: string,
  options: { readonly rules?: Rule[]; readonly transform?: Transform } = {},
): Promise<{ baseUrl: string; rules: Rule[]; calls: ProxiedCall[] }> {
  const calls: ProxiedCall[] = [];
  const rules = options.rules ?? [];
  const seen = new Map<Rule, number>();
  const server = createServer((request, response) => {
    void handle(request, response).catch(() => request.socket.destroy());
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call: ProxiedCall = {
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    calls.push(call);
    const fault = strike(call);
    if (fault?.kind === "answer") {
      response.writeHead(fault.status, fault.headers);
      response.end(fault.body);
      return;
    }
    if (fault?.kind === "reset") return void request.socket.resetAndDestroy();
    if (fault?.kind === "hold") {
      await fault.gate.pass();
      if (request.socket.destroyed) return;
    }
    if (fault?.kind === "hold-late") await fault.gate.pass();
    if (fault?.kind === "reset-late") {
      request.socket.resetAndDestroy();
      await fault.gate.pass();
    }
    const answer = await forward(call);
    if (fault?.kind === "hold-answer") await fault.gate.pass();
    if (fault?.kind === "lose-answer") return void request.socket.resetAndDestroy();
    const body = options.transform?.(call, answer.status, answer.body) ?? answer.body;
    const { "content-length": _length, "transfer-encoding": _coding, ...headers } = answer.headers;
    if (fault?.kind === "truncate") {
      response.writeHead(answer.status, { ...headers, "content-length": Buffer.byteLength(body) });
      response.write(body.slice(0, Math.floor(body.length / 2)), () => request.socket.destroy());
      return;
    }
    response.writeHead(answer.status, headers);
    response.end(body);
  }

  function strike(call: ProxiedCall): Fault | undefined {
    for (const rule of rules) {
      if (rule.method !== call.method || !rule.path.test(call.path) || rule.when?.(call) === false) continue;
      const count = seen.get(rule) ?? 0;
      seen.set(rule, count + 1);
      const first = rule.after ?? 0;
      if (count >= first && count < first + (rule.times ?? Number.POSITIVE_INFINITY)) return rule.fault;
    }
    return undefined;
  }

  function forward(call: ProxiedCall): Promise<{ status: number; headers: IncomingMessage["headers"]; body: string }> {
    return new Promise((resolve, reject) => {
      const { host: _host, connection: _connection, ...headers } = call.headers;
      const outgoing = httpRequest(
        new URL(call.path, upstream),
        { method: call.method, headers, agent: false },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("end", () =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              body: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      outgoing.on("error", reject);
      outgoing.end(call.body);
    });
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, rules, calls };
}
