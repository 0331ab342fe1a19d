import { commandLine, type ApiTarget } from "../core/command-line.ts";
import type { ErrorCode } from "../core/errors.ts";
import { explainRedirect, type Redirect } from "../core/redirect.ts";

/** A fixed text, or a function for a text with a command that must select the same target. */
type Hint = string | ((place: ApiTarget) => string);

const FIX_FIELD = "Correct what the message names and try again.";
const newKeys = (place: ApiTarget) =>
  `Create a new key pair in the Bluum dashboard and run: ${commandLine("login", place)}`;
const checkKeys = (place: ApiTarget) =>
  `Check the key and secret, and that they belong to this environment. To store a new pair, run: ${commandLine("login", place)}`;
const TENANT_KEYS =
  "Webhooks are managed with a key pair of the whole tenant; a pair scoped to an investor is rejected.";

/** What the user can do about each of Bluum's error codes, without their prefix `BLUM-`. */
export const VENDOR_HINTS: Readonly<Record<string, Hint>> = {
  "400-001": FIX_FIELD,
  "400-002": "Give the field that the message names.",
  "400-003": FIX_FIELD,
  "400-004": "Use one of the values that the message lists.",
  "400-005": "Give the amount as a number above 0, in whole cents.",
  "400-006": "Give a quantity above 0 that the asset can be traded in.",
  "400-007": "Make the range of dates begin before it ends.",
  "400-008": "Send less at once.",
  "401-001": checkKeys,
  "401-002": checkKeys,
  "401-003": checkKeys,
  "401-004": (place) => `The key is inactive. ${newKeys(place)}`,
  "401-005": (place) => `The key has expired. ${newKeys(place)}`,
  "403-001": "Use a key pair that may do this.",
  "403-002": "The account must pass identity verification (KYC) first.",
  "403-003": "Ask Bluum for access to production first.",
  "403-004": "The resource is not in a state that allows this.",
  "404-001": "Check the id, and that it belongs to this environment: the sandbox is emptied every night.",
  "404-002": "Check the base URL: it ends in /v1.",
  "404-003": "Check the symbol: Bluum does not know this asset.",
  "409-001": "It exists already: use that one.",
  "409-002": "The idempotency key was used for another request: use a new one.",
  "409-003": "Its state has changed meanwhile: look at it again before retrying.",
  "422-001": (place) => `Deposit money first: ${commandLine("trigger deposit", place)}`,
  "422-002": "Wait until the market opens, or place a limit order that may wait.",
  "422-003": "Choose an asset that can be traded.",
  "422-004": "Sell no more than is held.",
  "422-005": "Withdraw less than the limit.",
  "429-001": "Wait a moment and try again.",
  "500-001": "Try again later; if it stays so, give Bluum's support the request id.",
  "500-017": "A service behind Bluum is down: try again later.",
};

/** What to do if Bluum returned no known code. */
const CODE_HINTS: Partial<Record<ErrorCode, Hint>> = {
  credentials_refused: checkKeys,
  permission_denied: "Use a key pair that may do this.",
  api_not_found: "Check the id and the base URL, which ends in /v1.",
  api_rate_limited: "Wait a moment and try again.",
  api_unavailable: "Try again later; if it stays so, give Bluum's support the request id.",
};

export interface Refusal {
  readonly code: ErrorCode;
  readonly vendorCode: string | undefined;
  readonly path: string;
  /** How long the API asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The redirect's target, already redacted. */
  readonly redirect: Redirect | undefined;
  /** The target of the call. */
  readonly place: ApiTarget;
}

/** The key pair belongs to one server, and following a redirect would send an order to another. */
function redirectHint(redirect: Redirect, path: string, { baseUrl }: ApiTarget): string {
  const explanation = explainRedirect(redirect);
  const whole = redirect.target.replace(/\/+$/, "");
  const base = whole.endsWith(path) ? whole.slice(0, -path.length) : undefined;
  return base === undefined || base === baseUrl
    ? `${explanation}. Check the base URL: it ends in /v1.`
    : `${explanation}. If that is right, make this the base URL: ${base}`;
}

/** The most useful next step for the user. */
export function hintFor({ code, vendorCode, path, retryAfterMs, redirect, place }: Refusal): string | undefined {
  if (redirect !== undefined) return redirectHint(redirect, path, place);
  if (retryAfterMs !== undefined) return `Wait ${Math.ceil(retryAfterMs / 1000)} s, then try again.`;
  const number = vendorCode?.replace(/^BLUM-/, "") ?? "";
  const isAboutKey = number === "403-001" || !Object.hasOwn(VENDOR_HINTS, number);
  if (code === "permission_denied" && isAboutKey && /^\/webhooks\b/.test(path)) return TENANT_KEYS;
  const hint = Object.hasOwn(VENDOR_HINTS, number) ? VENDOR_HINTS[number] : CODE_HINTS[code];
  return typeof hint === "function" ? hint(place) : hint;
}
