import type { ExchangeOutcome } from "../core/exchange.ts";
import { redirectHint, redirectOf } from "../core/urls.ts";
import type { Clock } from "../platform/clock.ts";
import { createPoster, type Poster } from "../platform/post.ts";
import type { CheckOptions, CheckLimits } from "./check-options.ts";
import type { FirstContact, Kit, Message } from "./check-definition.ts";
import { describeOutcome, fixFor, isSuccess } from "./findings.ts";
import { HARMLESS_EVENT } from "./kit.ts";
import type { Remedies } from "./remedies.ts";
import {
  CSRF_FIX,
  DEFAULT_HEADER,
  findRefusal,
  isCsrfGuard,
  isRefused,
  isRefusedUnsigned,
  RAW_BODY_FIX,
} from "./refusal.ts";

export interface Contacted {
  readonly contact: FirstContact;
  /** A client that reaches the endpoint, if necessary without verifying its certificate. */
  readonly poster: Poster;
}

/**
 * Sends the first request to the endpoint. An endpoint with an invalid certificate is contacted too: the certificate
 * is one finding among others.
 */
export async function makeContact(
  { ca, proxy }: Pick<CheckOptions, "ca" | "proxy">,
  { burst }: Pick<CheckLimits, "burst">,
  kitWith: (poster: Poster) => Kit,
): Promise<Contacted> {
  const trusting = createPoster({ ca, proxy, connections: burst });
  const first = await contactWith(trusting, kitWith);
  if (first.outcome.kind === "answered" || first.outcome.reason !== "tls") return { contact: first, poster: trusting };
  await trusting[Symbol.asyncDispose]();
  const insecure = createPoster({ insecure: true, proxy, connections: burst });
  const second = await contactWith(insecure, kitWith);
  return { contact: { ...second, certificateProblem: first.outcome.message }, poster: insecure };
}

async function contactWith(poster: Poster, kitWith: (poster: Poster) => Kit): Promise<FirstContact> {
  try {
    return await sendFirstRequest(kitWith(poster));
  } catch (error) {
    await poster[Symbol.asyncDispose]();
    throw error;
  }
}

/** Failures that another kind of request cannot avoid. */
const FINAL = new Set(["refused", "unreachable", "tls", "unsendable"]);

/** A handler may crash on a real event; then it gets one that it must refuse. */
async function sendFirstRequest(kit: Kit): Promise<FirstContact> {
  const outcome = await kit.send(kit.event("order.accepted"));
  const first = { outcome, isSigned: true };
  if (outcome.kind === "answered" || FINAL.has(outcome.reason)) return first;
  const second = await kit.send(unsigned(kit));
  return second.kind === "answered" ? { outcome: second, isSigned: false } : first;
}

/** Whether the endpoint may have crashed: the connection broke, or could not be opened. */
export function mayHaveCrashed(outcome: ExchangeOutcome): boolean {
  return outcome.kind === "failed" && (outcome.reason === "broken" || FINAL.has(outcome.reason));
}

/** Whether it answers again within the time that a supervisor needs to restart it. */
export async function comesBack(
  kit: Kit,
  { restartMs, pollMs }: Pick<CheckLimits, "restartMs" | "pollMs">,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  for (const startedAt = performance.now(); ;) {
    if ((await kit.send(unsigned(kit))).kind === "answered") return true;
    if (performance.now() - startedAt >= restartMs) return false;
    await clock.sleep(pollMs, signal);
  }
}

/** A message that no handler acts on. */
function unsigned(kit: Kit): Message {
  return { ...kit.event(HARMLESS_EVENT), signature: { kind: "none" } };
}

/** Requests a path that the app does not route: frameworks answer that in their own words, unlike handlers. */
export function requestElsewhere(kitWith: (changes: Partial<CheckOptions>) => Kit, url: string) {
  const elsewhere = new URL(url);
  elsewhere.pathname = `${elsewhere.pathname.replace(/\/$/, "")}/bluum-hooks-check`;
  const kit = kitWith({ url: elsewhere.href });
  return kit.send(unsigned(kit));
}

