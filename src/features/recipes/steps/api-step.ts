import * as v from "valibot";
import type { TransferKind } from "../../../bluum/transfer-request.ts";
import { type Action, cancelAction, orderAction, transferAction } from "../../trigger/actions.ts";
import { fields, flag, text } from "../recipe-fields.ts";
import { defineStep, type StepDeps, type StepEnd } from "../step.ts";

// The fields are the flags of `trigger order`, `trigger cancel`, `trigger deposit` and `trigger withdrawal`.

const orderFields = fields({
  symbol: v.optional(text, "AAPL"),
  side: v.optional(text, "buy"),
  type: v.optional(text, "market"),
  qty: v.optional(text),
  notional: v.optional(text),
  tif: v.optional(text, "day"),
  "limit-price": v.optional(text),
  "stop-price": v.optional(text),
  "trail-price": v.optional(text),
  "trail-percent": v.optional(text),
  "extended-hours": v.optional(flag),
  "client-order-id": v.optional(text),
  "wallet-currency": v.optional(text),
});

function orderOf(given: v.InferOutput<typeof orderFields>): Action {
  return orderAction({
    symbol: given.symbol,
    side: given.side,
    type: given.type,
    timeInForce: given.tif,
    quantity: given.qty ?? (given.notional === undefined ? "1" : undefined),
    notional: given.notional,
    limitPrice: given["limit-price"],
    stopPrice: given["stop-price"],
    trailPrice: given["trail-price"],
    trailPercent: given["trail-percent"],
    extendedHours: given["extended-hours"],
    clientOrderId: given["client-order-id"],
    walletCurrency: given["wallet-currency"],
  });
}

export const order = defineStep({
  kind: "order",
  movesMoney: true,
  schema: orderFields,
  gives: ["id", "status"],
  needs: () => ["api"],
  label: ({ side, symbol }) => `${side} ${symbol}`,
  check: (given, settings) => void orderOf(given).prepare(settings),
  run: (given, deps) => carryOut(orderOf(given), deps),
});

export const cancel = defineStep({
  kind: "cancel",
  movesMoney: true,
  schema: fields({ order: text }, "order"),
  gives: ["id", "status"],
  needs: () => ["api"],
  label: ({ order: id }) => id,
  check: (given, settings) => void cancelAction(given.order).prepare(settings),
  run: (given, deps) => carryOut(cancelAction(given.order), deps),
});

const transferFields = fields({
  amount: v.optional(text, "100.00"),
  currency: v.optional(text, "USD"),
  method: v.optional(text, "manual_bank_transfer"),
  "funding-source": v.optional(text),
  "plaid-item": v.optional(text),
  "plaid-account": v.optional(text),
});

const transfer = (kind: TransferKind) => {
  const actionOf = (given: v.InferOutput<typeof transferFields>) =>
    transferAction(kind, {
      amount: given.amount,
      currency: given.currency,
      method: given.method,
      fundingSourceId: given["funding-source"],
      plaidItemId: given["plaid-item"],
      plaidAccountId: given["plaid-account"],
    });
  return defineStep({
    kind,
    movesMoney: true,
    schema: transferFields,
    gives: ["id", "status"],
    needs: () => ["api"],
    label: ({ amount, currency }) => `${amount} ${currency}`,
    check: (given, settings) => void actionOf(given).prepare(settings),
    run: (given, deps) => carryOut(actionOf(given), deps),
  });
};

export const deposit = transfer("deposit");
export const withdrawal = transfer("withdrawal");

async function carryOut(action: Action, { settings, api, clock }: StepDeps): Promise<StepEnd> {
  const startedAt = clock.now();
  const { id, status } = await action.send(await api(), action.prepare(settings));
  return {
    detail: `${id} ${status}`,
    data: { resourceId: id, status },
    output: { resourceId: id, startedAt, leadsTo: action.leadsTo, failing: action.failing, values: { id, status } },
  };
}
