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
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        request.pause();
        request.off("data", onData);
        resolve({ kind: "too-large" });
      } else chunks.push(chunk);
    };
    request.on("data", onData);
    // The first of these decides; what comes after it is of no account.
    request.on("end", () => {
      const [only] = chunks;
      resolve({ kind: "complete", bytes: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks) });
    });
    request.on("error", () => resolve({ kind: "aborted" }));
    request.on("close", () => resolve({ kind: "aborted" }));
  });
}
