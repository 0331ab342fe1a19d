import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { WebhookChange, WebhookState } from "../../store/store.ts";
import type { WebhookAccess } from "./access.ts";
import { mayLandUntil, type ChangeLedger } from "./ledger.ts";
import type { Outcome } from "./recovery-messages.ts";
import { releaseSessions } from "./takeover.ts";
import { differences, isVisible, mismatches, stateOf } from "./webhook-state.ts";

export interface Settled {
  readonly webhookId: string | null;
  readonly outcome: Outcome;
  /** Until when (Unix milliseconds) a request may still be carried out: the change stays unsettled until then. */
  readonly openUntil: number | null;
  /** Fields that others have changed while the session had the webhook; they were left unchanged. */
  readonly leftFields: readonly string[];
}

/** A change to settle, and the facts that decide how. */
interface Case {
  readonly access: WebhookAccess;
  readonly change: WebhookChange;
  readonly ledger: ChangeLedger;
  /** Every unsettled change here, oldest first. */
  readonly open: readonly WebhookChange[];
  readonly current: Webhook;
}

/**
 * Settles one change: restores the webhook if the change was a session's, otherwise determines whether it took
 * effect. While the API may still carry out a request of it, the change stays unsettled. The caller has locked it.
 */
export async function settle(access: WebhookAccess, { id, webhookId }: WebhookChange): Promise<Settled> {
  const open = await access.pending();
  const change = open.find((each) => each.id === id);
  if (change === undefined) return { webhookId, outcome: "handed-over", openUntil: null, leftFields: [] };
  const ledger = access.ledger(change);
  const current =
    change.webhookId === null ? await findMarked(access, change) : await access.findOnSecondLook(change.webhookId);
  const outcome =
    current === undefined ? missing(access, change) : await act({ access, change, ledger, open, current });
  const leftFields = current !== undefined && outcome === "restored" ? changedSince(change, current) : [];
  if (outcome === "in-use") return { webhookId, outcome, openUntil: null, leftFields };
  const openUntil = FINAL.has(outcome) ? null : mayLandUntil(ledger.requests, access.clock.now());
  await access.changes.update(id, {
    ...(openUntil === null ? { state: "settled" } : { state: "planned" }),
    ...(outcome === "not-seen" ? {} : { outcome }),
    ...(current === undefined ? {} : { webhookId: current.id }),
    ...(current === undefined || !isCreation(change)
      ? {}
      : { after: { ...change.after, description: current.description } }),
    ...(openUntil === null || current === undefined ? {} : inPlace({ change, open, current })),
  });
  const deletedId = outcome === "deleted" ? (current?.id ?? change.webhookId) : null;
  // The webhook is deleted, even if that cannot be recorded.
  if (deletedId !== null) await access.forget(deletedId).catch(() => {});
  if (change.kind === "promote" && outcome === "took-effect")
    await releaseSessions(access.changes, sessionsBefore(change, open));
  return { webhookId: current?.id ?? change.webhookId, outcome, openUntil, leftFields };
}

/** Outcomes that a late request cannot affect. */
const FINAL: ReadonlySet<Outcome> = new Set(["gone", "deleted", "took-effect"]);

/** The state that a late request would overwrite, which is then restored. */
function inPlace({ change, open, current }: Pick<Case, "change" | "open" | "current">): {
  readonly before?: WebhookState;
} {
  const { kind, before } = change;
  const ofSessions = open.filter((each) => each.kind === "session").map(({ after }) => after.url);
  if (kind !== "session" || before === null || ofSessions.some((url) => isSameUrl(url, current.url))) return {};
  return { before: { ...stateOf(current), events: current.events ?? before.events } };
}

/** Every creation adds a marker to the webhook's description. */
async function findMarked({ api }: WebhookAccess, { after }: WebhookChange): Promise<Webhook | undefined> {
  return (await api.listWebhooks()).find(({ description }) => description === after.description);
}

function missing(access: WebhookAccess, change: WebhookChange): Outcome {
  if (change.webhookId === null) return notSeen({ access, change }, "untouched");
  return change.kind === "delete" ? "deleted" : "gone";
}

