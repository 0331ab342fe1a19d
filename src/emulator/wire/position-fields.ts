import { decimal, divide, formatDecimal, formatMoney, multiply, round } from "../decimal.ts";
import type { Position } from "../entities/portfolio.ts";
import type { Json } from "./form.ts";

const HUNDRED = decimal("100");

/** What a position has cost and is worth, in the words of both generations. */
export function profitOf({ quantity, cost, price, value }: Position): Json {
  const profit = value - cost;
  const percent = cost === 0n ? 0n : round(multiply(divide(profit, cost), HUNDRED), 2);
  return {
    average_cost_basis: formatMoney(round(divide(cost, quantity), 4)),
    total_cost_basis: formatMoney(round(cost, 2)),
    current_price: formatMoney(price),
    market_value: formatMoney(value),
    unrealized_pl: formatMoney(round(profit, 2)),
    unrealized_pl_percent: formatDecimal(percent, 2),
  };
}
