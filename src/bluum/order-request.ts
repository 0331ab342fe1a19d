import { AppError } from "../core/errors.ts";
import { type ApiRequest, checkIdempotencyKey, decimal, oneOf, ownerSegment, pathSegment } from "./api-request.ts";
import { CURRENCIES } from "../core/currencies.ts";
import type { Owner } from "../core/id-rules.ts";

/** An order as the user enters it: unchecked text, decimals as strings. */
export interface NewOrder {
  readonly symbol: string;
  readonly side: string;
  readonly type: string;
  readonly timeInForce: string;
  readonly quantity?: string | undefined;
  readonly notional?: string | undefined;
  readonly limitPrice?: string | undefined;
  readonly stopPrice?: string | undefined;
  readonly trailPrice?: string | undefined;
  readonly trailPercent?: string | undefined;
  readonly extendedHours?: boolean | undefined;
  /** The default is the idempotency key. */
  readonly clientOrderId?: string | undefined;
  readonly commission?: string | undefined;
  readonly commissionType?: string | undefined;
  /** Current API only. */
  readonly walletCurrency?: string | undefined;
}

export const SIDES = ["buy", "sell"] as const;
const LEGACY_TIMES = ["day", "gtc", "ioc", "fok"] as const;
export const CURRENT_TIMES = [...LEGACY_TIMES, "opg", "cls"] as const;
export const ORDER_TYPES = ["market", "limit", "stop", "stop_limit", "trailing_stop"] as const;
type OrderType = (typeof ORDER_TYPES)[number];

const PRICES = {
  limitPrice: { flag: "--limit-price", field: "limit_price" },
  stopPrice: { flag: "--stop-price", field: "stop_price" },
  trailPrice: { flag: "--trail-price", field: "trail_price" },
  trailPercent: { flag: "--trail-percent", field: "trail_percent" },
} as const;
type Price = keyof typeof PRICES;

/** Each order type requires one price of each group and accepts no other. */
const PRICES_NEEDED: Readonly<Record<OrderType, readonly (readonly Price[])[]>> = {
  market: [],
  limit: [["limitPrice"]],
  stop: [["stopPrice"]],
  stop_limit: [["limitPrice"], ["stopPrice"]],
  trailing_stop: [["trailPrice", "trailPercent"]],
};

/**
 * The request that places an order, in the format of the owner's generation. Pure; throws `invalid_usage` naming the
 * flag for an order that the API documents as impossible.
 */
export function orderRequest(owner: Owner, order: NewOrder, idempotencyKey: string): ApiRequest {
  const isCurrent = owner.generation === "current";
  const key = checkIdempotencyKey(idempotencyKey);
  const symbol = order.symbol.trim();
  if (symbol === "")
    throw new AppError("invalid_usage", "--symbol is empty", { hint: "Add a symbol, such as --symbol AAPL." });
  const side = oneOf("--side", order.side, SIDES);
  const type = oneOf("--type", order.type, ORDER_TYPES);
  if (!isCurrent && order.walletCurrency !== undefined) {
    throw new AppError("invalid_usage", "--wallet-currency requires the current API", {
      hint: "Remove it, or add --investor with an investor ID.",
    });
  }
  return {
    method: "POST",
    path: ordersPath(owner),
    body: {
      symbol,
      side,
      type,
      time_in_force: oneOf("--tif", order.timeInForce, isCurrent ? CURRENT_TIMES : LEGACY_TIMES),
      ...size(order, side, type, isCurrent ? "quantity" : "qty"),
      ...prices(order, type),
      client_order_id: order.clientOrderId ?? key,
      ...(order.extendedHours === undefined ? {} : { extended_hours: order.extendedHours }),
      ...(order.commission === undefined ? {} : { commission: decimal("--commission", order.commission) }),
      ...(order.commissionType === undefined ? {} : { commission_type: order.commissionType }),
      ...(order.walletCurrency === undefined
        ? {}
        : { wallet_currency: oneOf("--wallet-currency", order.walletCurrency, CURRENCIES) }),
    },
    idempotencyKey: key,
  };
}

/** The request that cancels an order of the owner; it has no body. Throws `invalid_usage` for an invalid id. */
export function cancelRequest(owner: Owner, orderId: string, idempotencyKey: string): ApiRequest {
  return {
    method: "POST",
    path: `${ordersPath(owner)}/${pathSegment("<order>", orderId)}/cancel`,
    idempotencyKey: checkIdempotencyKey(idempotencyKey),
  };
}

function ordersPath(owner: Owner): string {
  return `${owner.generation === "current" ? "/investors" : "/trading/accounts"}/${ownerSegment(owner)}/orders`;
}

function size(order: NewOrder, side: string, type: OrderType, quantityField: string): Record<string, string> {
  if ((order.quantity === undefined) === (order.notional === undefined)) {
    throw new AppError("invalid_usage", "an order requires either --qty or --notional", {
      hint: "Add the number of shares, or the amount of money.",
    });
  }
  if (order.quantity !== undefined) return { [quantityField]: decimal("--qty", order.quantity) };
  if (type !== "market" || side !== "buy") {
    throw new AppError("invalid_usage", "--notional is only valid for market buy orders", {
      hint: "Use --qty instead.",
    });
  }
  return { notional: decimal("--notional", order.notional ?? "") };
}

function prices(order: NewOrder, type: OrderType): Record<string, string> {
  const groups = PRICES_NEEDED[type];
  for (const group of groups) {
    if (group.filter((price) => order[price] !== undefined).length === 1) continue;
    const flags = group.map((price) => PRICES[price].flag).join(" or ");
    throw new AppError("invalid_usage", `a ${type} order requires ${group.length > 1 ? "either " : ""}${flags}`, {
      hint: `Add ${flags} with a price such as 150.00.`,
    });
  }
  const wanted = groups.flat();
  return Object.fromEntries(
    (Object.keys(PRICES) as Price[]).flatMap((price) => {
      const value = order[price];
      if (value === undefined) return [];
      const { flag, field } = PRICES[price];
      if (!wanted.includes(price)) {
        const hint = `Remove ${flag}, or choose another --type: ${ORDER_TYPES.join(", ")}.`;
        throw new AppError("invalid_usage", `a ${type} order does not accept ${flag}`, { hint });
      }
      return [[field, decimal(flag, value)]];
    }),
  );
}
