import { AppError } from "../core/errors.ts";
import { invalidValue, decimalRule } from "../core/invalid-value.ts";
import { accountRule, investorRule, type Owner } from "../core/id-rules.ts";
import { quoted } from "../core/command-line.ts";

/** A request that moves money, ready to be sent, shown, or printed as a command. */
export interface ApiRequest {
  readonly method: "POST";
  /** Below the base URL: `/investors/inv_1/orders`. */
  readonly path: string;
  /** Absent if the API documents none. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Makes it safe to send the request again: the API answers a repetition with the first response. */
  readonly idempotencyKey: string;
}

/** Resolves a path below a base URL. Throws `invalid_url` for an invalid base URL. */
export function resolveUrl(baseUrl: string, path: string): string {
  if (!URL.canParse(baseUrl)) throw badBaseUrl("is not a URL");
  const url = new URL(baseUrl);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw badBaseUrl("must begin with https:// or http://");
  if (url.username !== "" || url.password !== "") throw badBaseUrl("must not contain credentials");
  if (url.search !== "" || url.hash !== "") throw badBaseUrl("must not contain a query or a fragment");
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}${path}`;
}

function badBaseUrl(reason: string): AppError {
  return new AppError("invalid_url", `the base URL of the API ${reason}`);
}

/** Throws `invalid_usage` for a key that a header cannot carry. */
export function checkIdempotencyKey(key: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new AppError("invalid_usage", "an idempotency key must be 1 to 255 visible ASCII characters", {
    hint: "Use letters, digits and dashes.",
  });
}

/** A decimal above 0, as the string that the API wants. Throws `invalid_usage` naming the flag. */
export function decimal(flag: string, value: string, maxFractionDigits?: number): string {
  const rule = decimalRule(value, maxFractionDigits);
  if (rule === undefined) return value;
  throw invalidValue(flag, value, rule, { hint: `Use a number such as ${flag} 1.5.` });
}

/** One of a closed list of values. Throws `invalid_usage` naming the flag and the list. */
export function oneOf<Word extends string>(flag: string, value: string, words: readonly Word[]): Word {
  const word = words.find((each) => each === value);
  if (word !== undefined) return word;
  throw invalidValue(flag, value, `must be ${words.length === 1 ? "" : "one of "}${words.join(", ")}`);
}

/** The owner's id as part of a path. Throws `invalid_usage` for an id that the generation is known to reject. */
export function ownerSegment(owner: Owner): string {
  if (owner.generation === "legacy") {
    const rule = accountRule(owner.accountId);
    if (rule === undefined) return owner.accountId;
    throw invalidValue("--account", owner.accountId, rule);
  }
  const rule = investorRule(owner.investorId);
  if (rule === undefined) return owner.investorId;
  throw invalidValue("--investor", owner.investorId, rule);
}

/** An id as one segment of a path. Throws `invalid_usage` for one that would change the path. */
export function pathSegment(flag: string, id: string): string {
  if (id.trim() === "" || id === "." || id === "..") {
    throw invalidValue(flag, id, "must be an ID");
  }
  return encodeURIComponent(id);
}

/** The curl command equivalent to the request, with the credentials as shell variables. */
export function toCurl(request: ApiRequest, { baseUrl }: { readonly baseUrl: string }): string {
  return [
    `curl -X ${request.method} ${quoted(resolveUrl(baseUrl, request.path))}`,
    `-u "$BLUUM_API_KEY:$BLUUM_API_SECRET"`,
    `-H ${quoted(`Idempotency-Key: ${request.idempotencyKey}`)}`,
    ...(request.body === undefined
      ? []
      : [`-H 'Content-Type: application/json'`, `--data-raw ${quoted(JSON.stringify(request.body))}`]),
  ].join(" \\\n  ");
}
