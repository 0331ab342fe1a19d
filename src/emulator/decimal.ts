/** An exact decimal: a whole number of billionths. Money and quantities are never converted to floating point. */
export type Decimal = bigint;

const FRACTION_DIGITS = 9;
const ONE = 10n ** BigInt(FRACTION_DIGITS);
const DECIMAL = /^(\d{1,12})(?:\.(\d{1,9}))?$/;

export const ZERO: Decimal = 0n;

/** Reads plain digits such as `178.50`; undefined for a sign, an exponent, or more than `maxFractionDigits`. */
export function parseDecimal(text: string, maxFractionDigits = FRACTION_DIGITS): Decimal | undefined {
  const [, whole, fraction = ""] = DECIMAL.exec(text) ?? [];
  if (whole === undefined || fraction.length > maxFractionDigits) return undefined;
  return BigInt(whole) * ONE + BigInt(fraction.padEnd(FRACTION_DIGITS, "0"));
}

/** A decimal known to be valid, such as a constant. */
export function decimal(text: string): Decimal {
  const value = parseDecimal(text);
  if (value === undefined) throw new RangeError(`not a decimal: ${text}`);
  return value;
}

/** Plain digits without trailing zeros, but with at least `minFractionDigits` decimals. */
export function formatDecimal(value: Decimal, minFractionDigits = 0): string {
  const sign = value < 0n ? "-" : "";
  const digits = String(value < 0n ? -value : value).padStart(FRACTION_DIGITS + 1, "0");
  const fraction = digits.slice(-FRACTION_DIGITS).replace(/0+$/, "").padEnd(minFractionDigits, "0");
  return `${sign}${digits.slice(0, -FRACTION_DIGITS)}${fraction === "" ? "" : `.${fraction}`}`;
}

export function formatMoney(value: Decimal): string {
  return formatDecimal(value, 2);
}

/** The product, truncated after nine decimals. */
export function multiply(a: Decimal, b: Decimal): Decimal {
  return (a * b) / ONE;
}

/** The quotient, truncated after nine decimals. */
export function divide(a: Decimal, b: Decimal): Decimal {
  return (a * ONE) / b;
}

/** Rounds to this number of decimals; halves are rounded up. */
export function round(value: Decimal, fractionDigits: number): Decimal {
  const step = 10n ** BigInt(FRACTION_DIGITS - fractionDigits);
  return ((value + step / 2n) / step) * step;
}

/** The cost of `quantity` at `price`, in whole cents. */
export function costOf(quantity: Decimal, price: Decimal): Decimal {
  return round(multiply(quantity, price), 2);
}
