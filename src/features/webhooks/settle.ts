import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { Lock, WebhookChange, WebhookState } from "../../store/store.ts";
import { endClaims } from "./takeover.ts";
import { ChangeLedger, mayLandUntil } from "./ledger.ts";
import { takeWriteLock } from "./webhook-locks.ts";
import { findWebhook, isVisible, patchAndReadBack, SECOND_LOOK_MS, type JournalDeps } from "./journal.ts";
import { differences, mismatches, stateOf } from "./webhook-state.ts";

/**
 * How a change ended. `untouched`: it never reached the API. `not-ours`: somebody set another URL since, so it was left
 * alone. `handed-over`: a promotion has taken the webhook from the session. `gone`: the webhook does not exist any more.
 * `took-effect`: a change that is meant to stay did reach the API. `unproven`: whether it did is not returned by the API.
 * `in-use`: a session of another home has the webhook, and is going to leave it as this change has made it.
 * `not-seen`: nothing has come of a request that was not answered; the API may still carry it out.
 */
export type Outcome =
  | "restored"
  | "deactivated"
  | "deleted"
  | "kept"
  | "untouched"
  | "not-ours"
  | "in-use"
  | "handed-over"
  | "gone"
  | "took-effect"
  | "unproven"
  | "not-seen";

export interface Settled {
  readonly webhookId: string | null;
  readonly outcome: Outcome;
  /** Until when (Unix milliseconds) a request may still be carried out: the change stays open, to be looked at again. */
  readonly openUntil: number | null;
  /** Fields that somebody else has changed while the session had the webhook: they were left as they are. */
  readonly leftFields: readonly string[];
}

export interface SettleDeps extends JournalDeps {
  /** Whether the creation's answer reached us. If not, its secret is lost, and the webhook is of no use to anybody. */
  readonly isRemembered: (webhookId: string) => boolean;
  /** Throws where the config cannot be written. */
  readonly proveStorable: () => Promise<void>;
  /** Forgets a webhook that was deleted. */
  readonly forget: (webhookId: string) => Promise<void>;
}

/** Waits for the turn to end this change. */
export function takeTurn(deps: Omit<JournalDeps, "api">, change: WebhookChange): Promise<Lock> {
  const key = change.webhookId ?? change.after.url;
  return takeWriteLock(deps.store, { baseUrl: deps.baseUrl, webhookId: key }, deps.holder);
}

/** A change that is to be ended, and what there is to judge it by. */
interface Case {
  readonly deps: SettleDeps;
  readonly change: WebhookChange;
  readonly ledger: ChangeLedger;
  /** Every change that is open here, oldest first. */
  readonly open: readonly WebhookChange[];
  readonly current: Webhook;
}

/**
 * Ends one change: restores the webhook where the change was a session's, else finds out whether it took effect. As long as
 * the API may still carry out a request of it, the change stays open. The caller has taken its turn.
 */
export async function settle(
  deps: SettleDeps,
  { id, webhookId }: Pick<WebhookChange, "id" | "webhookId">,
): Promise<Settled> {
  const open = await deps.store.changes.pending({ environment: deps.environment, baseUrl: deps.baseUrl });
  const change = open.find((each) => each.id === id);
  if (change === undefined) return { webhookId, outcome: "handed-over", openUntil: null, leftFields: [] };
  const ledger = new ChangeLedger(deps, change);
  const current = await find(deps, change);
  const outcome =
    current === undefined ? await missing(deps, change) : await act({ deps, change, ledger, open, current });
  const leftFields = current !== undefined && outcome === "restored" ? changedSince(change, current) : [];
  if (outcome === "in-use") return { webhookId, outcome, openUntil: null, leftFields };
  const openUntil = FINAL.has(outcome) ? null : mayLandUntil(ledger.requests, deps.clock.now());
  await deps.store.changes.update(id, {
    ...(openUntil === null ? { state: "settled" } : { state: "planned" }),
    ...(outcome === "not-seen" ? {} : { outcome }),
    ...(current === undefined ? {} : { webhookId: current.id }),
    ...(current === undefined || !isCreation(change)
      ? {}
      : { after: { ...change.after, description: current.description } }),
    ...(openUntil === null || current === undefined ? {} : standing({ change, open, current })),
  });
  const deletedId = outcome === "deleted" ? (current?.id ?? change.webhookId) : null;
  // The webhook is deleted, whether that can be written down or not.
  if (deletedId !== null) await deps.forget(deletedId).catch(() => {});
  if (change.kind === "promote" && outcome === "took-effect") await endClaims(deps.store, sessionsBefore(change, open));
  return { webhookId: current?.id ?? change.webhookId, outcome, openUntil, leftFields };
}

/** Outcomes after which nothing that is carried out late makes a difference. */
const FINAL: ReadonlySet<Outcome> = new Set(["gone", "deleted", "took-effect"]);

