import { isUtf8 } from "node:buffer";
import type { Delivery } from "../../core/delivery.ts";
import { scalarText } from "../../core/json-text.ts";
import { matchesPattern } from "../../core/events.ts";
import { clean } from "../privacy/clean.ts";

type Data = Readonly<Record<string, unknown>>;

/** The summary of an event, by its name; the first matching pattern counts. */
const SUMMARIES: readonly (readonly [pattern: string, summary: (data: Data) => string])[] = [
  ["order.filled", (data) => `filled ${filled(data)}${price(data)}`],
  ["order.partially_filled", (data) => `filled ${filled(data)}${of(quantity(data))}${price(data)}`],
  ["order.rejected", (data) => because(order(data), reason(data))],
  ["order.*", (data) => because(order(data), reason(data)) || status(data)],
  ["transfer.*", (data) => because(money(data), reason(data)) || status(data)],
  ["deposit.*", (data) => because(money(data), reason(data)) || status(data)],
  ["withdrawal.*", (data) => because(money(data), reason(data)) || status(data)],
  ["document.*", (data) => reason(data) || text(data, "type", "document_type") || status(data)],
  ["kyc.*", (data) => reason(data) || status(data)],
  ["compliance.*", (data) => reason(data) || status(data)],
  ["*", (data) => status(data)],
];

/** One clean line that summarizes a delivery: `buy 1 AAPL`, `filled 1 @ 178.50`; empty without known fields. */
export function summarize({ event, payload, body }: Pick<Delivery, "event" | "payload" | "body">): string {
  // Short, because space is limited; `events show` gives the reason.
  if (payload.kind === "not-json") return body.length === 0 ? "empty body" : isUtf8(body) ? "not JSON" : "binary";
  const data = fieldOf(payload.value, "data");
  if (event === null || typeof data !== "object" || data === null) return "";
  const summary = SUMMARIES.find(([pattern]) => matchesPattern(pattern, event))?.[1];
  return clean(summary?.(data as Data).trim() ?? "");
}

// If a field has two names, the first is the current API's and the other the legacy one's.

function order(data: Data): string {
  const size = quantity(data) || dollars(text(data, "notional"));
  const words = [text(data, "side"), size, text(data, "symbol")].filter((word) => word !== "");
  const limit = text(data, "limit_price");
  return limit === "" ? words.join(" ") : `${words.join(" ")} @ ${limit}`;
}

function filled(data: Data): string {
  return text(data, "filled_quantity", "filled_qty") || quantity(data) || text(data, "symbol");
}

function quantity(data: Data): string {
  return text(data, "quantity", "qty");
}

function price(data: Data): string {
  const average = text(data, "average_price", "filled_avg_price");
  return average === "" ? "" : ` @ ${average}`;
}

function money(data: Data): string {
  return [text(data, "amount"), text(data, "currency")].filter((word) => word !== "").join(" ");
}

function reason(data: Data): string {
  return text(data, "failure_reason", "reject_reason", "rejection_reason", "reason");
}

function status(data: Data): string {
  return text(data, "status");
}

function because(what: string, why: string): string {
  return what === "" || why === "" ? what + why : `${what}: ${why}`;
}

function of(total: string): string {
  return total === "" ? "" : ` of ${total}`;
}

function dollars(amount: string): string {
  return amount === "" ? "" : `$${amount}`;
}

function text(data: Data, ...names: readonly string[]): string {
  for (const name of names) {
    const value = scalarText(fieldOf(data, name));
    if (value !== undefined && value !== "") return value;
  }
  return "";
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name) ? (value as Data)[name] : undefined;
}
