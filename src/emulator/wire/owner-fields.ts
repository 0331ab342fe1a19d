import { type Decimal, formatMoney, ZERO } from "../decimal.ts";

/** An amount whose zero is published without decimals. */
export function plainZero(value: Decimal): string {
  return value === ZERO ? "0" : formatMoney(value);
}
