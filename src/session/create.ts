import type { Webhook } from "../bluum/wire/webhook.ts";
import { AppError } from "../core/errors.ts";
import type { WebhookChange } from "../store/store.ts";
import type { JournalDeps } from "./journal.ts";

export interface Creation {
  readonly kind: "session" | "register" | "promote";
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly description: string | null;
  readonly onExit: WebhookChange["onExit"];
  readonly onPlanned?: (change: WebhookChange) => void;
  /** Keeps the secret, which the API shows only now, before anything else can fail. */
  readonly keepSecret: (webhook: Webhook) => Promise<void>;
}

/**
 * Creates a webhook. The intent is on disk before the request leaves. A request whose answer was lost may still have
 * created one: that one is found by name and URL and removed, because its secret is lost with the answer, and the
 * creation is tried once more.
 */
export async function createWebhook(
  deps: JournalDeps,
  creation: Creation,
): Promise<{ change: WebhookChange; webhook: Webhook }> {
  const { name, url, description } = creation;
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
  const known = new Set((await deps.api.listWebhooks()).map((webhook) => webhook.id));
  const post = () => deps.api.createWebhook({ name, url, events, ...(description === null ? {} : { description }) });
  let webhook: Webhook;
  try {
    webhook = await post();
  } catch (error) {
    if (!isAmbiguous(error)) throw error;
    const lost = (await deps.api.listWebhooks()).filter(
      (each) =>
        !known.has(each.id) &&
        each.name === name &&
        each.url === url &&
        (each.description ?? "") === (description ?? ""),
    );
    for (const each of lost) await deps.api.deleteWebhook(each.id);
    webhook = await post();
  }
  await creation.keepSecret(webhook);
  // The URL as the API keeps it: by that it is known as ours later.
  const applied = { state: "applied", webhookId: webhook.id, after: { ...change.after, url: webhook.url } } as const;
  await deps.store.changes.update(change.id, applied);
  return { change: { ...change, ...applied }, webhook };
}

/** Whether the request may have been carried out although no usable answer came. */
function isAmbiguous(error: unknown): boolean {
  return (
    error instanceof AppError &&
    ["api_unreachable", "api_timeout", "api_unavailable", "api_invalid_response"].includes(error.code)
  );
}
