import { BoundedMap } from "../bounded-map.ts";
import { type Decimal, decimal } from "../decimal.ts";

/** How orders for an instrument are processed. All but `normal` exist to test how an app handles them. */
export type Behaviour = "normal" | "rejects" | "fills-in-parts" | "market-closed" | "not-tradable" | "unavailable";

export interface Instrument {
  readonly name: string;
  price: Decimal;
  readonly behaviour: Behaviour;
}

const INSTRUMENTS: readonly (readonly [symbol: string, price: string, name: string, behaviour?: Behaviour])[] = [
  ["AAPL", "178.50", "Apple Inc."],
  ["AMZN", "185.20", "Amazon.com, Inc."],
  ["BND", "72.40", "Vanguard Total Bond Market ETF"],
  ["GOOGL", "164.75", "Alphabet Inc."],
  ["META", "492.10", "Meta Platforms, Inc."],
  ["MSFT", "415.30", "Microsoft Corporation"],
  ["NVDA", "120.80", "NVIDIA Corporation"],
  ["SPY", "545.60", "SPDR S&P 500 ETF"],
  ["TSLA", "240.15", "Tesla, Inc."],
  ["VTI", "268.90", "Vanguard Total Stock Market ETF"],
  ["REJECT", "10.00", "Emulator: rejected", "rejects"],
  ["PARTIAL", "10.00", "Emulator: filled in two parts", "fills-in-parts"],
  ["CLOSED", "10.00", "Emulator: market closed", "market-closed"],
  ["HALTED", "10.00", "Emulator: not tradable", "not-tradable"],
  ["OUTAGE", "10.00", "Emulator: exchange unavailable", "unavailable"],
];

/** Whether an order for it can be placed at all. */
export function isTradable({ behaviour }: Instrument): boolean {
  return behaviour !== "not-tradable";
}

const CAPACITY = 1_000;

export type Market = Map<string, Instrument>;

export function newMarket(): Market {
  const market: Market = new BoundedMap(CAPACITY);
  for (const [symbol, price, name, behaviour = "normal"] of INSTRUMENTS) {
    market.set(symbol, { name, price: decimal(price), behaviour });
  }
  return market;
}

/** Sets a price; an unknown symbol becomes tradable. */
export function setPrice(market: Market, symbol: string, price: Decimal): void {
  const known = market.get(symbol);
  if (known === undefined) market.set(symbol, { name: symbol, price, behaviour: "normal" });
  else known.price = price;
}
