import { newId } from "../../platform/ids.ts";
import { costOf, type Decimal, divide, formatDecimal, formatMoney, ZERO } from "../decimal.ts";
import type { Instrument } from "../entities/market.ts";
import type { Order, OrderRequest } from "../entities/order-entity.ts";
import { addToPosition, type Owner, positionOf, refuseOwner } from "../entities/owner-entity.ts";
import { Refusal } from "../refusal.ts";
import type { State } from "../state.ts";

/**
 * Accepts an order, and reserves the cash or the position that it needs. Throws the documented refusals: an owner
 * that may not act, unknown or untradable asset, closed market, `client_order_id` used before, insufficient cash or
 * position.
 */
export function placeOrder(state: State, owner: Owner, request: OrderRequest, now: number): Order {
  refuseOwner(owner);
  const instrument = tradableInstrument(state, request.symbol);
  refuseRepeatedClientOrderId(state, owner, request.clientOrderId);
  const quantity = request.quantity ?? divide(request.notional ?? ZERO, instrument.price);
  if (quantity === ZERO) throw new Refusal("400-005", { param: "notional", message: "The notional is too small." });
  const order: Order = {
    ...request,
    id: newId("ord"),
    owner,
    quantity,
    status: "new",
    filledQuantity: ZERO,
    filledValue: ZERO,
    reservedCash: reserve(owner, request, quantity, instrument.price),
    trailedPrice: instrument.price,
    stopReached: false,
    submittedAt: now,
    filledAt: null,
    canceledAt: null,
    failureReason: null,
  };
  state.orders.set(order.id, order);
  return order;
}

function tradableInstrument(state: State, symbol: string): Instrument {
  const instrument = state.market.get(symbol);
  if (instrument === undefined) {
    throw new Refusal("404-003", { param: "symbol", message: `The asset ${symbol} was not found.` });
  }
  if (instrument.behaviour === "market-closed") throw new Refusal("422-002", { param: "symbol" });
  if (instrument.behaviour === "not-tradable") throw new Refusal("422-003", { param: "symbol" });
  if (instrument.behaviour === "unavailable") throw new Refusal("500-017");
  return instrument;
}

function refuseRepeatedClientOrderId(state: State, owner: Owner, clientOrderId: string | null): void {
  if (clientOrderId === null) return;
  for (const order of state.orders.values()) {
    if (order.owner !== owner || order.clientOrderId !== clientOrderId) continue;
    throw new Refusal("409-001", { param: "client_order_id", message: "client_order_id was used before." });
  }
}

/** Reserves what the order needs; returns the cash part. */
function reserve(owner: Owner, request: OrderRequest, quantity: Decimal, marketPrice: Decimal): Decimal {
  if (request.side === "sell") {
    const held = positionOf(owner, request.symbol);
    if (quantity > held) {
      const message = `The position of ${formatDecimal(held)} ${request.symbol} is smaller than the order.`;
      throw new Refusal("422-004", { message });
    }
    addToPosition(owner, request.symbol, -quantity);
    return ZERO;
  }
  const needed = costOf(quantity, request.limitPrice ?? request.stopPrice ?? marketPrice);
  if (needed > owner.cash) {
    const message = `The order needs ${formatMoney(needed)} USD; ${formatMoney(owner.cash)} USD are available.`;
    throw new Refusal("422-001", { message });
  }
  owner.cash -= needed;
  return needed;
}
