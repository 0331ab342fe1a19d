import { lookup } from "node:dns/promises";
import { LinkedAbort, orAborted } from "./abort.ts";

export type Lookup =
  | { readonly kind: "found"; readonly addresses: readonly string[] }
  | { readonly kind: "unknown"; readonly reason: string };

const TIMEOUT_MS = 10_000;

/** All addresses of a host, as connections from this machine would resolve it. Rejects only when aborted. */
export async function lookUp(host: string, signal: AbortSignal): Promise<Lookup> {
  signal.throwIfAborted();
  using deadline = new LinkedAbort(signal, TIMEOUT_MS);
  try {
    const found = await orAborted(lookup(host, { all: true }), deadline.signal);
    return { kind: "found", addresses: found.map(({ address }) => address) };
  } catch (error) {
    signal.throwIfAborted();
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOTFOUND" || code === "ENODATA")
      return { kind: "unknown", reason: "DNS lookup failed: unknown host" };
    return { kind: "unknown", reason: `DNS lookup failed (${deadline.isTimedOut ? "no answer" : code})` };
  }
}
