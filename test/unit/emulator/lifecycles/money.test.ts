import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EMULATOR_ACCESS } from "../../../../src/core/environments.ts";
import { type Decimal, decimal, divide } from "../../../../src/emulator/decimal.ts";
import { setPrice } from "../../../../src/emulator/entities/market.ts";
import { isOpen, type OrderRequest, remainingQuantity } from "../../../../src/emulator/entities/order-entity.ts";
import { type Owner, positionOf } from "../../../../src/emulator/entities/owner-entity.ts";
import { placeOrder } from "../../../../src/emulator/lifecycles/order-placement.ts";
import { cancel, fill, reject } from "../../../../src/emulator/lifecycles/order-steps.ts";
import { Refusal } from "../../../../src/emulator/refusal.ts";
import { newState, type State } from "../../../../src/emulator/state.ts";

const REQUEST: OrderRequest = {
  symbol: "AAPL",
  side: "buy",
  type: "market",
  timeInForce: "day",
  quantity: decimal("1"),
  notional: null,
  limitPrice: null,
  stopPrice: null,
  trailPrice: null,
  trailPercent: null,
  clientOrderId: null,
  extendedHours: false,
  echoed: {},
  metadata: {},
};

type Ending = "fill" | "half-then-cancel" | "cancel" | "reject";

interface Step {
  readonly side: "buy" | "sell";
  readonly quantity: Decimal;
  readonly ending: Ending;
  readonly price: Decimal;
}

const steps = fc.array(
  fc.record<Step>({
    side: fc.constantFrom("buy", "sell"),
    quantity: fc.bigInt({ min: 2n, max: 10n ** 12n }),
    ending: fc.constantFrom("fill", "half-then-cancel", "cancel", "reject"),
    price: fc.bigInt({ min: 1n, max: 10_000n }).map((cents) => divide(cents, 100n)),
  }),
  { maxLength: 20 },
);

/** Places an order and ends it; returns the cash and the quantity that its fills moved. */
function carryOut(state: State, owner: Owner, step: Step): { cash: Decimal; quantity: Decimal } {
  setPrice(state.market, "AAPL", step.price);
  let order;
  try {
    order = placeOrder(state, owner, { ...REQUEST, side: step.side, quantity: step.quantity }, 0);
  } catch (error) {
    if (error instanceof Refusal) return { cash: 0n, quantity: 0n };
    throw error;
  }
  if (step.ending === "half-then-cancel") fill(order, order.quantity / 2n, step.price, 0);
  if (step.ending === "fill") fill(order, remainingQuantity(order), step.price, 0);
  else if (step.ending === "reject") reject(order, "why");
  else cancel(order, 0);
  expect(isOpen(order)).toBe(false);
  expect(order.reservedCash).toBe(0n);
  const sign = step.side === "buy" ? 1n : -1n;
  return { cash: -sign * order.filledValue, quantity: sign * order.filledQuantity };
}

describe("an owner's money", () => {
  test("is changed by fills only, with any orders and any ends", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const state = newState();
        const owner = state.owners.get(EMULATOR_ACCESS.investorId);
        if (owner === undefined) throw new Error("there is no owner");
        let cash = owner.cash;
        let held = 0n;
        for (const step of all) {
          const moved = carryOut(state, owner, step);
          cash += moved.cash;
          held += moved.quantity;
          expect(owner.cash).toBe(cash);
          expect(positionOf(owner, "AAPL")).toBe(held);
          expect(held).toBeGreaterThanOrEqual(0n);
        }
      }),
    );
  });
});
