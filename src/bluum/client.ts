import { type ApiRequest, pathSegment } from "./api-request.ts";
import { type CallerOptions, createCaller, type Caller } from "./caller.ts";
import type { RequestLedger } from "./call.ts";
import { decodeEventTypes, type EventType } from "./wire/decode-event-type.ts";
import { decodeOrder, type Order } from "./wire/decode-order.ts";
import { decodeTransfer, type Transfer } from "./wire/decode-transfer.ts";
import { decodeWebhook, type Webhook, decodeWebhookPage } from "./wire/decode-webhook.ts";
import { AppError } from "../core/errors.ts";

export { type ApiRequest, toCurl } from "./api-request.ts";
export type { RequestLedger } from "./call.ts";
export { cancelRequest, type NewOrder, orderRequest } from "./order-request.ts";
export type { ApiCall } from "./api-sender.ts";
export { type NewTransfer, type TransferKind, transferRequest } from "./transfer-request.ts";
export type { EventType, Order, Transfer, Webhook };

export interface BluumClientOptions extends CallerOptions {
  /** Called before each request that moves money. If it throws, the request is not sent. */
  readonly beforeMoney: () => Promise<void>;
}

interface NewWebhook {
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly description?: string | null | undefined;
}

interface WebhookPatch {
  readonly name?: string | undefined;
  readonly url?: string | undefined;
  readonly description?: string | null | undefined;
  readonly events?: readonly string[] | undefined;
  readonly status?: "ACTIVE" | "INACTIVE" | undefined;
}

/**
 * A client for both generations of the Bluum API. Every method rejects with an AppError (`api_…`,
 * `credentials_refused`, `permission_denied`), or with the reason of the signal that aborted it. Disposing it closes
 * its connections.
 */
export interface BluumClient extends AsyncDisposable {
  listEventTypes(): Promise<EventType[]>;
  /** All webhooks, from all pages. */
  listWebhooks(): Promise<Webhook[]>;
  /** Has no idempotency key: after a failure with an unknown result, list the webhooks. */
  createWebhook(webhook: NewWebhook, ledger?: RequestLedger): Promise<Webhook>;
  /** A PATCH without a response is sent again, and the API may carry out each of them: `ledger` counts them. */
  updateWebhook(id: string, patch: WebhookPatch, ledger?: RequestLedger): Promise<Webhook>;
  deleteWebhook(id: string, ledger?: RequestLedger): Promise<void>;
  /** Sends a request that moves money and returns the JSON of the response, undecoded. */
  send(request: ApiRequest): Promise<unknown>;
  createOrder(request: ApiRequest): Promise<Order>;
  /** The canceled order. */
  cancelOrder(request: ApiRequest): Promise<Order>;
  createTransfer(request: ApiRequest): Promise<Transfer>;
}

const MAYBE_CREATED = "List the webhooks before you try again: the webhook may have been created.";

/** Throws `invalid_url` for an invalid base URL, and the signal's reason if it has aborted already. */
export function createBluumClient(options: BluumClientOptions): BluumClient {
  const caller = createCaller(options);
  /** Every order, cancellation, deposit and withdrawal must be sent through this function. */
  const sendMoney = async <T>(request: ApiRequest, decode: (answer: unknown) => T) => {
    await options.beforeMoney();
    return caller.call({ ...request, repeatable: "always" }, decode);
  };
  return {
    listEventTypes: () =>
      caller.call({ method: "GET", path: "/webhooks/event-types", repeatable: "always" }, decodeEventTypes),
    listWebhooks: () => listAllWebhooks(caller),
    createWebhook: (webhook, ledger) =>
      caller.call(
        {
          method: "POST",
          path: "/webhooks",
          body: webhookBody(webhook),
          repeatable: "if-unprocessed",
          hintIfDone: MAYBE_CREATED,
          ledger,
        },
        decodeWebhook,
      ),
    updateWebhook: async (id, patch, ledger) =>
      caller.call(
        { method: "PATCH", path: webhookPath(id), body: webhookBody(patch), repeatable: "always", ledger },
        decodeWebhook,
      ),
    deleteWebhook: async (id, ledger) =>
      caller.call({ method: "DELETE", path: webhookPath(id), repeatable: "always", ledger }, () => undefined),
    send: (request) => sendMoney(request, (answer) => answer),
    createOrder: (request) => sendMoney(request, decodeOrder),
    cancelOrder: (request) => sendMoney(request, decodeOrder),
    createTransfer: (request) => sendMoney(request, decodeTransfer),
    [Symbol.asyncDispose]: () => caller[Symbol.asyncDispose](),
  };
}

/** Bluum calls a webhook's events `eventTypeNames`; undefined fields are not sent. */
function webhookBody({ events, ...rest }: WebhookPatch): Record<string, unknown> {
  return { ...rest, ...(events === undefined ? {} : { eventTypeNames: events }) };
}

function webhookPath(id: string): string {
  return `/webhooks/${pathSegment("--webhook", id)}`;
}

const PAGE_SIZE = 100;
const MAX_PAGES = 100;

/**
 * Lists all webhooks. The first page is requested without parameters, which the legacy API does not support; further
 * pages are requested only if the response announces more. It stops if the server repeats a page.
 */
async function listAllWebhooks(caller: Caller): Promise<Webhook[]> {
  const found = new Map<string, Webhook>();
  let offset = 0;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const path = page === 0 ? "/webhooks" : `/webhooks?limit=${PAGE_SIZE}&offset=${offset}`;
    const { items, hasMore } = await caller.call({ method: "GET", path, repeatable: "always" }, decodeWebhookPage);
    const isNew = items.some((webhook) => !found.has(webhook.id));
    for (const webhook of items) found.set(webhook.id, webhook);
    if (!hasMore || !isNew) return [...found.values()];
    offset += items.length;
  }
  throw new AppError("api_invalid_response", `the list of webhooks did not end after ${MAX_PAGES} pages`);
}
