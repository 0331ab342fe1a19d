import { EMULATOR_ACCESS } from "../../core/environments.ts";
import { type Decimal, decimal, ZERO } from "../decimal.ts";
import type { Generation } from "../generation.ts";

const START_CASH = decimal("100000.00");

/** Whose orders and transfers these are: an investor (current) or an account (legacy), each with its own money. */
export interface Owner {
  readonly id: string;
  readonly generation: Generation;
  /** US dollars that can be spent: what open buys and withdrawals need is already taken off. */
  cash: Decimal;
  /** Quantities that can be sold, by symbol: what open sells need is already taken off. */
  readonly positions: Map<string, Decimal>;
}

/** The emulator's owners as they are at the start and after a reset. */
export function newOwners(): Map<string, Owner> {
  const owners: Owner[] = [
    { id: EMULATOR_ACCESS.investorId, generation: "current", cash: START_CASH, positions: new Map() },
    { id: EMULATOR_ACCESS.accountId, generation: "legacy", cash: START_CASH, positions: new Map() },
  ];
  return new Map(owners.map((owner) => [owner.id, owner]));
}

export function positionOf(owner: Owner, symbol: string): Decimal {
  return owner.positions.get(symbol) ?? ZERO;
}

export function addToPosition(owner: Owner, symbol: string, quantity: Decimal): void {
  owner.positions.set(symbol, positionOf(owner, symbol) + quantity);
}