/** The outcome of a change that has no visible effect. */
function notSeen({ access, change }: Pick<Case, "access" | "change">, otherwise: Outcome): Outcome {
  return mayLandUntil(change, access.clock.now()) === null ? otherwise : "not-seen";
}

function act(the: Case): Promise<Outcome> {
  return the.change.kind === "session" ? endSession(the) : judgePermanent(the);
}

async function judgePermanent(the: Case): Promise<Outcome> {
  const { access, change, current } = the;
  if (change.kind === "delete") return notSeen(the, "untouched");
  if (change.webhookId === null && !access.isRemembered(current.id)) {
    // Created, but its secret is lost with the response, so the webhook cannot be used.
    await access.api.deleteWebhook(current.id);
    return "deleted";
  }
  if (change.state === "applied" || change.before === null) return "took-effect";
  if (!isAsSet(current, change.after)) return notSeen(the, "untouched");
  return isVisible(current, differences(change.before, change.after)) ? "took-effect" : notSeen(the, "unproven");
}

async function endSession(the: Case): Promise<Outcome> {
  const { access, change, ledger, current, open } = the;
  // A promotion was killed before it recorded the change that it had made.
  if (open.some((each) => each.kind === "promote" && each.webhookId === current.id && isAsSet(current, each.after))) {
    return "handed-over";
  }
  if (!hasLanded(change, current)) {
    if (change.outcome === "handed-over") return "handed-over";
    if (!isSameUrl(current.url, change.before?.url ?? "")) {
      const peer = await access.askPeer(current);
      return peer !== undefined && isSameUrl(peer.restoresTo.url, change.after.url) ? "in-use" : "not-ours";
    }
    return notSeen(the, change.state === "applied" ? "restored" : "untouched");
  }
  // The request whose effect is confirmed is complete. Others of this change may still be pending.
  if (change.state === "planned") await ledger.closed();
  if (change.before === null && !access.isRemembered(current.id)) {
    await access.api.deleteWebhook(current.id);
    return "deleted";
  }
  switch (change.onExit) {
    case "keep":
      return "kept";
    case "delete":
      if (change.before === null) {
        await access.api.deleteWebhook(current.id);
        return "deleted";
      }
      return restore(the);
    case "deactivate":
      return restore({ ...the, change: { ...change, before: null } });
    case "restore":
      return restore(the);
    default:
      return change.onExit satisfies never;
  }
}

/** Whether a webhook has a session's state: by its URL or, if that was the same before, by the other fields. */
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

/** A permanent change that created its webhook, whose description may no longer have the marker. */
function isCreation({ kind, before, state, webhookId }: WebhookChange): boolean {
  return kind !== "session" && before === null && (state === "applied" || webhookId === null);
}

function sessionsBefore(promotion: WebhookChange, open: readonly WebhookChange[]): WebhookChange[] {
  const at = open.findIndex(({ id }) => id === promotion.id);
  return open.slice(0, at).filter((each) => each.kind === "session" && each.webhookId === promotion.webhookId);
}

/** The fields that differ from a session's state although its URL is still registered: others have changed them. */
function changedSince(change: WebhookChange, current: Webhook): string[] {
  return hasLanded(change, current) ? mismatches(stateOf(current), change.after) : [];
}

/**
 * Restores the fields that the change set, except those that others have changed since; a webhook that did not exist
 * before becomes inactive.
 */
async function restore({ access, change, ledger, current }: Case): Promise<Outcome> {
  const { before, after } = change;
  const left = changedSince(change, current);
  const undone =
    before === null ? [] : Object.entries(differences(after, before)).filter(([field]) => !left.includes(field));
  const target = { ...stateOf(current), ...(before === null ? { status: "INACTIVE" } : Object.fromEntries(undone)) };
  const difference = differences(stateOf(current), target);
  if (Object.keys(difference).length > 0) await access.patchAndReadBack(ledger, current.id, target, difference);
  return before === null ? "deactivated" : "restored";
}
