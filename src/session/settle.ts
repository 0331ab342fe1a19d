import type { Webhook } from "../bluum/wire/webhook.ts";
import { isSameUrl } from "../core/urls.ts";
import type { Lock, WebhookChange } from "../store/store.ts";
import { takeWriteLock } from "./locks.ts";
import { findWebhook, patchAndReadBack, SECOND_LOOK_MS, type JournalDeps } from "./journal.ts";
import { differences, stateOf } from "./webhook-state.ts";

/**
 * How a change ended. `untouched`: it never reached the API. `not-ours`: somebody set another URL since, so it was left
 * alone. `gone`: the webhook does not exist any more. `took-effect`: a change that is meant to stay did reach the API.
 * `not-seen`: a creation whose answer was lost has made nothing yet; it stays open, because the API may still carry it out.
 */
export type Outcome =
  "restored" | "deactivated" | "deleted" | "kept" | "untouched" | "not-ours" | "gone" | "took-effect" | "not-seen";

export interface SettleDeps extends JournalDeps {
  /** Whether the creation's answer reached us. If not, its secret is lost, and the webhook is of no use to anybody. */
  readonly isRemembered: (webhookId: string) => boolean;
}

/** Waits for the turn to end this change. */
export function takeTurn(deps: Omit<JournalDeps, "api">, change: WebhookChange): Promise<Lock> {
  const key = change.webhookId ?? change.after.url;
  return takeWriteLock(deps.store, deps.clock, { baseUrl: deps.baseUrl, webhookId: key }, deps.holder);
}

/**
 * Ends one change: puts the webhook back where the change was a session's, else finds out whether it took effect. The
 * caller has taken its turn.
 */
export async function settle(
  deps: SettleDeps,
  change: WebhookChange,
): Promise<{ webhookId: string | null; outcome: Outcome }> {
  const current = await find(deps, change);
  const outcome = current === undefined ? missing(deps, change) : await act(deps, change, current);
  if (outcome === "not-seen") return { webhookId: null, outcome };
  await deps.store.changes.update(change.id, {
    state: "settled",
    outcome,
    ...(current === undefined ? {} : { webhookId: current.id }),
  });
  return { webhookId: current?.id ?? change.webhookId, outcome };
}

/** One list without the webhook is no proof that it is gone: a page may have been cut short, or an answer be out of date. */
async function find(deps: SettleDeps, change: WebhookChange): Promise<Webhook | undefined> {
  const { webhookId } = change;
  if (webhookId === null) return (await deps.api.listWebhooks()).find((webhook) => isMadeBy(change, webhook));
  const found = await findWebhook(deps.api, webhookId);
  if (found !== undefined) return found;
  await deps.clock.sleep(SECOND_LOOK_MS);
  return findWebhook(deps.api, webhookId);
}

/** A session marks the description of what it creates; what else is created is known by all of its fields. */
function isMadeBy(change: WebhookChange, webhook: Webhook): boolean {
  if (change.kind === "session") return webhook.description === change.after.description;
  return Object.keys(differences(change.after, stateOf(webhook))).length === 0;
}

/** How long after its planning a creation may still be carried out by an API that has not answered it. */
const LATEST_CREATION_MS = 15 * 60_000;

function missing(deps: SettleDeps, change: WebhookChange): Outcome {
  if (change.webhookId !== null) return "gone";
  return deps.clock.now() - change.createdAt < LATEST_CREATION_MS ? "not-seen" : "untouched";
}

async function act(deps: SettleDeps, change: WebhookChange, current: Webhook): Promise<Outcome> {
  if (change.kind !== "session") {
    return Object.keys(differences(stateOf(current), change.after)).length === 0 ? "took-effect" : "untouched";
  }
  if (!isSameUrl(current.url, change.after.url)) {
    return isSameUrl(current.url, change.before?.url ?? "") ? "untouched" : "not-ours";
  }
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
