import { EMULATOR_ACCESS } from "../../core/environments.ts";
import { type Decimal, decimal, ZERO } from "../decimal.ts";
import type { Generation } from "../generation.ts";
import { Refusal, type RefusalCode } from "../refusal.ts";

const START_CASH = decimal("100000.00");

/** Whose orders and transfers these are: an investor (current) or an account (legacy), each with its own money. */
export interface Owner {
  readonly id: string;
  readonly generation: Generation;
  /** For those who may not act. */
  readonly refusedWith?: RefusalCode;
  /** US dollars that can be spent: what open buys and withdrawals need is already taken off. */
  cash: Decimal;
  /** Quantities that can be sold, by symbol: what open sells need is already taken off. */
  readonly positions: Map<string, Decimal>;
}

const OWNERS: readonly Pick<Owner, "id" | "generation" | "refusedWith">[] = [
  { id: EMULATOR_ACCESS.investorId, generation: "current" },
  { id: EMULATOR_ACCESS.accountId, generation: "legacy" },
  { id: "inv_emulatorunapproved", generation: "current", refusedWith: "403-002" },
  { id: "00000000-0000-4000-8000-403000000002", generation: "legacy", refusedWith: "403-002" },
  { id: "inv_emulatorsuspended", generation: "current", refusedWith: "403-004" },
  { id: "00000000-0000-4000-8000-403000000004", generation: "legacy", refusedWith: "403-004" },
];

/** The emulator's owners as they are at the start and after a reset. */
export function newOwners(): Map<string, Owner> {
  return new Map(OWNERS.map((owner) => [owner.id, { ...owner, cash: START_CASH, positions: new Map() }]));
}

/** Throws the refusal that every order and transfer of an owner meets who is not approved, or suspended. */
export function refuseOwner({ refusedWith }: Owner): void {
  if (refusedWith !== undefined) throw new Refusal(refusedWith);
}

export function positionOf(owner: Owner, symbol: string): Decimal {
  return owner.positions.get(symbol) ?? ZERO;
}

export function addToPosition(owner: Owner, symbol: string, quantity: Decimal): void {
  owner.positions.set(symbol, positionOf(owner, symbol) + quantity);
}