/** Why an endpoint does not accept even a valid event: the same response to other events has this cause. */
export interface CommonCause {
  readonly status: number;
  readonly note: string;
  readonly fix: string;
  /** Whether signed and unsigned events get the same refusal, so that no refusal is conclusive. */
  readonly refusesAll: boolean;
}

const MAX_EXCERPT = 300;

/**
 * Undefined if the first event was accepted, or if its response is not conclusive for other events. `kitWith` creates a
 * kit for changed options, to send further events if the first was refused.
 */
export async function commonCauseOf(
  { outcome, isSigned }: FirstContact,
  options: CheckOptions,
  limits: Pick<CheckLimits, "quickMs">,
  kitWith: (changes?: Partial<CheckOptions>) => Kit,
  remedies: Pick<Remedies, "for">,
): Promise<CommonCause | undefined> {
  if (outcome.kind === "failed" || isSuccess(outcome)) return undefined;
  const { status } = outcome;
  const got = describeOutcome(outcome, MAX_EXCERPT);
  const cause = (what: string, fix: string, why = "") => ({
    status,
    note: `${what} (${got})${why}. ${fix}`,
    fix,
    refusesAll: false,
  });
  const redirect = redirectOf(options.url, outcome);
  const fix =
    redirect === undefined
      ? fixFor(outcome)
      : redirectHint(redirect, "register the target URL, or answer at this one.");
  if (fix !== undefined) {
    return cause(status < 400 ? "The endpoint redirects" : "The endpoint does not accept events at this URL", fix);
  }
  if (status >= 500) {
    return cause("The endpoint answers with a server error", "Check the app's log for the error.");
  }
  if (isCsrfGuard(outcome)) {
    const csrfFix = (await remedies.for("csrf")) ?? CSRF_FIX;
    return { ...cause("A CSRF guard refuses every delivery", csrfFix), refusesAll: true };
  }
  // A correct endpoint refuses a request without a valid signature.
  if (!isSigned || options.secret === undefined) return undefined;
  if (!isRefused(outcome) || !(await isRefusedUnsigned(kitWith(), outcome))) {
    return cause("A correctly signed event was refused", "Check the app's response and log for the reason.");
  }
  const refusal = await findRefusal(kitWith, options, status, limits.quickMs);
  const what = "The handler refuses everything: correctly signed events and unsigned ones get the same response";
  if (refusal === undefined) {
    const rawBodyFix = (await remedies.for("rawBody")) ?? RAW_BODY_FIX;
    const guardFix = GUARDED.has(status) ? ` ${MAY_BE_GUARD} ${(await remedies.for("csrf")) ?? CSRF_FIX}` : "";
    return { ...cause(what, `${possibleReasons(options)} ${rawBodyFix}${guardFix}`), refusesAll: true };
  }
  const ownFix = refusal.topic === undefined ? undefined : await remedies.for(refusal.topic);
  return { ...cause(what, ownFix ?? refusal.fix, `, because ${refusal.reason}`), refusesAll: true };
}

/** Statuses of CSRF guards that do not say what they are: 422 is that of Rails, 403 that of others. */
const GUARDED: ReadonlySet<number> = new Set([403, 422]);
const MAY_BE_GUARD = "Or a CSRF guard refuses every delivery.";

function possibleReasons({ scheme, signatureHeader = DEFAULT_HEADER }: CheckOptions): string {
  const header = scheme === "standard-webhooks" ? "webhook-signature" : signatureHeader;
  return `Check that BLUUM_WEBHOOK_SECRET is the endpoint's secret, and that the endpoint expects the scheme ${scheme} in the header ${header}: see --scheme and --signature-header. Otherwise the handler may not verify the raw body.`;
}
