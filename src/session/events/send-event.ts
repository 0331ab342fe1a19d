import { randomBytes } from "node:crypto";
import { getProperty, hasProperty, parsePath, setProperty } from "dot-prop";
import type { Owner, Settings } from "../../config/settings.ts";
import { readDelivery, type HeaderPair } from "../../core/delivery.ts";
import { AppError } from "../../core/errors.ts";
import { carriesTime, eventRequest, STALE_MS, type Manner } from "../../core/event-request.ts";
import type { ExchangeOutcome } from "../../core/exchange.ts";
import { genericSample, sampleOf, type Generation } from "../../core/samples.ts";
import type { Scheme } from "../../core/signature.ts";
import { secretMissing } from "../secret-missing.ts";
import { newId, newIdLike } from "../../platform/ids.ts";
import type { Poster } from "../../platform/post.ts";

/** A value for a place in a payload, and the text that it was read from, if it was. */
export type Setting = readonly [path: string, value: unknown, text?: string];

/** An event as somebody asks for it. */
export interface EventWish {
  readonly event: string;
  readonly generation: Generation;
  readonly owner: Owner | undefined;
  /** In place of the sample's `data`; with an `event` and `data` of its own, in place of the whole payload. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** Values to put into the payload, by their paths, such as `data.symbol`. */
  readonly set: readonly Setting[];
  readonly manner: Manner;
  readonly scheme: Scheme;
  readonly header?: string | undefined;
}

/** An event ready to be sent, as often as one likes: each time it is the same delivery. */
export interface EventDelivery {
  /** As the payload has it, which may have been given another than was wished for. */
  readonly event: string;
  /** `data.id`, or null where the payload has none. */
  readonly resourceId: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
}

/** The secret to sign with. Throws `webhook_secret_missing`, unless the manner needs none. */
export function signingSecret(
  settings: Pick<Settings, "environment" | "baseUrl" | "webhookSecrets">,
  manner: Manner,
): string {
  const [secret] = settings.webhookSecrets;
  if (secret !== undefined) return secret;
  if (manner === "unsigned" || manner === "bad-signature") return "";
  throw secretMissing(settings, "sign", " Or send it as it is, with --unsigned.");
}

/** Makes the payload and signs it. Throws `invalid_usage` for a wish that cannot be fulfilled. */
export function prepareEvent(wish: EventWish, { secret, now }: { secret: string; now: number }): EventDelivery {
  if (wish.manner === "stale" && !carriesTime(wish.scheme)) {
    throw new AppError("invalid_usage", `a signature of the scheme ${wish.scheme} has no time, so it is never stale`, {
      hint: "Use --scheme standard-webhooks or --scheme timestamped.",
    });
  }
  const payload = payloadOf(wish, wish.manner === "stale" ? now - STALE_MS : now);
  const wrongSecret = `whsec_${randomBytes(24).toString("base64")}`;
  const request = eventRequest({ ...wish, payload, secret, wrongSecret, eventId: newId("evt"), now });
  const { event, resourceId } = readDelivery("", {
    method: "POST",
    path: "/",
    headers: [],
    body: request.body,
    receivedAt: now,
  });
  return { event: event ?? wish.event, resourceId, payload, ...request };
}

function payloadOf(wish: EventWish, at: number): Record<string, unknown> {
  const { event, generation, owner, data } = wish;
  const ownerId = owner === undefined ? undefined : owner.generation === "current" ? owner.investorId : owner.accountId;
  const options = { now: at, resourceId: newIdLike, ownerId: owner?.generation === generation ? ownerId : undefined };
  const sample = sampleOf(event, generation, options) ?? genericSample(event, generation, options);
  const isWhole = data !== undefined && "event" in data && "data" in data;
  const payload: Record<string, unknown> = structuredClone(
    isWhole ? { ...data, event } : { ...sample, ...(data === undefined ? {} : { data }) },
  );
  for (const setting of wish.set) setAt(payload, setting);
  return payload;
}

/** A list index beyond this would be a list of nothing but holes. */
const LONGEST_INDEX = 4;

/**
 * Puts a value into a payload by its path, and returns it. In place of a text it is a text: decimals are texts in this API,
 * and `2.50` shall not become the number 2.5. Throws `invalid_usage` for what is no path, or leads
 * through a value such as a text.
 */
export function setAt(payload: Record<string, unknown>, [path, value, text]: Setting): unknown {
  const isTooFar = new RegExp(`\\d{${LONGEST_INDEX + 1},}(?=[\\].]|$)`).test(path);
  try {
    const isText =
      typeof getProperty(payload, path) === "string" && (typeof value === "number" || typeof value === "boolean");
    const fitting = isText ? (text ?? String(value)) : value;
    const isSound = !isTooFar && path !== "" && !leadsThroughValue(payload, path);
    if (isSound) setProperty(payload, path, fitting);
    if (isSound && hasProperty(payload, path)) return fitting;
  } catch {
    // Not a path at all; said below.
  }
  throw new AppError("invalid_usage", `${JSON.stringify(path)} is not the path of a value in a payload`, {
    hint: "Give names with dots between them, such as data.symbol or data.legs[0].qty.",
  });
}

/** Whether something on the way is a value that has nothing in it: it would be lost. */
function leadsThroughValue(payload: Record<string, unknown>, path: string): boolean {
  const parts = parsePath(path);
  return parts.slice(1).some((_, at) => {
    const on: unknown = getProperty(payload, parts.slice(0, at + 1));
    return on !== undefined && on !== null && typeof on !== "object";
  });
}

/** Sends the delivery once; a failure is an outcome. */
export function sendEvent(
  poster: Poster,
  delivery: EventDelivery,
  to: { readonly url: string; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ExchangeOutcome> {
  return poster.post({ ...to, headers: delivery.headers, body: delivery.body });
}

/** What an answer must be: a status such as `401`, a class such as `4xx`, `any`, or `not-5xx`. */
export type Expected = string;

/** A wrong signature may be refused, or, by a listener that only watches, be taken; only a crash is never right. */
export function expectedAnswer(manner: Manner): Expected {
  return manner === "signed" ? "2xx" : "not-5xx";
}

/** Whether the endpoint answered, and as it should. */
export function isExpected(outcome: ExchangeOutcome, expected: Expected): boolean {
  if (outcome.kind !== "answered") return false;
  const { status } = outcome;
  if (expected === "any") return true;
  if (expected === "not-5xx") return status < 500;
  return expected.endsWith("xx") ? String(status).startsWith(expected.slice(0, 1)) : String(status) === expected;
}
