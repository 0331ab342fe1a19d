import type { Currency } from "../../core/currencies.ts";
import { EMULATOR_ACCESS } from "../../core/environments.ts";
import { newId } from "../../platform/ids.ts";
import { type Decimal, decimal, divide, multiply, ZERO } from "../decimal.ts";
import { Refusal, type RefusalCode } from "../refusal.ts";
import { EMMA, type Person } from "./person.ts";
import type { Generation } from "../../core/id-rules.ts";

/** The number of every account at the custodian. */
export const ACCOUNT_NUMBER = "000000001";

const OPENED = { accountNumber: ACCOUNT_NUMBER, cash: decimal("100000.00") };

/** What a request says of a new investor or account. */
export interface NewOwner {
  readonly accountType: string;
  readonly managementType: string;
  readonly person: Person;
}

/** The owner of orders and transfers: an investor (current) or an account (legacy), each with its own money. */
export interface Owner extends NewOwner {
  readonly id: string;
  readonly generation: Generation;
  /** Unix time in milliseconds. */
  readonly createdAt: number;
  /** Null until the custodian has opened the account. */
  accountNumber: string | null;
  /** Passing KYC makes an unapproved owner active. */
  standing: Standing;
  /** Available US dollars, without the amounts reserved for open buys and withdrawals. */
  cash: Decimal;
  /** Available money in the other wallets, which only deposits and withdrawals change. */
  readonly foreignCash: Map<Currency, Decimal>;
  /** Available quantities by symbol, without those reserved for open sells. */
  readonly positions: Map<string, Decimal>;
  /** What is held by symbol, including quantities reserved for open sells. */
  readonly holdings: Map<string, Holding>;
}

/** A quantity of one asset, and what it cost. */
export interface Holding {
  readonly id: string;
  readonly quantity: Decimal;
  readonly cost: Decimal;
  /** Unix times in milliseconds. */
  readonly openedAt: number;
  readonly changedAt: number;
}

/** Whether an owner may act, and if not, with what it is refused. */
export type Standing = "active" | "onboarding" | "unapproved" | "suspended";

const REFUSED_WITH: Readonly<Record<Exclude<Standing, "active">, RefusalCode>> = {
  onboarding: "403-002",
  unapproved: "403-002",
  suspended: "403-004",
};

const CREATED_AT = Date.parse("2026-01-01T00:00:00Z");

const OWNERS: readonly Pick<Owner, "id" | "generation" | "standing">[] = [
  { id: EMULATOR_ACCESS.investorId, generation: "current", standing: "active" },
  { id: EMULATOR_ACCESS.accountId, generation: "legacy", standing: "active" },
  { id: "inv_emulatorunapproved", generation: "current", standing: "unapproved" },
  { id: "00000000-0000-4000-8000-403000000002", generation: "legacy", standing: "unapproved" },
  { id: "inv_emulatorsuspended", generation: "current", standing: "suspended" },
  { id: "00000000-0000-4000-8000-403000000004", generation: "legacy", standing: "suspended" },
];

/** The emulator's owners in their initial state. */
export function newOwners(): Map<string, Owner> {
  const emma: NewOwner = { accountType: "individual", managementType: "self_directed", person: EMMA };
  const made = OWNERS.map((owner) => newOwner({ ...owner, ...emma, ...OPENED, createdAt: CREATED_AT }));
  return new Map(made.map((owner) => [owner.id, owner]));
}

export function newOwner(
  owner: NewOwner & Pick<Owner, "id" | "generation" | "standing" | "accountNumber" | "createdAt" | "cash">,
): Owner {
  return { ...owner, foreignCash: new Map(), positions: new Map(), holdings: new Map() };
}

/** Throws the refusal for orders and transfers of an owner that is suspended or not approved. */
export function refuseOwner({ standing }: Owner): void {
  if (standing !== "active") throw new Refusal(REFUSED_WITH[standing]);
}

export function cashIn({ cash, foreignCash }: Owner, currency: Currency): Decimal {
  return currency === "USD" ? cash : (foreignCash.get(currency) ?? ZERO);
}

/** A negative amount is taken out. */
export function addCash(owner: Owner, currency: Currency, amount: Decimal): void {
  if (currency === "USD") owner.cash += amount;
  else owner.foreignCash.set(currency, cashIn(owner, currency) + amount);
}

export function positionOf(owner: Owner, symbol: string): Decimal {
  return owner.positions.get(symbol) ?? ZERO;
}

export function addToPosition(owner: Owner, symbol: string, quantity: Decimal): void {
  owner.positions.set(symbol, positionOf(owner, symbol) + quantity);
}

/** Adds what a buy has filled. */
export function addToHolding(owner: Owner, symbol: string, quantity: Decimal, cost: Decimal, now: number): void {
  const before = owner.holdings.get(symbol) ?? { id: newId("pos"), quantity: ZERO, cost: ZERO, openedAt: now };
  owner.holdings.set(symbol, {
    ...before,
    quantity: before.quantity + quantity,
    cost: before.cost + cost,
    changedAt: now,
  });
}

/** Removes what a sell has filled, at its average cost; a holding that is sold completely is gone. */
export function removeFromHolding(owner: Owner, symbol: string, quantity: Decimal, now: number): void {
  const before = owner.holdings.get(symbol);
  if (before === undefined) return;
  if (before.quantity <= quantity) {
    owner.holdings.delete(symbol);
    return;
  }
  const left = before.quantity - quantity;
  const cost = divide(multiply(before.cost, left), before.quantity);
  owner.holdings.set(symbol, { ...before, quantity: left, cost, changedAt: now });
}
