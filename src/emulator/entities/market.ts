import { BoundedMap } from "../bounded-map.ts";
import { type Decimal, decimal } from "../decimal.ts";

/** How orders for an instrument are processed. All but `normal` exist to test how an app handles them. */
export type Behaviour = "normal" | "rejects" | "fills-in-parts" | "market-closed" | "not-tradable" | "unavailable";

export interface Instrument {
  price: Decimal;
  readonly behaviour: Behaviour;
}

const INSTRUMENTS: readonly (readonly [symbol: string, price: string, behaviour?: Behaviour])[] = [
  ["AAPL", "178.50"],
  ["AMZN", "185.20"],
  ["BND", "72.40"],
  ["GOOGL", "164.75"],
  ["META", "492.10"],
  ["MSFT", "415.30"],
  ["NVDA", "120.80"],
  ["SPY", "545.60"],
  ["TSLA", "240.15"],
  ["VTI", "268.90"],
  ["REJECT", "10.00", "rejects"],
  ["PARTIAL", "10.00", "fills-in-parts"],
  ["CLOSED", "10.00", "market-closed"],
  ["HALTED", "10.00", "not-tradable"],
  ["OUTAGE", "10.00", "unavailable"],
];

const CAPACITY = 1_000;

export type Market = Map<string, Instrument>;

export function newMarket(): Market {
  const market: Market = new BoundedMap(CAPACITY);
  for (const [symbol, price, behaviour = "normal"] of INSTRUMENTS) {
    market.set(symbol, { price: decimal(price), behaviour });
  }
  return market;
}

/** Sets a price; an unknown symbol becomes tradable. */
export function setPrice(market: Market, symbol: string, price: Decimal): void {
  const known = market.get(symbol);
  if (known === undefined) market.set(symbol, { price, behaviour: "normal" });
  else known.price = price;
}
