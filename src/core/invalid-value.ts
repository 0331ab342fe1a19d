import { AppError, type ErrorCode } from "./errors.ts";
import { withoutCredentials } from "./urls.ts";

const SHOWN_CHARS = 60;

/**
 * The error for a value with a wrong format, worded the same way in every command: `invalid --amount "abc": must be a
 * positive decimal`. The name is that of the flag, argument, variable or setting; the rule begins with "must".
 */
export function invalidValue(
  name: string,
  value: string,
  rule: string,
  { code = "invalid_usage", hint }: { readonly code?: ErrorCode; readonly hint?: string | undefined } = {},
): AppError {
  return new AppError(code, `invalid ${name} ${shown(value)}: ${rule}`, { hint });
}

/** Quotes the user's text: shortened if it is long, and without the password of a URL in it. */
function shown(value: string): string {
  const text = withoutCredentials(value);
  return JSON.stringify(text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text);
}

/** Why a text is not a valid amount or quantity, as a rule for `invalidValue`: a decimal above 0, without exponent. */
export function decimalRule(text: string, maxFractionDigits = 9): string | undefined {
  const digits = /^\d{1,15}(?:\.(\d+))?$/.exec(text);
  if (digits === null || !/[1-9]/.test(text)) return "must be a positive decimal";
  return (digits[1] ?? "").length > maxFractionDigits ? `must have at most ${maxFractionDigits} decimals` : undefined;
}
