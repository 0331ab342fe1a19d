import { formatDecimal, formatMoney } from "../../decimal.ts";
import { isTradable, type Instrument } from "../../entities/market.ts";
import type { Owner } from "../../entities/owner-entity.ts";
import type { Money, Position, Transaction } from "../../entities/portfolio.ts";
import { uuidOf } from "../../uuid-of.ts";
import type { Json } from "../form.ts";
import { plainZero } from "../owner-fields.ts";
import { profitOf } from "../position-fields.ts";
import { iso } from "../times.ts";

export function legacyWalletId({ id }: Owner): string {
  return `wal_${uuidOf(id).replaceAll("-", "").slice(0, 16)}`;
}

export function legacyWallets(owner: Owner, { available, reserved }: Money): Json[] {
  return [
    {
      wallet_id: legacyWalletId(owner),
      currency: "USD",
      balance: formatMoney(available + reserved),
      available_balance: formatMoney(available),
      reserved_balance: formatMoney(reserved),
      status: "active",
      created_at: iso(owner.createdAt),
    },
  ];
}

const STATUS_WORDS = {
  active: "ACTIVE",
  onboarding: "PENDING",
  unapproved: "PENDING",
  suspended: "SUSPENDED",
} as const;

export function legacyAccount(owner: Owner, { available, reserved, equity }: Money): Json {
  const { email, phone, street, city, state, postal_code, country, ...identity } = owner.person;
  return {
    id: owner.id,
    account_number: owner.accountNumber,
    status: STATUS_WORDS[owner.standing],
    crypto_status: null,
    currency: "USD",
    balance: formatMoney(available + reserved),
    last_equity: plainZero(equity),
    created_at: iso(owner.createdAt),
    account_type: owner.accountType,
    management_type: owner.managementType,
    contact: {
      email_address: email,
      phone_number: phone,
      street_address: street,
      local_street_address: null,
      city,
      state,
      postal_code,
      country,
    },
    identity: { ...identity, party_type: "natural_person" },
  };
}

export function legacyPosition(position: Position): Json {
  return {
    id: position.id,
    account_id: position.owner.id,
    symbol: position.symbol,
    asset_id: uuidOf(position.symbol),
    currency: "USD",
    quantity: formatDecimal(position.quantity),
    ...profitOf(position),
    price_source: "EMULATOR",
    price_confidence: "REAL_TIME",
    price_timestamp: iso(position.pricedAt),
    last_transaction_at: iso(position.changedAt),
    created_at: iso(position.openedAt),
    updated_at: iso(position.changedAt),
  };
}

/** Only deposits and withdrawals are listed. */
export function legacyTransaction({ transfer, ...transaction }: Transaction): Json | undefined {
  if (transfer === null) return undefined;
  return {
    transaction_id: transaction.id,
    account_id: transaction.owner.id,
    wallet_id: legacyWalletId(transaction.owner),
    type: transaction.type,
    status: transfer.status,
    amount: formatMoney(transaction.amount),
    currency: "USD",
    method: transfer.method,
    description: transaction.description,
    created_at: iso(transaction.createdAt),
    completed_at: iso(transaction.completedAt),
  };
}

export function legacyAsset(symbol: string, instrument: Instrument): Json {
  return {
    id: uuidOf(symbol),
    class: "us_equity",
    market: "NASDAQ",
    symbol,
    name: instrument.name,
    status: "active",
    tradable: isTradable(instrument),
    marginable: false,
    shortable: false,
    easy_to_borrow: false,
    fractionable: true,
    currency: "USD",
  };
}
