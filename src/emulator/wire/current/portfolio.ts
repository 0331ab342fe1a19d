import { formatDecimal, formatMoney } from "../../decimal.ts";
import { isTradable, type Instrument } from "../../entities/market.ts";
import type { Owner } from "../../entities/owner-entity.ts";
import type { Money, Position, Transaction } from "../../entities/portfolio.ts";
import { uuidOf } from "../../uuid-of.ts";
import type { Json } from "../form.ts";
import { PERSON } from "../person.ts";
import { profitOf } from "../position-fields.ts";
import { envelope, iso } from "../times.ts";
import { CURRENT_STATUS } from "./transfer-status.ts";

/** Each investor has these; only dollars move. */
const CURRENCIES = ["USD", "NGN", "KES"] as const;
type Currency = (typeof CURRENCIES)[number];

export function walletId({ id }: Owner, currency: Currency): string {
  return `wlt_${uuidOf(`${id} ${currency}`).replaceAll("-", "").slice(0, 26)}`;
}

export function currentWallets(owner: Owner, { available, reserved, equity }: Money): Json[] {
  return CURRENCIES.map((currency) => {
    const has = (value: bigint) => formatMoney(currency === "USD" ? value : 0n);
    return {
      ...envelope("wallet", walletId(owner, currency), owner.createdAt),
      currency,
      balance: has(available + reserved),
      available_balance: has(available),
      reserved_balance: has(reserved),
      cash_withdrawable: has(available),
      buying_power: has(available),
      equity: has(equity),
      status: "active",
    };
  });
}

const STATUS_WORDS = { active: "active", unapproved: "under_review", suspended: "suspended" } as const;

export function currentInvestor(owner: Owner, { available, reserved, equity }: Money): Json {
  const { street, city, state, postal_code, country, ...person } = PERSON;
  return {
    ...envelope("investor", owner.id, owner.createdAt),
    status: STATUS_WORDS[owner.standing],
    account_type: "individual",
    management_type: "self_directed",
    tax_advantaged: false,
    tax_designation: null,
    account_number: "000000001",
    currency: "USD",
    balance: formatMoney(available + reserved),
    buying_power: formatMoney(available),
    cash_withdrawable: formatMoney(available),
    last_equity: formatMoney(equity),
    crypto_status: null,
    trading_type: "cash",
    ...person,
    middle_name: null,
    address: { street, unit: null, city, state, postal_code, country },
    is_control_person: false,
    is_affiliated_exchange_or_finra: false,
    is_affiliated_exchange_or_iiroc: null,
    is_politically_exposed: false,
    immediate_family_exposed: false,
    employment_status: "employed",
    employer_name: null,
    employer_address: null,
    employment_position: null,
    signed_agreements: [],
    trusted_contact: null,
    portfolios: [],
  };
}

export function currentPosition(position: Position): Json {
  return {
    ...envelope("position", position.id, position.openedAt),
    investor_id: position.owner.id,
    symbol: position.symbol,
    asset_id: uuidOf(position.symbol),
    class: "equity",
    country: "us",
    currency: "USD",
    quantity: formatDecimal(position.quantity),
    ...profitOf(position),
    price_source: "EMULATOR",
    price_confidence: "REAL_TIME",
    price_timestamp: iso(position.pricedAt),
    last_transaction_at: iso(position.changedAt),
    updated_at: iso(position.changedAt),
  };
}

export function currentTransaction(transaction: Transaction): Json {
  const { transfer } = transaction;
  const status = transfer === null ? "completed" : CURRENT_STATUS[transfer.status];
  return {
    ...envelope("transaction", `txn_${transaction.id.replace(/^[a-z]+_/, "")}`, transaction.createdAt),
    investor_id: transaction.owner.id,
    wallet_id: walletId(transaction.owner, "USD"),
    type: transaction.type,
    status,
    amount: formatMoney(transaction.amount),
    currency: "USD",
    method: transfer?.method ?? null,
    description: transaction.description,
    completed_at: iso(transaction.completedAt),
    failed_at: iso(transfer?.failedAt ?? null),
    failure_reason: transfer?.failureReason ?? null,
  };
}

const LISTED_AT = Date.parse("2026-01-01T00:00:00Z");

export function currentAsset(symbol: string, instrument: Instrument): Json {
  return {
    ...envelope("asset", uuidOf(symbol), LISTED_AT),
    class: "equity",
    country: "us",
    market: "XNAS",
    market_name: "NASDAQ",
    market_country: "US",
    market_currency: "USD",
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
