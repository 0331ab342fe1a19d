import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { AppError } from "../../core/errors.ts";
import { isSameUrl } from "../../core/urls.ts";
import { newId } from "../../platform/ids.ts";
import type { WebhookChange, WebhookState } from "../../store/store.ts";
import type { WebhookAccess } from "./access.ts";
import { stateOf } from "./webhook-state.ts";

export interface Creation {
  readonly kind: "session" | "register" | "promote";
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly onExit: WebhookChange["onExit"];
  readonly onPlanned?: (change: WebhookChange) => void;
}

export interface Created {
  readonly change: WebhookChange;
  readonly webhook: Webhook;
}

/**
 * Creates a webhook, and stores its secret before anything else can fail, because the API returns it only now. The
 * intent is on disk before the request is sent. A request with a lost response may have created a webhook: it is
 * found and deleted, because its secret is lost, and the creation is tried once more. A request that the API may
 * carry out even later stays unsettled in the journal, which the next start checks.
 */
export async function createWebhook(access: WebhookAccess, creation: Creation): Promise<Created> {
  await access.proveStorable();
  let attempted = await attempt(access, creation);
  if (attempted.webhook === undefined) attempted = await attempt(access, creation);
  const { change, webhook } = attempted;
  if (webhook === undefined) {
    access.warnIfUnanswered(change);
    throw attempted.error;
  }
  await access.remember(webhook.id, true, webhook.secret);
  // The URL as the API returns it, by which the webhook is recognized later.
  const applied = {
    state: "applied",
    webhookId: webhook.id,
    after: { ...change.after, url: webhook.url },
    unanswered: 0,
  } as const;
  await access.changes.update(change.id, applied);
  return { change: { ...change, ...applied }, webhook };
}

type Attempt =
  | Created
  /** There was no usable response. */
  | { readonly change: WebhookChange; readonly webhook?: never; readonly error: unknown };

async function attempt(access: WebhookAccess, creation: Creation): Promise<Attempt> {
  const { kind, name, url, onExit } = creation;
  const events = [...creation.events];
  // Identifies this attempt: another webhook may have the same name and URL.
  const description = `Created by bluum-hooks (${newId(kind)})`;
  const after = { name, url, events, status: "ACTIVE", description };
  const change = await access.plan({ kind, webhookId: null, before: null, after, onExit });
  creation.onPlanned?.(change);
  const ledger = access.ledger(change);
  try {
    return { change, webhook: await access.api.createWebhook({ name, url, events, description }, ledger) };
  } catch (error) {
    if (error instanceof AppError && ledger.requests.unanswered > 0) {
      await removeLost(access, change);
      return { change: { ...change, ...ledger.requests }, error };
    }
    // A refused creation has no effect. An interrupted one may have.
    if (error instanceof AppError) await settled(access, change, "untouched");
    else access.warnIfUnanswered({ ...change, ...ledger.requests });
    throw error;
  }
}

/** Deletes the webhook of a creation whose response was lost. */
async function removeLost(access: WebhookAccess, change: WebhookChange): Promise<void> {
  const { name, url, description } = change.after;
  const lost = (await access.api.listWebhooks()).filter(
    (each) => each.name === name && isSameUrl(each.url, url) && each.description === description,
  );
  for (const each of lost) await access.api.deleteWebhook(each.id);
  if (lost.length > 0) await settled(access, change, "deleted");
}

async function settled(access: WebhookAccess, change: WebhookChange, outcome: "untouched" | "deleted"): Promise<void> {
  await access.changes.update(change.id, { state: "settled", outcome });
}

/** The settings of a new webhook. */
export type NewWebhook = WebhookState & { readonly name: string; readonly events: readonly string[] };

export interface PermanentWebhook {
  readonly webhook: Webhook;
  /** Undefined if the API did not return it. */
  readonly secret: string | undefined;
  /** A problem that does not fail the creation. */
  readonly warning: string | undefined;
}

/**
 * Creates a webhook that stays. Until its id is recorded, its description contains a unique marker, by which it is
 * recognized if this process dies before the response, and by which no other webhook is mistaken for it.
 */
export async function createPermanent(
  access: WebhookAccess,
  kind: "register" | "promote",
  wanted: NewWebhook,
): Promise<PermanentWebhook> {
  await using _creating = await access.lockCreation(wanted.url);
  const { name, url, events, description } = wanted;
  const { change, webhook } = await createWebhook(access, { kind, name, url, events, onExit: "keep" });
  let now = webhook;
  let warning: string | undefined;
  const ledger = access.ledger(change);
  try {
    await using _turn = await access.lockWrite(webhook.id);
    now = await access.patchAndReadBack(ledger, webhook.id, { ...stateOf(webhook), description }, { description });
  } catch (error) {
    // The webhook exists and works, and its secret can be shown only now.
    const may = ledger.requests.unanswered > 0 ? "may keep" : "keeps";
    warning = `${webhook.id} ${may} the description "${webhook.description ?? ""}": ${error instanceof Error ? error.message : String(error)}`;
  }
  const after = { ...stateOf(now), events: now.events ?? change.after.events };
  // The next start checks the description.
  const isOver = ledger.requests.unanswered === 0;
  await access.changes.update(change.id, { ...(isOver ? { state: "settled" } : {}), outcome: "took-effect", after });
  return { webhook: now, secret: webhook.secret, warning };
}
