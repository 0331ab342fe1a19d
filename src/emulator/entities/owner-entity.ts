import { EMULATOR_ACCESS } from "../../core/environments.ts";
import { type Decimal, decimal, ZERO } from "../decimal.ts";
import { Refusal, type RefusalCode } from "../refusal.ts";
import type { Generation } from "../../core/id-rules.ts";

const START_CASH = decimal("100000.00");

/** The owner of orders and transfers: an investor (current) or an account (legacy), each with its own money. */
export interface Owner {
  readonly id: string;
  readonly generation: Generation;
  /** For owners that may not act. */
  readonly refusedWith?: RefusalCode;
  /** Available US dollars, without the amounts reserved for open buys and withdrawals. */
  cash: Decimal;
  /** Available quantities by symbol, without those reserved for open sells. */
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

/** The emulator's owners in their initial state. */
export function newOwners(): Map<string, Owner> {
  return new Map(OWNERS.map((owner) => [owner.id, { ...owner, cash: START_CASH, positions: new Map() }]));
}

/** Throws the refusal for orders and transfers of an owner that is suspended or not approved. */
export function refuseOwner({ refusedWith }: Owner): void {
  if (refusedWith !== undefined) throw new Refusal(refusedWith);
}

export function positionOf(owner: Owner, symbol: string): Decimal {
  return owner.positions.get(symbol) ?? ZERO;
}

export function addToPosition(owner: Owner, symbol: string, quantity: Decimal): void {
  owner.positions.set(symbol, positionOf(owner, symbol) + quantity);
}
