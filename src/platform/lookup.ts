import { lookup } from "node:dns/promises";

/** What a look-up of a host's name led to. */
export type Lookup =
  | { readonly kind: "found"; readonly addresses: readonly string[] }
  | { readonly kind: "unknown"; readonly reason: string };

const LIMIT_MS = 10_000;

/** All addresses of a host, as connections from this machine would find them. Rejects only when aborted. */
export async function lookUp(host: string, signal: AbortSignal): Promise<Lookup> {
  signal.throwIfAborted();
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  const late = new Promise<never>((_resolve, reject) => {
    deadline.addEventListener("abort", () => reject(deadline.reason as Error), { once: true });
  });
  try {
    const found = await Promise.race([lookup(host, { all: true }), late]);
    return { kind: "found", addresses: found.map(({ address }) => address) };
  } catch (error) {
    signal.throwIfAborted();
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOTFOUND" || code === "ENODATA") return { kind: "unknown", reason: "nobody knows this name" };
    return { kind: "unknown", reason: `the look-up of its name failed (${deadline.aborted ? "no answer" : code})` };
  }
}
