import { BoundedMap } from "./bounded-map.ts";
import { type Market, newMarket } from "./entities/market.ts";
import type { Order } from "./entities/order-entity.ts";
import { newOwners, type Owner } from "./entities/owner-entity.ts";
import type { Transfer } from "./entities/transfer-entity.ts";
import type { Webhook } from "./entities/webhook-entity.ts";
import { Refusal } from "./refusal.ts";
import { FORMS } from "./wire/forms.ts";
import type { Generation } from "../core/id-rules.ts";

const MAX_ORDERS = 10_000;
const MAX_TRANSFERS = 10_000;
const MAX_IDEMPOTENCY_KEYS = 10_000;

/** The first response to a request with an idempotency key. */
export interface StoredAnswer {
  /** Hash of the request's method, path and body. */
  readonly fingerprint: string;
  readonly status: 200 | 201;
  readonly body: Record<string, unknown>;
  /** Unix time in milliseconds. */
  readonly expiresAt: number;
}

/** All data of the emulated API. */
export interface State {
  readonly webhooks: Map<string, Webhook>;
  owners: Map<string, Owner>;
  market: Market;
  readonly orders: Map<string, Order>;
  readonly transfers: Map<string, Transfer>;
  readonly answers: Map<string, StoredAnswer>;
}

export function newState(): State {
  return {
    webhooks: new Map(),
    owners: newOwners(),
    market: newMarket(),
    orders: new BoundedMap(MAX_ORDERS),
    transfers: new BoundedMap(MAX_TRANSFERS),
    answers: new BoundedMap(MAX_IDEMPOTENCY_KEYS),
  };
}

/** Restores the initial data, but keeps webhook registrations, like the sandbox's nightly reset. */
export function resetData(state: State): void {
  state.owners = newOwners();
  state.market = newMarket();
  state.orders.clear();
  state.transfers.clear();
  state.answers.clear();
}

/** The owner in a path. An id of the other generation has an invalid format; any other unknown id is not found. */
export function ownerOf(state: State, generation: Generation, id: string): Owner {
  const { param, pattern } = FORMS[generation].owner;
  if (!pattern.test(id)) throw new Refusal("400-003", { param, message: `${param} has the wrong format.` });
  const owner = state.owners.get(generation === "legacy" ? id.toLowerCase() : id);
  if (owner === undefined) throw new Refusal("404-001", { message: `There is no ${param} ${id}.` });
  return owner;
}
