import { SCHEMES, type Scheme } from "../core/signature.ts";
import type { ExchangeOutcome } from "../core/exchange.ts";
import { sourceText, type Answered } from "../platform/answer-text.ts";
import type { CheckEvent, Kit, Signature } from "./check-definition.ts";
import type { CheckOptions } from "./check-options.ts";
import type { RemedyTopic } from "./frameworks/framework.ts";
import { isSuccess } from "./findings.ts";

/** Why a handler refuses correctly signed events, in a clause, and the remedy. */
export interface Refusal {
  readonly reason: string;
  readonly fix: string;
  /** The subject of the fix, if frameworks need different ones. */
  readonly topic?: RemedyTopic;
}

/** Statuses with which handlers and frameworks refuse a request that is not authenticated. */
const REFUSED = new Set([400, 401, 403, 422]);

export function isRefused({ status }: Answered): boolean {
  return REFUSED.has(status);
}

const CSRF = /[cx]srf|cross[- ]site request forgery|anti-?forgery|authenticity ?token/i;
/** Laravel answers 419 to a request without a token. */
const PAGE_EXPIRED = 419;

/** Whether a guard against cross-site request forgery gave this response, which every delivery would get. */
export function isCsrfGuard(answer: Answered): boolean {
  const { status } = answer;
  if (status === PAGE_EXPIRED) return true;
  return isRefused(answer) && CSRF.test(sourceText(answer));
}

export const CSRF_FIX = "Exempt the webhook's path from it: the signature replaces the token.";

export const RAW_BODY_FIX =
  "Verify before parsing, over the bytes of the body as received, never over re-serialized JSON.";

interface Probe extends Refusal {
  readonly changes?: Partial<CheckOptions>;
  readonly signatureOf?: (event: CheckEvent) => Signature;
}

/**
 * Finds the reason by signing events in the way that common mistakes in handlers would require: an accepted event
 * identifies the mistake. Undefined if all get `refusedStatus`, or `maxMs` have passed. `kitWith` creates a kit for
 * changed options.
 */
export async function findRefusal(
  kitWith: (changes?: Partial<CheckOptions>) => Kit,
  options: CheckOptions,
  refusedStatus: number,
  maxMs: number,
): Promise<Refusal | undefined> {
  const startedAt = performance.now();
  const events = kitWith();
  for (const { changes, signatureOf, ...refusal } of probesFor(options)) {
    if (performance.now() - startedAt >= maxMs) return undefined;
    const event = events.event("order.accepted");
    const signature = signatureOf === undefined ? {} : { signature: signatureOf(event) };
    const outcome = await kitWith(changes).send({ ...event, ...signature });
    // A body that the handler has lost cannot be parsed once its signature is accepted.
    const isParserError = signatureOf !== undefined && isUnparsed(outcome, refusedStatus);
    if (isSuccess(outcome) || isParserError) return refusal;
  }
  return undefined;
}

function isUnparsed(outcome: ExchangeOutcome, refusedStatus: number): boolean {
  if (outcome.kind === "failed" || outcome.status === refusedStatus) return false;
  return [400, 422, 500].includes(outcome.status);
}

/** Whether an unsigned event gets the same status. */
export async function isRefusedUnsigned(kit: Kit, signed: Answered): Promise<boolean> {
  const outcome: ExchangeOutcome = await kit.send({ ...kit.event("order.accepted"), signature: { kind: "none" } });
  return outcome.kind === "answered" && outcome.status === signed.status;
}

function probesFor(options: CheckOptions): Probe[] {
  return [...bodyProbes(), ...secretProbes(options), ...schemeProbes(options)];
}

/** Bytes that handlers verify instead of the raw body: the re-serialized body, or a body that was never read. */
const NOT_RAW: readonly (readonly [what: string, written: (event: CheckEvent) => string])[] = [
  ["an empty body", () => ""],
  ['the text "undefined"', () => "undefined"],
  ['the text "[object Object]"', () => "[object Object]"],
  ['the text "{}"', () => "{}"],
  ["the JSON re-serialized with spaces, as Python does", ({ payload }) => spacedJson(payload)],
  ["the JSON re-serialized with sorted keys, as Go does", ({ payload }) => JSON.stringify(sortedKeys(payload))],
  [
    "the JSON re-serialized with spaces and sorted keys, as Flask does",
    ({ payload }) => spacedJson(sortedKeys(payload)),
  ],
];

function bodyProbes(): Probe[] {
  return NOT_RAW.map(([what, written]) => ({
    reason: `it does not verify the raw body, but ${what}`,
    fix: RAW_BODY_FIX,
    topic: "rawBody",
    signatureOf: (event) => ({ kind: "of", body: Buffer.from(written(event)) }),
  }));
}

/** Only Standard Webhooks decodes the secret. */
function secretProbes({ scheme, secret = "" }: CheckOptions): Probe[] {
  if (scheme !== "standard-webhooks" || !secret.startsWith("whsec_")) return [];
  const asKey = (text: string) => ({ secret: `whsec_${Buffer.from(text).toString("base64")}` });
  return [secret, secret.slice("whsec_".length)].map((text) => ({
    reason: "it uses the text of the secret as the key",
    fix: "Decode the text after whsec_ from base64: these bytes are the key.",
    changes: asKey(text),
  }));
}

function schemeProbes({ scheme, signatureHeader }: CheckOptions): Probe[] {
  const probe = (other: Scheme, header: string): Probe => {
    const isStandard = other === "standard-webhooks";
    const flags = isStandard ? "--scheme standard-webhooks" : `--scheme ${other} --signature-header ${header}`;
    return {
      reason: `it expects the scheme ${other} in the header ${isStandard ? "webhook-signature" : header}`,
      fix: `If Bluum signs your deliveries that way, run check with ${flags}. Otherwise verify the scheme ${scheme}.`,
      changes: { scheme: other, signatureHeader: isStandard ? undefined : header },
    };
  };
  const header = signatureHeader ?? DEFAULT_HEADER;
  return [
    ...(header === DEFAULT_HEADER || scheme === "standard-webhooks" ? [] : [probe(scheme, DEFAULT_HEADER)]),
    ...SCHEMES.filter((other) => other !== scheme).map((other) => probe(other, header)),
  ];
}

/** The header of the schemes with a single one; the options may set another. */
export const DEFAULT_HEADER = "x-bluum-signature";

/** The format of Python's `json.dumps`. */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)}: ${spacedJson(each)}`)
    .join(", ")}}`;
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== "object" || value === null) return value;
  const pairs = Object.entries(value).map(([key, each]) => [key, sortedKeys(each)] as const);
  return Object.fromEntries(pairs.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
