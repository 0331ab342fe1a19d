import { AppError } from "../core/errors.ts";
import type { ExchangeOutcome } from "../core/exchange.ts";
import type { Proxy } from "../core/proxy.ts";
import type { Arrival, SelfTestHost } from "../core/self-test.ts";
import type { Clock } from "../platform/clock.ts";
import { explainFailure, type Tested } from "./self-test-failure.ts";

export interface SelfTest {
  /** The exact URL that a webhook will have. */
  readonly url: string;
  readonly host: SelfTestHost;
  /** The HTTP proxy from the environment for this URL. */
  readonly proxy: Proxy | undefined;
}

/** A URL that may not be reachable yet. */
interface Fresh {
  /** How long it may take until requests arrive. Default: no longer than three attempts. */
  readonly settleMs?: number;
  /** What to do if it is not the right URL; absent if it is known to be. */
  readonly urlHint?: string | undefined;
}

const ATTEMPTS = 3;
const ATTEMPT_TIMEOUT_MS = 10_000;
const PAUSE_MS = 500;
/** Between attempts after the first three. */
const SETTLING_PAUSE_MS = 2_000;
/** More than any event that Bluum documents needs. A proxy with a lower limit would lose deliveries. */
const PROBE_BYTES = 64 * 1024;
/** For the routine checks every few minutes. */
const SMALL_PROBE_BYTES = 0;

/**
 * Sends a request like a delivery to the public URL, and checks that it is received here and answered from here.
 * Throws `public_url_unreachable`, which names the obstacle and a remedy.
 */
export async function proveReachable(
  test: SelfTest & Tested & Fresh,
  effects: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const { settleMs = 0 } = test;
  const startedAt = effects.clock.now();
  for (let attempt = 1; ; attempt += 1) {
    const { isProven, outcome, arrival } = await probe(test, Math.min(PROBE_BYTES, test.maxBodyBytes), effects.signal);
    effects.signal.throwIfAborted();
    if (isProven) return;
    const isSettling = effects.clock.now() - startedAt < settleMs;
    const isTimeout = outcome.kind === "failed" && outcome.reason === "timeout";
    const isLast = attempt >= ATTEMPTS || isTimeout;
    if (arrival !== undefined || (isLast && !isSettling)) throw unreachable(test, outcome, arrival);
    await effects.clock.sleep(attempt < ATTEMPTS ? PAUSE_MS : SETTLING_PAUSE_MS, effects.signal);
  }
}

/** Whether the public URL leads here now: one small request, no exception. */
export async function leadsHere(test: SelfTest, signal: AbortSignal): Promise<boolean> {
  return (await probe(test, SMALL_PROBE_BYTES, signal)).isProven;
}

interface ProbeEnd {
  readonly isProven: boolean;
  readonly outcome: ExchangeOutcome;
  readonly arrival: Arrival | undefined;
}

async function probe({ url, host, proxy }: SelfTest, bytes: number, signal: AbortSignal): Promise<ProbeEnd> {
  const expected = host.expectProbe(bytes);
  // Loading the HTTP client takes time, and help texts do not need it.
  const { createPoster } = await import("../platform/post.ts");
  await using poster = createPoster({ proxy });
  try {
    const outcome = await poster.post({
      url,
      headers: [...expected.headers, ["User-Agent", "bluum-hooks"], ["ngrok-skip-browser-warning", "1"]],
      body: expected.body,
      timeoutMs: ATTEMPT_TIMEOUT_MS,
      signal,
    });
    const isProven =
      outcome.kind === "answered" && outcome.status === 200 && outcome.body.toString("latin1") === expected.answer;
    return { isProven, outcome, arrival: expected.arrival() };
  } finally {
    expected.forget();
  }
}

function unreachable(test: Tested & Fresh, outcome: ExchangeOutcome, arrival: Arrival | undefined): AppError {
  const { origin, pathname } = new URL(test.url);
  const { problem, hint } = explainFailure(outcome, arrival, test);
  // A query may contain a secret.
  return new AppError("public_url_unreachable", `${origin}${pathname} does not lead to this listener: ${problem}`, {
    hint: test.urlHint !== undefined && arrival === undefined ? `${test.urlHint} Otherwise: ${hint}` : hint,
    // If the request was received here, the status only shows a consequence.
    status: outcome.kind === "answered" && arrival === undefined ? outcome.status : undefined,
  });
}
