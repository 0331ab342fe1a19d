import { commandLine, type ApiTarget } from "../core/command-line.ts";
import type { ErrorCode } from "../core/errors.ts";
import { explainRedirect, type Redirect } from "../core/urls.ts";

/** A fixed text, or a function for a text with a command that must select the same target. */
type Hint = string | ((place: ApiTarget) => string);

const FIX_FIELD = "Correct what the message names and try again.";
const newKeys = (place: ApiTarget) =>
  `Create a new key pair in the Bluum dashboard and run: ${commandLine("login", place)}`;
const checkKeys = (place: ApiTarget) =>
  `Check the key and secret, and that they belong to this environment. To store a new pair, run: ${commandLine("login", place)}`;
const TENANT_KEYS = "Use a key pair of the whole tenant: one that is scoped to an investor cannot manage webhooks.";

/** What the user can do about each of Bluum's error codes, without their prefix `BLUM-`. */
export const VENDOR_HINTS: Readonly<Record<string, Hint>> = {
  "400-001": FIX_FIELD,
  "400-002": "Add the field that the message names.",
  "400-003": FIX_FIELD,
  "400-004": "Use one of the values that the message lists.",
  "400-005": "Use an amount above 0, in whole cents.",
  "400-006": "Use a quantity above 0 that is valid for the asset.",
  "400-007": "Use a start date before the end date.",
  "400-008": "Send a smaller request.",
  "401-001": checkKeys,
  "401-002": checkKeys,
  "401-003": checkKeys,
  "401-004": (place) => `Replace the inactive key pair. ${newKeys(place)}`,
  "401-005": (place) => `Replace the expired key pair. ${newKeys(place)}`,
  "403-001": "Use a key pair with permission for this request.",
  "403-002": "Complete the account's identity verification (KYC) first.",
  "403-003": "Ask Bluum for access to production first.",
  "403-004": "Check the state of the resource: it does not allow this.",
  PRODUCT_NOT_ENABLED: "Ask Bluum to enable this product for your account.",
  "404-001": "Check the ID and the environment: the sandbox is reset every night.",
  "404-002": "Check the base URL: it ends in /v1.",
  "404-003": "Check the symbol: Bluum does not know this asset.",
  "409-001": "Use the existing one.",
  "409-002": "Use a new idempotency key: this one was used for another request.",
  "409-003": "Check its current state before you retry: it has changed.",
  "422-001": (place) => `Deposit money first: ${commandLine("trigger deposit", place)}`,
  "422-002": "Wait until the market opens, or place a limit order.",
  "422-003": "Choose an asset that can be traded.",
  "422-004": "Sell no more than the position.",
  "422-005": "Withdraw less than the limit.",
  "429-001": "Wait a moment and try again.",
  "500-001": "Try again later. If it fails again, send the request ID to Bluum's support.",
  "500-017": "Try again later: a service that Bluum depends on is down.",
};

/** What to do if Bluum returned no known code. */
const CODE_HINTS: Partial<Record<ErrorCode, Hint>> = {
  credentials_refused: checkKeys,
  permission_denied: "Use a key pair with permission for this request.",
  api_not_found: "Check the ID and the base URL, which ends in /v1.",
  api_rate_limited: "Wait a moment and try again.",
  api_unavailable: "Try again later. If it fails again, send the request ID to Bluum's support.",
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
    : `${explanation}. If that is correct, use the base URL ${base}`;
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
