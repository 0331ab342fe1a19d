import * as v from "valibot";
import { CURRENCIES } from "../../core/currencies.ts";
import type { Generation } from "../../core/id-rules.ts";
import { ORDER_TYPES, type OrderRequest, SIDES, TIMES_IN_FORCE } from "../entities/order-entity.ts";
import { Refusal } from "../refusal.ts";
import { decimalField, metadataField, optionalField, parseBody, textField } from "./body-fields.ts";

const moneyField = decimalField("400-005", 2);
const priceField = decimalField("400-005", 4);
const quantity = decimalField("400-006", 9);

/** Without the current generation's values for the market's opening and closing auctions. */
const LEGACY_TIMES_IN_FORCE = TIMES_IN_FORCE.filter((time) => time !== "opg" && time !== "cls");

const shared = {
  symbol: textField(16),
  side: v.picklist(SIDES),
  type: v.picklist(ORDER_TYPES),
};

const optional = {
  notional: optionalField(moneyField),
  limit_price: optionalField(priceField),
  stop_price: optionalField(priceField),
  trail_price: optionalField(priceField),
  trail_percent: optionalField(priceField),
  client_order_id: optionalField(textField(128)),
  extended_hours: optionalField(v.boolean("400-003 must be true or false")),
  commission: optionalField(v.string("400-003 must be a decimal in a string")),
  commission_type: optionalField(textField(32)),
  metadata: metadataField,
};

const legacyBody = v.object({
  ...shared,
  time_in_force: v.picklist(LEGACY_TIMES_IN_FORCE),
  qty: optionalField(quantity),
  ...optional,
});

const currentBody = v.object({
  ...shared,
  time_in_force: v.picklist(TIMES_IN_FORCE),
  quantity: optionalField(quantity),
  ...optional,
  wallet_currency: optionalField(v.picklist(CURRENCIES)),
});

/** Reads and validates the body of a new order in its generation's format. Throws the documented refusals. */
export function readOrderRequest(generation: Generation, body: unknown): OrderRequest {
  if (generation === "legacy") {
    const { qty, ...fields } = parseBody(legacyBody, body);
    return checked("qty", toRequest(fields, qty));
  }
  const { quantity: size, wallet_currency, ...fields } = parseBody(currentBody, body);
  return checked("quantity", toRequest(fields, size, wallet_currency));
}

function toRequest(
  fields: Omit<v.InferOutput<typeof currentBody>, "quantity" | "wallet_currency">,
  size: bigint | null,
  walletCurrency: string | null = null,
): OrderRequest {
  const echoed = {
    commission: fields.commission,
    commission_type: fields.commission_type,
    wallet_currency: walletCurrency,
  };
  return {
    symbol: fields.symbol.toUpperCase(),
    side: fields.side,
    type: fields.type,
    timeInForce: fields.time_in_force,
    quantity: size,
    notional: fields.notional,
    limitPrice: fields.limit_price,
    stopPrice: fields.stop_price,
    trailPrice: fields.trail_price,
    trailPercent: fields.trail_percent,
    clientOrderId: fields.client_order_id,
    extendedHours: fields.extended_hours ?? false,
    echoed: Object.fromEntries(Object.entries(echoed).filter(([, value]) => value !== null)),
    metadata: fields.metadata,
  };
}

/** Rules that concern several fields: one size, and the prices that the order's type needs. */
function checked(sizeName: "qty" | "quantity", request: OrderRequest): OrderRequest {
  const { type, side, notional } = request;
  if (request.quantity !== null && notional !== null) {
    throw new Refusal("400-001", { param: "notional", message: `Give either ${sizeName} or notional, not both.` });
  }
  if (request.quantity === null && notional === null) {
    throw new Refusal("400-002", { param: sizeName, message: `${sizeName} or notional is required.` });
  }
  if (notional !== null && (type !== "market" || side === "sell")) {
    throw new Refusal("400-001", { param: "notional", message: "notional is for market buys only." });
  }
  const needed: readonly (readonly [needed: boolean, param: string, value: bigint | null])[] = [
    [type === "limit" || type === "stop_limit", "limit_price", request.limitPrice],
    [type === "stop" || type === "stop_limit", "stop_price", request.stopPrice],
    [type === "trailing_stop", "trail_price", request.trailPrice ?? request.trailPercent],
  ];
  for (const [isNeeded, param, value] of needed) {
    if (!isNeeded || value !== null) continue;
    const name = param === "trail_price" ? "trail_price or trail_percent" : param;
    throw new Refusal("400-002", { param, message: `${name} is required for a ${type} order.` });
  }
  if (request.trailPrice !== null && request.trailPercent !== null) {
    throw new Refusal("400-001", { param: "trail_percent", message: "Give trail_price or trail_percent, not both." });
  }
  return request;
}
