import * as v from "valibot";
import { isJsonObject, JsonText } from "../../core/json-text.ts";
import type { Decimal } from "../decimal.ts";
import { MARKET_MODES, type MarketMode } from "../entities/market-hours.ts";
import { decimalField, optionalField, parseBody, textField } from "./body-fields.ts";
import type { Delivery } from "../delivery/dispatcher.ts";

const pricesBody = v.object({ symbol: textField(16), price: decimalField("400-005", 4) });

/** A symbol's new market price. */
export function readPrice(body: unknown): { readonly symbol: string; readonly price: Decimal } {
  const { symbol, price } = parseBody(pricesBody, body);
  return { symbol: symbol.toUpperCase(), price };
}

const marketBody = v.object({ market: v.picklist(MARKET_MODES) });

/** When the market is open from now on. */
export function readMarketMode(body: unknown): MarketMode {
  return parseBody(marketBody, body).market;
}

const NO_OBJECT = "400-003 must be an object";

const eventBody = v.object({
  event: textField(128),
  data: v.optional(v.custom<Record<string, unknown>>(isJsonObject, NO_OBJECT), {}),
});

/** An event with any name and data. */
export function readEvent(body: unknown): { readonly event: string; readonly data: Record<string, unknown> } {
  return parseBody(eventBody, body);
}

const failBody = v.object({ reason: optionalField(textField(500)) });

/** The reason for a forced failure of a transfer. */
export function readFailureReason(body: unknown): string {
  return parseBody(failBody, body).reason ?? "The bank returned the transfer.";
}

const resetBody = v.object({ webhooks: v.optional(v.boolean("400-003 must be true or false"), false) });

/** Whether a reset also deletes the webhooks; the sandbox's nightly reset does not. */
export function readResetScope(body: unknown): { readonly webhooks: boolean } {
  return parseBody(resetBody, body);
}

/** A delivery in the format of the control routes. */
export function formatDelivery(delivery: Delivery): Record<string, unknown> {
  const { emission } = delivery;
  return {
    id: delivery.id,
    webhook_id: delivery.webhookId,
    event_id: emission.id,
    event: emission.event,
    resource_id: emission.resourceId,
    state: delivery.state,
    attempts: delivery.attempts.map((attempt) => ({
      at: new Date(attempt.at).toISOString(),
      url: attempt.url,
      status: attempt.status,
      error: attempt.error,
      duration_ms: attempt.durationMs,
      chaos: attempt.chaos,
    })),
    payload: new JsonText(emission.body.toString()),
  };
}
