import { randomBytes } from "node:crypto";
import { AppError } from "../core/errors.ts";
import type { Clock } from "../platform/clock.ts";

/** Whoever answers one GET with a nonce when asked for it. */
interface NonceHost {
  expectNonce(nonce: string): { readonly path: string; forget(): void };
}

const ATTEMPTS = 3;
const ATTEMPT_TIMEOUT_MS = 5_000;
const PAUSE_MS = 500;

/**
 * Sends a one-time nonce out through the public URL and waits for it to come in here. Throws `public_url_unreachable`,
 * which tells a URL that does not answer from one that leads somewhere else.
 */
export async function proveReachable(
  publicOrigin: string,
  host: NonceHost,
  effects: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const nonce = randomBytes(16).toString("hex");
  const expected = host.expectNonce(nonce);
  try {
    let problem = "";
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const outcome = await probe(new URL(expected.path, publicOrigin), nonce, effects.signal);
      if (outcome === "ours") return;
      problem = outcome;
      if (attempt < ATTEMPTS) await effects.clock.sleep(PAUSE_MS, effects.signal);
    }
    throw new AppError("public_url_unreachable", `${publicOrigin} does not lead to this listener: ${problem}`, {
      hint: "Point the tunnel at the local URL shown above, or pass --no-self-test if this network cannot reach its own public URLs.",
    });
  } finally {
    expected.forget();
  }
}

/** Whether the public URL leads here right now: one nonce, one request, no exception. */
export async function leadsHere(publicOrigin: string, host: NonceHost, signal: AbortSignal): Promise<boolean> {
  const nonce = randomBytes(16).toString("hex");
  const expected = host.expectNonce(nonce);
  try {
    return (await probe(new URL(expected.path, publicOrigin), nonce, signal)) === "ours";
  } catch {
    return false;
  } finally {
    expected.forget();
  }
}

async function probe(url: URL, nonce: string, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(url, {
      redirect: "manual",
      headers: { "ngrok-skip-browser-warning": "1" },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)]),
    });
    const body = (await response.text()).slice(0, 200);
    if (response.status === 200 && body === nonce) return "ours";
    return `it answered ${response.status}, so the URL is up but leads elsewhere`;
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return `no answer (${cause instanceof Error ? cause.message : String(cause)})`;
  }
}
