import { decimalRule } from "../core/decimal-rule.ts";
import { AppError } from "../core/errors.ts";
import { invalidValue } from "../core/invalid-value.ts";

/** A request that moves money, ready to be sent, shown, or printed as a command. */
export interface ApiRequest {
  readonly method: "POST";
  /** Below the base URL: `/investors/inv_1/orders`. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
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
