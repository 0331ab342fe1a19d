import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { AppError } from "../../core/errors.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { WebhookChange } from "../../store/store.ts";
import type { JournalDeps } from "./journal.ts";
import { ChangeLedger } from "./ledger.ts";

export interface Creation {
  readonly kind: "session" | "register" | "promote";
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  /** Asked for anew for each attempt: a description that no other webhook has tells what became of a lost one. */
  readonly describe: () => string;
  readonly onExit: WebhookChange["onExit"];
  readonly onPlanned?: (change: WebhookChange) => void;
  /** Throws where the secret could not be kept: then nothing is created. */
  readonly proveStorable: () => Promise<void>;
  /** Keeps the secret, which the API shows only now, before anything else can fail. */
  readonly keepSecret: (webhook: Webhook) => Promise<void>;
}

/**
 * Creates a webhook. The intent is on disk before the request leaves. A request whose answer was lost may still have
 * created one: that one is found and removed, because its secret is lost with the answer, and the creation is tried once
 * more. What the API carries out later still is left open in the journal, where the next start looks for it.
 */
export async function createWebhook(
  deps: JournalDeps,
  creation: Creation,
): Promise<{ change: WebhookChange; webhook: Webhook }> {
  await creation.proveStorable();
  const known = new Set((await deps.api.listWebhooks()).map((webhook) => webhook.id));
  let made = await attempt(deps, creation, known);
  if (made.webhook === undefined) made = await attempt(deps, creation, known);
  const { change, webhook } = made;
  if (webhook === undefined) {
    deps.onUnproven?.(change);
    throw made.error;
  }
  await creation.keepSecret(webhook);
  // The URL as the API keeps it: by that it is known as ours later.
  const applied = {
    state: "applied",
    webhookId: webhook.id,
    after: { ...change.after, url: webhook.url },
    unanswered: 0,
  } as const;
  await deps.store.changes.update(change.id, applied);
  return { change: { ...change, ...applied }, webhook };
}

type Attempt =
  | { readonly change: WebhookChange; readonly webhook: Webhook }
  /** No usable answer came. */
  | { readonly change: WebhookChange; readonly webhook?: never; readonly error: unknown };

async function attempt(deps: JournalDeps, creation: Creation, known: ReadonlySet<string>): Promise<Attempt> {
  const { name, url } = creation;
  const description = creation.describe();
  const events = [...creation.events];
  const change = await deps.store.changes.plan({
    kind: creation.kind,
    environment: deps.environment,
    baseUrl: deps.baseUrl,
    webhookId: null,
    before: null,
    after: { name, url, events, status: "ACTIVE", description },
    onExit: creation.onExit,
  });
  creation.onPlanned?.(change);
  const wish = { name, url, events, description };
  const ledger = new ChangeLedger(deps, change);
  try {
    return { change, webhook: await deps.api.createWebhook(wish, ledger) };
  } catch (error) {
    if (error instanceof AppError && ledger.requests.unanswered > 0) {
      await removeLost(deps, change, known);
      return { change: { ...change, ...ledger.requests }, error };
    }
    // What was refused was not done. Of what was interrupted nobody knows.
    if (error instanceof AppError) await settled(deps, change, "untouched");
    else deps.onUnproven?.({ ...change, ...ledger.requests });
    throw error;
  }
}

/** Removes what a creation made whose answer was lost, as far as it is there by now. */
async function removeLost(deps: JournalDeps, change: WebhookChange, known: ReadonlySet<string>): Promise<void> {
  const { name, url, description } = change.after;
  const lost = (await deps.api.listWebhooks()).filter(
    (each) => !known.has(each.id) && each.name === name && isSameUrl(each.url, url) && each.description === description,
  );
  for (const each of lost) await deps.api.deleteWebhook(each.id);
  if (lost.length > 0) await settled(deps, change, "deleted");
}

async function settled(deps: JournalDeps, change: WebhookChange, outcome: "untouched" | "deleted"): Promise<void> {
  await deps.store.changes.update(change.id, { state: "settled", outcome });
}
