/**
 * Why a text is not a valid amount or quantity, as a rule for `invalidValue`: a decimal above 0, without sign or
 * exponent.
 */
export function decimalRule(text: string, maxFractionDigits = 9): string | undefined {
  const digits = /^\d{1,15}(?:\.(\d+))?$/.exec(text);
  if (digits === null || !/[1-9]/.test(text)) return "must be a positive decimal";
  return (digits[1] ?? "").length > maxFractionDigits ? `must have at most ${maxFractionDigits} decimals` : undefined;
}
