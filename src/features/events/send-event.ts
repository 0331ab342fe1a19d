import { randomBytes } from "node:crypto";
import type { Settings } from "../../config/settings.ts";
import type { HeaderPair } from "../../core/delivery.ts";
import { AppError } from "../../core/errors.ts";
import { compactJson, isJsonObject, JsonText, parseJson, stringify } from "../../core/json-text.ts";
import { carriesTime, eventRequest, STALE_MS, type SignatureVariant } from "../../core/event-request.ts";
import type { ExchangeOutcome } from "../../core/exchange.ts";
import { PAYLOAD_FORMS, readEvent, type PayloadForm } from "../../core/payload-form.ts";
import { samplePayload } from "../../core/samples.ts";
import type { Scheme } from "../../core/signature.ts";
import { secretMissing } from "../signing/signing.ts";
import { newId, newIdLike } from "../../platform/ids.ts";
import type { Poster } from "../../platform/post.ts";
import { editPayload, type Setting } from "./edit-payload.ts";
import type { Owner, Generation } from "../../core/id-rules.ts";

/** The event that the user requested. */
export interface EventOptions {
  readonly event: string;
  readonly generation: Generation;
  /** The default is `event`. */
  readonly form?: PayloadForm | undefined;
  readonly owner: Owner | undefined;
  /** A JSON object that replaces the sample's `data`, or the whole payload if it has its own name and `data`. */
  readonly data?: JsonText | undefined;
  /** Values to set in the payload, by their paths, such as `data.symbol`. */
  readonly set: readonly Setting[];
  readonly variant: SignatureVariant;
  readonly scheme: Scheme;
  readonly header?: string | undefined;
}

/** A signed event that can be sent any number of times as the same delivery. */
export interface EventDelivery {
  /** The name in the payload, which may differ from the requested one. */
  readonly event: string;
  /** Null if the payload has none. */
  readonly resourceId: string | null;
  readonly payload: JsonText;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
}

/** The secret to sign with. Throws `webhook_secret_missing`, unless the variant needs none. */
export function signingSecret(
  settings: Pick<Settings, "environment" | "baseUrl" | "webhookSecrets">,
  variant: SignatureVariant,
): string {
  const [secret] = settings.webhookSecrets;
  if (secret !== undefined) return secret;
  if (variant === "unsigned" || variant === "bad-signature") return "";
  throw secretMissing(settings, "sign", " Or send it without a signature: --unsigned.");
}

/** Creates the payload and signs it. Throws `invalid_usage` for an invalid request. */
export function prepareEvent(options: EventOptions, { secret, now }: { secret: string; now: number }): EventDelivery {
  if (options.variant === "stale" && !carriesTime(options.scheme)) {
    throw new AppError(
      "invalid_usage",
      `a signature of the scheme ${options.scheme} has no time, so it cannot be stale`,
      {
        hint: "Use --scheme standard-webhooks or --scheme timestamped.",
      },
    );
  }
  const payload = payloadOf(options, options.variant === "stale" ? now - STALE_MS : now);
  const wrongSecret = `whsec_${randomBytes(24).toString("base64")}`;
  const request = eventRequest({ ...options, payload, secret, wrongSecret, eventId: newId("evt"), now });
  const { name, resource } = readEvent(parseJson(request.body.toString()));
  return { event: name?.text ?? options.event, resourceId: resource?.text ?? null, payload, ...request };
}

function payloadOf(options: EventOptions, at: number): JsonText {
  const { event, generation, form = "event", owner, data, set } = options;
  const ownerId = owner === undefined ? undefined : owner.generation === "current" ? owner.investorId : owner.accountId;
  const nameField = data === undefined ? undefined : nameFieldOf(data);
  const text =
    data !== undefined && nameField !== undefined
      ? editPayload(data.text, [{ path: nameField, json: JSON.stringify(event) }]).text
      : stringify({
          ...samplePayload(
            event,
            { form, generation },
            { now: at, resourceId: newIdLike, ownerId: owner?.generation === generation ? ownerId : undefined },
          ),
          ...(data === undefined ? {} : { data }),
        });
  return new JsonText(compactJson(editPayload(text, set).text));
}

/** The field that names the event in a whole payload, which keeps its form; undefined if it is only the data. */
function nameFieldOf({ text }: JsonText): string | undefined {
  const value = parseJson(text);
  return isJsonObject(value) && "data" in value ? PAYLOAD_FORMS.find((field) => field in value) : undefined;
}

/** Sends the delivery once; a failure is an outcome. */
export function sendEvent(
  poster: Poster,
  delivery: EventDelivery,
  to: { readonly url: string; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ExchangeOutcome> {
  return poster.post({ ...to, headers: delivery.headers, body: delivery.body });
}

/** An expected response: a status such as `401`, a class such as `4xx`, `any`, or `not-5xx`. */
export type Expected = string;

/**
 * An endpoint may refuse a wrong signature, and a listener that only records may accept it; a crash is never correct.
 */
export function expectedAnswer(variant: SignatureVariant): Expected {
  return variant === "signed" ? "2xx" : "not-5xx";
}

/** Whether the endpoint answered as expected. */
export function isExpected(outcome: ExchangeOutcome, expected: Expected): boolean {
  if (outcome.kind !== "answered") return false;
  const { status } = outcome;
  if (expected === "any") return true;
  if (expected === "not-5xx") return status < 500;
  return expected.endsWith("xx") ? String(status).startsWith(expected.slice(0, 1)) : String(status) === expected;
}
