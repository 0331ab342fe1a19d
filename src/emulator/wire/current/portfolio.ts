import { CURRENCIES, type Currency } from "../../../core/currencies.ts";
import { formatDecimal, formatMoney } from "../../decimal.ts";
import { isTradable, type Instrument } from "../../entities/market.ts";
import { cashIn, type Owner } from "../../entities/owner-entity.ts";
import type { Money, Position, Transaction } from "../../entities/portfolio.ts";
import { uuidOf } from "../../uuid-of.ts";
import type { Json } from "../form.ts";
import { plainZero } from "../owner-fields.ts";
import { profitOf } from "../position-fields.ts";
import { envelope, iso } from "../times.ts";
import { CURRENT_STATUS } from "./transfer-status.ts";

export function walletId({ id }: Owner, currency: Currency): string {
  return `wlt_${uuidOf(`${id} ${currency}`).replaceAll("-", "").slice(0, 26)}`;
}

/** The wallets of a new investor; the others are created by their first deposit. */
const FIRST_WALLETS: ReadonlySet<Currency> = new Set(["USD", "NGN", "KES"]);

/** Orders use US dollars only. */
export function currentWallets(owner: Owner, dollars: Money): Json[] {
  const currencies = CURRENCIES.filter((currency) => FIRST_WALLETS.has(currency) || owner.foreignCash.has(currency));
  return currencies.map((currency) => {
    const cash = cashIn(owner, currency);
    const money = currency === "USD" ? dollars : { available: cash, reserved: 0n, equity: cash };
    const available = formatMoney(money.available);
    return {
      ...envelope("wallet", walletId(owner, currency), owner.createdAt),
      currency,
      balance: formatMoney(money.available + money.reserved),
      available_balance: available,
      reserved_balance: formatMoney(money.reserved),
      cash_withdrawable: available,
      buying_power: available,
      equity: formatMoney(money.equity),
      status: "active",
    };
  });
}

const STATUS_WORDS = {
  active: "active",
  onboarding: "onboarding",
  unapproved: "under_review",
  suspended: "suspended",
} as const;

export function currentInvestor(owner: Owner, { available, reserved, equity }: Money): Json {
  const { street, city, state, postal_code, country, ...person } = owner.person;
  return {
    ...envelope("investor", owner.id, owner.createdAt),
    status: STATUS_WORDS[owner.standing],
    account_type: owner.accountType,
    management_type: owner.managementType,
    tax_advantaged: false,
    tax_designation: null,
    account_number: owner.accountNumber,
    currency: "USD",
    balance: formatMoney(available + reserved),
    buying_power: plainZero(available),
    cash_withdrawable: plainZero(available),
    last_equity: formatMoney(equity),
    crypto_status: null,
    trading_type: owner.accountNumber === null ? null : "cash",
    ...person,
    middle_name: null,
    address: { street, unit: null, city, state, postal_code, country },
    is_affiliated_exchange_or_iiroc: null,
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
    wallet_id: walletId(transaction.owner, transaction.currency),
    type: transaction.type,
    status,
    amount: formatMoney(transaction.amount),
    currency: transaction.currency,
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
