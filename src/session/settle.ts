import type { Webhook } from "../bluum/wire/webhook.ts";
import { AppError, type ErrorCode } from "../core/errors.ts";
import type { WebhookChange } from "../store/store.ts";
import { creationLock, sessionLock, takeWriteLock } from "./locks.ts";
import { patchAndReadBack, type JournalDeps } from "./journal.ts";
import { differences, stateOf } from "./webhook-state.ts";

/**
 * How a change ended. `untouched`: it never reached the API. `not-ours`: somebody set another URL since, so it was left
 * alone. `gone`: the webhook does not exist any more. `took-effect`: a change that is meant to stay did reach the API.
 */
export type Outcome =
  "restored" | "deactivated" | "deleted" | "kept" | "untouched" | "not-ours" | "gone" | "took-effect";

export interface SettleDeps extends JournalDeps {
  /** Whether the creation's answer reached us. If not, its secret is lost, and the webhook is of no use to anybody. */
  readonly isRemembered: (webhookId: string) => boolean;
}

/** Ends one change: puts the webhook back where the change was a session's, else finds out whether it took effect. */
export async function settle(
  deps: SettleDeps,
  change: WebhookChange,
): Promise<{ webhookId: string | null; outcome: Outcome }> {
  const key = change.webhookId ?? change.after.url;
  await using _turn = await takeWriteLock(deps.store, deps.clock, { ...deps, webhookId: key }, deps.holder);
  const current = locate(change, await deps.api.listWebhooks());
  const outcome = current === undefined ? missing(change) : await act(deps, change, current);
  await deps.store.changes.update(change.id, {
    state: "settled",
    outcome,
    ...(current === undefined ? {} : { webhookId: current.id }),
  });
  return { webhookId: current?.id ?? change.webhookId, outcome };
}

function locate(change: WebhookChange, webhooks: readonly Webhook[]): Webhook | undefined {
  return change.webhookId === null
    ? webhooks.find((webhook) => Object.keys(differences(change.after, stateOf(webhook))).length === 0)
    : webhooks.find((webhook) => webhook.id === change.webhookId);
}

function missing(change: WebhookChange): Outcome {
  return change.webhookId === null ? "untouched" : "gone";
}

async function act(deps: SettleDeps, change: WebhookChange, current: Webhook): Promise<Outcome> {
  if (change.kind !== "session") {
    return Object.keys(differences(stateOf(current), change.after)).length === 0 ? "took-effect" : "untouched";
  }
  if (current.url !== change.after.url) return change.before?.url === current.url ? "untouched" : "not-ours";
  if (change.before === null && !deps.isRemembered(current.id)) {
    await deps.api.deleteWebhook(current.id);
    return "deleted";
  }
  switch (change.onExit) {
    case "keep":
      return "kept";
    case "delete":
      if (change.before === null) {
        await deps.api.deleteWebhook(current.id);
        return "deleted";
      }
      return putBack(deps, current, change);
    case "deactivate":
      return putBack(deps, current, { ...change, before: null });
    case "restore":
      return putBack(deps, current, change);
    default:
      return change.onExit satisfies never;
  }
}

/** Takes back what the change set, and no more; to sleep where nothing was before. */
async function putBack(
  deps: SettleDeps,
  current: Webhook,
  { before, after }: Pick<WebhookChange, "before" | "after">,
): Promise<Outcome> {
  const target = { ...stateOf(current), ...(before === null ? { status: "INACTIVE" } : differences(after, before)) };
  const difference = differences(stateOf(current), target);
  if (Object.keys(difference).length > 0) await patchAndReadBack(deps.api, current.id, target, difference);
  return before === null ? "deactivated" : "restored";
}

export interface Recovered {
  readonly change: WebhookChange;
  readonly webhookId: string | null;
  readonly outcome: Outcome;
}

/** Refusals that say something of one webhook, and nothing of the next. */
const CONCERNS_ONE_WEBHOOK = new Set<ErrorCode>(["api_refused", "api_conflict", "api_not_found", "webhook_changed"]);

/**
 * Ends every change that a process of ours left open when it died. Changes of sessions that still live are recognised by
 * their lock and left alone.
 */
export async function recover(
  deps: SettleDeps,
): Promise<{ recovered: Recovered[]; failed: { change: WebhookChange; error: AppError }[] }> {
  const recovered: Recovered[] = [];
  const failed: { change: WebhookChange; error: AppError }[] = [];
  const pending = await deps.store.changes.pending({ environment: deps.environment, baseUrl: deps.baseUrl });
  // Newest first: each change leads back to what the one before it had made.
  for (const change of pending.toReversed()) {
    await using creating = await deps.store.tryLock(creationLock(deps.baseUrl, change.after.url), deps.holder);
    if (creating === undefined) continue;
    await using held =
      change.webhookId === null
        ? creating
        : await deps.store.tryLock(sessionLock(deps.baseUrl, change.webhookId), deps.holder);
    if (held === undefined) continue;
    // Another process may have settled it before this one got the lock.
    const isOpen = (await deps.store.changes.pending()).some(({ id }) => id === change.id);
    if (!isOpen) continue;
    try {
      recovered.push({ change, ...(await settle(deps, change)) });
    } catch (error) {
      if (!(error instanceof AppError) || !CONCERNS_ONE_WEBHOOK.has(error.code)) throw error;
      failed.push({ change, error });
    }
  }
  return { recovered, failed };
}
