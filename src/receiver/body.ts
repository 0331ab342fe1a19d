import type { IncomingMessage } from "node:http";

export type BodyOutcome =
  { readonly kind: "complete"; readonly bytes: Buffer } | { readonly kind: "too-large" } | { readonly kind: "aborted" };

/** Reads a request's body up to a limit. Stops at the limit without having read on; never rejects. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<BodyOutcome> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > maxBytes) return Promise.resolve({ kind: "too-large" });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (outcome: BodyOutcome) => {
      request.off("data", onData);
      resolve(outcome);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        request.pause();
        settle({ kind: "too-large" });
      } else chunks.push(chunk);
    };
    request.on("data", onData);
    request.once("end", () => {
      const [only] = chunks;
      settle({ kind: "complete", bytes: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks) });
    });
    request.once("error", () => settle({ kind: "aborted" }));
    request.once("close", () => settle({ kind: "aborted" }));
  });
}
