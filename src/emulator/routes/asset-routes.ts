import type { ApiRoute } from "../api-route.ts";
import { type Instrument, isTradable } from "../entities/market.ts";
import { anyCase, choice, type Filters } from "../wire/filters.ts";
import { listReply } from "./lists.ts";

type Asset = readonly [symbol: string, instrument: Instrument];

const FILTERS: Filters<Asset> = {
  asset_class: anyCase(() => "us_equity"),
  class: anyCase(() => "equity"),
  symbol: anyCase(([symbol]) => symbol),
  status: choice(["active", "inactive"], (_asset, status) => status === "active"),
  tradable: choice(["true", "false"], ([, instrument], word) => String(isTradable(instrument)) === word),
};

export const ASSET_ROUTES: readonly ApiRoute[] = [
  {
    method: "GET",
    paths: { current: "/v1/assets", legacy: "/v1/assets" },
    real: "every symbol with a price; filters and pages",
    fixed: "exchange, class, permissions",
    handle: (call, { state }, form) =>
      listReply(call, form, {
        name: "assets",
        items: [...state.market],
        show: ([symbol, instrument]) => form.asset(symbol, instrument),
        filters: FILTERS,
      }),
  },
];
