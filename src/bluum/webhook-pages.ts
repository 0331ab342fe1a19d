import { AppError } from "../core/errors.ts";
import type { Caller } from "./caller.ts";
import { decodeWebhookPage, type Webhook } from "./wire/decode-webhook.ts";

const PAGE_SIZE = 100;
const MAX_PAGES = 100;

/**
 * Lists all webhooks. The first page is requested without parameters, which the legacy API does not support; further
 * pages are requested only if the response announces more. It stops if the server repeats a page.
 */
export async function listAllWebhooks(caller: Caller): Promise<Webhook[]> {
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
