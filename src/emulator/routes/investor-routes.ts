import type { ApiRoute } from "../api-route.ts";
import { type Owner } from "../entities/owner-entity.ts";
import { moneyOf, type Position, positionsOf, type Transaction, transactionsOf } from "../entities/portfolio.ts";
import { type Call, reply } from "../http.ts";
import { Refusal } from "../refusal.ts";
import { ownerOf } from "../state.ts";
import { anyCase, choice, dates, type Filters } from "../wire/filters.ts";
import type { WireForm } from "../wire/form.ts";
import type { World } from "../world.ts";
import { listReply } from "./lists.ts";

const POSITIONS = { current: "/v1/investors/:owner/positions", legacy: "/v1/trading/accounts/:owner/positions" };

const FLAG = ["true", "false"] as const;

const POSITION_FILTERS: Filters<Position> = {
  symbol: anyCase(({ symbol }) => symbol),
  // A position that is sold completely is gone, and prices are always those of the market.
  non_zero_only: choice(FLAG, () => true),
  refresh_prices: choice(FLAG, () => true),
};

const TRANSACTION_FILTERS: Filters<Transaction> = {
  type: choice(["deposit", "withdrawal", "buy", "sell", "activity"], ({ type }, word) => type === word),
  currency: anyCase(({ currency }) => currency),
  ...dates(({ createdAt }) => createdAt),
};

/** What an app reads about an investor or account. */
export const INVESTOR_ROUTES: readonly ApiRoute[] = [
  {
    method: "GET",
    paths: { current: "/v1/investors/:owner", legacy: "/v1/accounts/:owner" },
    real: "status and balances",
    fixed: "the person",
    handle(call, world, form) {
      const owner = ownerIn(call, world, form);
      return reply(form.investor(owner, moneyOf(owner, world.state)));
    },
  },
  {
    method: "GET",
    paths: { current: "/v1/investors/:owner/wallets", legacy: "/v1/accounts/:owner/wallets" },
    real: "available and reserved money of each currency",
    fixed: "",
    handle(call, world, form) {
      const owner = ownerIn(call, world, form);
      const items = form.wallets(owner, moneyOf(owner, world.state));
      return listReply(call, form, { name: "wallets", items, show: (wallet) => wallet });
    },
  },
  {
    method: "GET",
    paths: { current: "/v1/investors/:owner/transactions", legacy: "/v1/accounts/:owner/transactions" },
    real: "newest first; filters and pages",
    fixed: "no dividends, fees or interest",
    handle(call, world, form) {
      const owner = ownerIn(call, world, form);
      // What a generation does not list must not count for its pages.
      const items = transactionsOf(owner, world.state).filter((each) => form.transaction(each) !== undefined);
      const show = (each: Transaction) => form.transaction(each) ?? {};
      return listReply(call, form, { name: "transactions", items, show, filters: TRANSACTION_FILTERS });
    },
  },
  {
    method: "GET",
    paths: POSITIONS,
    real: "quantity, cost, value and profit",
    fixed: "the source of prices",
    handle(call, world, form) {
      const items = positionsOf(ownerIn(call, world, form), world.state, world.clock.now());
      return listReply(call, form, { name: "positions", items, show: form.position, filters: POSITION_FILTERS });
    },
  },
  {
    method: "GET",
    paths: { current: `${POSITIONS.current}/:id`, legacy: `${POSITIONS.legacy}/:id` },
    real: "quantity, cost, value and profit",
    fixed: "the source of prices",
    handle(call, world, form) {
      const id = call.param("id");
      const positions = positionsOf(ownerIn(call, world, form), world.state, world.clock.now());
      const position = positions.find((each) => each.id === id);
      if (position === undefined) throw new Refusal("404-001", { message: `There is no position ${id}.` });
      return reply(form.position(position));
    },
  },
];

function ownerIn({ param }: Call, { state }: World, { generation }: WireForm): Owner {
  return ownerOf(state, generation, param("owner"));
}
