import type { Currency } from "../../core/currencies.ts";
import { costOf, type Decimal, formatDecimal, ZERO } from "../decimal.ts";
import { isOpen, type Order } from "./order-entity.ts";
import type { Holding, Owner } from "./owner-entity.ts";
import type { Transfer } from "./transfer-entity.ts";
import type { Market } from "./market.ts";

/** An owner's US dollars. */
export interface Money {
  readonly available: Decimal;
  /** Held by open buys. */
  readonly reserved: Decimal;
  /** Cash and positions at market prices. */
  readonly equity: Decimal;
}

/** What an owner holds of one asset, at the market's price. */
export interface Position extends Holding {
  readonly owner: Owner;
  readonly symbol: string;
  readonly price: Decimal;
  readonly value: Decimal;
  /** Unix time of the price in milliseconds. */
  readonly pricedAt: number;
}

/** A movement of cash. */
export interface Transaction {
  readonly id: string;
  readonly owner: Owner;
  readonly type: "deposit" | "withdrawal" | "buy" | "sell";
  readonly amount: Decimal;
  readonly currency: Currency;
  readonly description: string | null;
  /** Unix time in milliseconds. */
  readonly createdAt: number;
  readonly completedAt: number | null;
  /** Null for a trade. */
  readonly transfer: Transfer | null;
}

interface Books {
  readonly market: Market;
  readonly orders: ReadonlyMap<string, Order>;
  readonly transfers: ReadonlyMap<string, Transfer>;
}

export function moneyOf(owner: Owner, books: Books): Money {
  let reserved = ZERO;
  for (const order of books.orders.values()) if (order.owner === owner && isOpen(order)) reserved += order.reservedCash;
  const held = positionsOf(owner, books, 0).reduce((sum, { value }) => sum + value, ZERO);
  return { available: owner.cash, reserved, equity: owner.cash + reserved + held };
}

export function positionsOf(owner: Owner, { market }: Pick<Books, "market">, now: number): Position[] {
  return [...owner.holdings].map(([symbol, holding]) => {
    const price = market.get(symbol)?.price ?? ZERO;
    return { ...holding, owner, symbol, price, value: costOf(holding.quantity, price), pricedAt: now };
  });
}

/** Newest first: deposits and withdrawals in any state, and what was bought and sold. */
export function transactionsOf(owner: Owner, { orders, transfers }: Books): Transaction[] {
  const moved = [...transfers.values()].map((transfer): Transaction => ({
    id: transfer.id,
    owner: transfer.owner,
    type: transfer.kind,
    amount: transfer.amount,
    currency: transfer.currency,
    description: transfer.description,
    createdAt: transfer.createdAt,
    completedAt: transfer.completedAt,
    transfer,
  }));
  const traded = [...orders.values()].flatMap((order): Transaction[] => {
    if (order.filledQuantity === ZERO) return [];
    const words = `${order.side} ${formatDecimal(order.filledQuantity)} ${order.symbol}`;
    return [
      {
        id: order.id,
        owner: order.owner,
        type: order.side,
        amount: order.filledValue,
        currency: "USD",
        description: words,
        createdAt: order.submittedAt,
        completedAt: order.filledAt,
        transfer: null,
      },
    ];
  });
  return [...moved, ...traded]
    .filter((transaction) => transaction.owner === owner)
    .toSorted((one, other) => other.createdAt - one.createdAt);
}
