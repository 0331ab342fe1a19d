import { connect } from "node:net";

/** Sends bytes unchanged, in pieces, and reads until the other side closes or has answered as often as expected. */
export function exchange(port: number, pieces: readonly (string | Buffer)[], answers = 1): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let received = "";
    const statuses = () => [...received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
    const finish = () => {
      socket.destroy();
      resolve(statuses());
    };
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      received += text;
      if (statuses().filter((status) => status !== 100).length >= answers) finish();
    });
    socket.on("end", finish);
    socket.on("close", finish);
    socket.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" || error.code === "EPIPE" ? finish() : reject(error),
    );
    socket.on("connect", () => {
      for (const piece of pieces) socket.write(piece);
    });
  });
}

/** A request as bytes. */
export function post(
  body: string | Buffer,
  headers: readonly string[] = [],
  start = "POST /webhooks/bluum HTTP/1.1",
): Buffer {
  const bytes = Buffer.from(body);
  const head = [start, "Host: x", ...headers, `Content-Length: ${bytes.length}`];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), bytes]);
}
