import type { Generation } from "../../core/id-rules.ts";
import type { Instrument } from "../entities/market.ts";
import type { Order, OrderRequest } from "../entities/order-entity.ts";
import type { NewOwner, Owner } from "../entities/owner-entity.ts";
import type { Transfer, TransferKind, TransferRequest } from "../entities/transfer-entity.ts";
import type { Webhook, WebhookSettings } from "../entities/webhook-entity.ts";
import type { Page, PageSize } from "./page.ts";
import type { Money, Position, Transaction } from "../entities/portfolio.ts";

export type Json = Record<string, unknown>;

/** The lists of the API, by the last part of their paths. */
export type ListName =
  "orders" | "deposits" | "withdrawals" | "positions" | "wallets" | "transactions" | "assets" | "webhooks";

/** How one generation of the API writes requests and responses. */
export interface WireForm {
  readonly generation: Generation;
  /** The id of an owner in a path. */
  readonly owner: { readonly param: string; readonly pattern: RegExp };
  readonly pages: PageSize;
  /** A page of a list; `path` is that of the request. */
  readonly list: (name: ListName, path: string, page: Page<Json>) => unknown;
  readonly webhook: WebhookForm;
  readonly order: OrderForm;
  readonly transfer: TransferForm;
  /** Reads the body that creates an owner. Throws the documented refusals. */
  readonly readOwner: (body: unknown) => NewOwner;
  readonly investor: (owner: Owner, money: Money) => Json;
  readonly wallets: (owner: Owner, money: Money) => Json[];
  readonly position: (position: Position) => Json;
  /** Undefined for a kind of transaction that the generation does not list. */
  readonly transaction: (transaction: Transaction) => Json | undefined;
  readonly asset: (symbol: string, instrument: Instrument) => Json;
}

export interface WebhookForm {
  readonly readNew: (body: unknown) => WebhookSettings;
  /** `showSecret` only for the response to the creation: later ones do not include it. */
  readonly one: (webhook: Webhook, message: string, options?: { readonly showSecret: boolean }) => Json;
  readonly item: (webhook: Webhook) => Json;
  readonly deleted: (webhook: Webhook) => Json;
  readonly eventTypes: (path: string) => Json;
}

export interface OrderForm {
  /** Throws the documented refusals for an invalid body. */
  readonly read: (body: unknown) => OrderRequest;
  readonly show: (order: Order) => Json;
  /** The data of an event for the order in its current state. */
  readonly event: (order: Order) => Json;
  /** The words of the filter `status`. */
  readonly statusWords: readonly string[];
  readonly hasStatus: (order: Order, word: string) => boolean;
}

export interface TransferForm {
  /** Throws the documented refusals for an invalid body. */
  readonly read: (kind: TransferKind, body: unknown) => TransferRequest;
  readonly show: (transfer: Transfer) => Json;
  /** The data of an event for the transfer in its current state. */
  readonly event: (transfer: Transfer) => Json;
}
