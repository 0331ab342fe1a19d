import { Agent, request } from "undici";

/** What a host said to one HEAD request, or why it said nothing. */
export type ProbeAnswer =
  | { readonly kind: "answered"; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: "failed"; readonly reason: string };

const TIMEOUT_MS = 4_000;

/** By the system's code, what stands in the way of a connection. */
const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: "its name does not resolve",
  EAI_AGAIN: "its name could not be looked up",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was reset",
  EHOSTUNREACH: "there is no route to it",
  ENETUNREACH: "there is no network",
};

/** Asks a host for nothing but its headers, so that nothing happens there. Rejects only with the signal's reason. */
export async function probe(url: URL, signal: AbortSignal): Promise<ProbeAnswer> {
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  const dispatcher = new Agent();
  try {
    const response = await request(url, {
      method: "HEAD",
      headers: { "ngrok-skip-browser-warning": "1", "user-agent": "bluum-hooks doctor" },
      signal: AbortSignal.any([signal, deadline]),
      dispatcher,
    });
    await response.body.dump();
    const headers = Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(", ")] as const);
    return { kind: "answered", status: response.statusCode, headers: Object.fromEntries(headers) };
  } catch (error) {
    signal.throwIfAborted();
    return {
      kind: "failed",
      reason: deadline.aborted ? `it did not answer in ${TIMEOUT_MS / 1000} s` : reasonOf(error),
    };
  } finally {
    await dispatcher.destroy();
  }
}

/** With several addresses for one name the codes stand one level deeper. */
function reasonOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError && !("code" in error) ? error.errors[0] : error;
  const code = typeof first === "object" && first !== null && "code" in first ? String(first.code) : "";
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/.test(code)) return `its certificate does not hold (${code})`;
  return REASONS[code] ?? (first instanceof Error ? first.message : String(first));
}
