import type { Webhook } from "../../bluum/wire/webhook.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { Lock, WebhookChange } from "../../store/store.ts";
import { endClaims } from "./hand-over.ts";
import { takeWriteLock } from "./locks.ts";
import { findWebhook, patchAndReadBack, SECOND_LOOK_MS, type JournalDeps } from "./journal.ts";
import { differences, mismatches, stateOf } from "./webhook-state.ts";

/**
 * How a change ended. `untouched`: it never reached the API. `not-ours`: somebody set another URL since, so it was left
 * alone. `handed-over`: a promotion has taken the webhook from the session. `gone`: the webhook does not exist any more.
 * `took-effect`: a change that is meant to stay did reach the API.
 * `not-seen`: a creation whose answer was lost has made nothing yet; it stays open, because the API may still carry it out.
 */
export type Outcome =
  | "restored"
  | "deactivated"
  | "deleted"
  | "kept"
  | "untouched"
  | "not-ours"
  | "handed-over"
  | "gone"
  | "took-effect"
  | "not-seen";

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
  const open = await deps.store.changes.pending({ environment: deps.environment, baseUrl: deps.baseUrl });
  if (!open.some(({ id }) => id === change.id)) return { webhookId: change.webhookId, outcome: "handed-over" };
  const current = await find(deps, change);
  const outcome = current === undefined ? missing(deps, change) : await act(deps, change, current, open);
  if (outcome === "not-seen") return { webhookId: null, outcome };
  await deps.store.changes.update(change.id, {
    state: "settled",
    outcome,
    ...(current === undefined ? {} : { webhookId: current.id }),
    ...(current === undefined || !isCreation(change)
      ? {}
      : { after: { ...change.after, description: current.description } }),
  });
  if (change.kind === "promote" && outcome === "took-effect") await endClaims(deps.store, sessionsBefore(change, open));
  return { webhookId: current?.id ?? change.webhookId, outcome };
}

/** One list without the webhook is no proof that it is gone: a page may have been cut short, or an answer be out of date. */
async function find(deps: SettleDeps, change: WebhookChange): Promise<Webhook | undefined> {
  const { webhookId } = change;
  if (webhookId === null) return (await deps.api.listWebhooks()).find(isMarkedBy(change));
  const found = await findWebhook(deps.api, webhookId);
  if (found !== undefined) return found;
  await deps.clock.sleep(SECOND_LOOK_MS);
  return findWebhook(deps.api, webhookId);
}

/** Every creation marks the description of what it creates. */
function isMarkedBy({ after }: WebhookChange): (webhook: Webhook) => boolean {
  return ({ description }) => description === after.description;
}

/** How long after its planning a creation may still be carried out by an API that has not answered it. */
const LATEST_CREATION_MS = 15 * 60_000;

function missing(deps: SettleDeps, change: WebhookChange): Outcome {
  if (change.webhookId !== null) return "gone";
  return deps.clock.now() - change.createdAt < LATEST_CREATION_MS ? "not-seen" : "untouched";
}

async function act(
  deps: SettleDeps,
  change: WebhookChange,
  current: Webhook,
  open: readonly WebhookChange[],
): Promise<Outcome> {
  const isAsSet = (after: WebhookChange["after"]) => mismatches(stateOf(current), after).length === 0;
  if (change.kind !== "session" && change.webhookId === null && !deps.isRemembered(current.id)) {
    // Created, but its secret is lost with the answer, and with it the use of the webhook.
    await deps.api.deleteWebhook(current.id);
    return "deleted";
  }
  if (change.kind !== "session") {
    return change.state === "applied" || isAsSet(change.after) ? "took-effect" : "untouched";
  }
  // A promotion that was killed before it could say so has made the webhook what it is.
  if (open.some((each) => each.kind === "promote" && each.webhookId === current.id && isAsSet(each.after))) {
    return "handed-over";
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

/** A change for good that created its webhook, whose description may have lost its mark since. */
function isCreation({ kind, before, state, webhookId }: WebhookChange): boolean {
  return kind !== "session" && before === null && (state === "applied" || webhookId === null);
}

function sessionsBefore(promotion: WebhookChange, open: readonly WebhookChange[]): WebhookChange[] {
  const at = open.findIndex(({ id }) => id === promotion.id);
  return open.slice(0, at).filter((each) => each.kind === "session" && each.webhookId === promotion.webhookId);
}

/** Takes back what the change set, and no more; to sleep where nothing was before. */
async function putBack(
  deps: SettleDeps,
  current: Webhook,
  { before, after }: Pick<WebhookChange, "before" | "after">,
): Promise<Outcome> {
  const target = { ...stateOf(current), ...(before === null ? { status: "INACTIVE" } : differences(after, before)) };
  const difference = differences(stateOf(current), target);
  if (Object.keys(difference).length > 0) await patchAndReadBack(deps, current.id, target, difference);
  return before === null ? "deactivated" : "restored";
}