/** What a request that is carried out from now on would overwrite: to that it will be undone. */
function standing({ change, open, current }: Pick<Case, "change" | "open" | "current">): {
  readonly before?: WebhookState;
} {
  const { kind, before } = change;
  const ofSessions = open.filter((each) => each.kind === "session").map(({ after }) => after.url);
  if (kind !== "session" || before === null || ofSessions.some((url) => isSameUrl(url, current.url))) return {};
  return { before: { ...stateOf(current), events: current.events ?? before.events } };
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

async function missing(deps: SettleDeps, change: WebhookChange): Promise<Outcome> {
  const { webhookId, kind } = change;
  if (webhookId === null) return notSeen({ deps, change }, "untouched");
  return kind === "delete" ? "deleted" : "gone";
}

/** What to say of a change of which nothing is to be seen. */
function notSeen({ deps, change }: Pick<Case, "deps" | "change">, otherwise: Outcome): Outcome {
  return mayLandUntil(change, deps.clock.now()) === null ? otherwise : "not-seen";
}

function act(the: Case): Promise<Outcome> {
  return the.change.kind === "session" ? endSession(the) : judgePermanent(the);
}

async function judgePermanent(the: Case): Promise<Outcome> {
  const { deps, change, current } = the;
  if (change.kind === "delete") return notSeen(the, "untouched");
  if (change.webhookId === null && !deps.isRemembered(current.id)) {
    // Created, but its secret is lost with the answer, and with it the use of the webhook.
    await deps.api.deleteWebhook(current.id);
    return "deleted";
  }
  if (change.state === "applied" || change.before === null) return "took-effect";
  if (!isAsSet(current, change.after)) return notSeen(the, "untouched");
  return isVisible(current, differences(change.before, change.after)) ? "took-effect" : notSeen(the, "unproven");
}

async function endSession(the: Case): Promise<Outcome> {
  const { deps, change, ledger, current, open } = the;
  // A promotion that was killed before it could say so has made the webhook what it is.
  if (open.some((each) => each.kind === "promote" && each.webhookId === current.id && isAsSet(current, each.after))) {
    return "handed-over";
  }
  if (!hasLanded(change, current)) {
    if (change.outcome === "handed-over") return "handed-over";
    if (!isSameUrl(current.url, change.before?.url ?? "")) {
      const peer = await deps.askPeer?.(current);
      return peer !== undefined && isSameUrl(peer.restoresTo.url, change.after.url) ? "in-use" : "not-ours";
    }
    return notSeen(the, change.state === "applied" ? "restored" : "untouched");
  }
  // The request whose effect is seen here is over. Others of this change may still be under way.
  if (change.state === "planned") await ledger.closed();
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
      return putBack(the);
    case "deactivate":
      return putBack({ ...the, change: { ...change, before: null } });
    case "restore":
      return putBack(the);
    default:
      return change.onExit satisfies never;
  }
}

/** Whether a webhook is what a session has made of it: by its URL or, where that was the same before, by what else it set. */
function hasLanded({ before, after }: WebhookChange, current: Webhook): boolean {
  if (!isSameUrl(current.url, after.url)) return false;
  const set = Object.keys(before === null ? {} : differences(before, after));
  if (set.length === 0 || set.includes("url")) return true;
  const wrong = mismatches(stateOf(current), after);
  return set.some((field) => !wrong.includes(field));
}

function isAsSet(current: Webhook, after: WebhookState): boolean {
  return mismatches(stateOf(current), after).length === 0;
}

/** A change for good that created its webhook, whose description may have lost its mark since. */
function isCreation({ kind, before, state, webhookId }: WebhookChange): boolean {
  return kind !== "session" && before === null && (state === "applied" || webhookId === null);
}

function sessionsBefore(promotion: WebhookChange, open: readonly WebhookChange[]): WebhookChange[] {
  const at = open.findIndex(({ id }) => id === promotion.id);
  return open.slice(0, at).filter((each) => each.kind === "session" && each.webhookId === promotion.webhookId);
}

/** The fields that are not as a session left them, though its URL still stands: somebody else has changed them. */
function changedSince(change: WebhookChange, current: Webhook): string[] {
  return hasLanded(change, current) ? mismatches(stateOf(current), change.after) : [];
}

/** Takes back what the change set, and what nobody has changed since; inactive where nothing was before. */
async function putBack({ deps, change, ledger, current }: Case): Promise<Outcome> {
  const { before, after } = change;
  const left = changedSince(change, current);
  const undone =
    before === null ? [] : Object.entries(differences(after, before)).filter(([field]) => !left.includes(field));
  const target = { ...stateOf(current), ...(before === null ? { status: "INACTIVE" } : Object.fromEntries(undone)) };
  const difference = differences(stateOf(current), target);
  if (Object.keys(difference).length > 0) await patchAndReadBack(deps, ledger, current.id, target, difference);
  return before === null ? "deactivated" : "restored";
}
