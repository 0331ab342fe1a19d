import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { AppError } from "../../core/errors.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { WebhookChange, WebhookState } from "../../store/store.ts";
import type { WebhookAccess } from "./access.ts";
import { showCommand } from "./find-webhook.ts";
import type { PeerSession } from "./peer.ts";
import { rebaseUnanswered, releaseSessions, stateWithoutSessions } from "./takeover.ts";
import { differences, stateOf } from "./webhook-state.ts";

export interface Intent {
  readonly kind: WebhookChange["kind"];
  readonly webhookId: string;
  /** The fields to set; the others stay unchanged. */
  readonly set: Partial<WebhookState>;
  /** Keeps unknown events, because they could not be restored. */
  readonly keepsUnknownEvents?: boolean;
  readonly onExit: WebhookChange["onExit"];
  /** Earlier changes of which one may still be in effect: the state before them is restored, not their result. */
  readonly replacing?: readonly WebhookChange[];
  /** Takes the webhook over from its sessions: the state before them is restored, and they restore nothing. */
  readonly isTakeover?: boolean;
  /** This change as planned by an earlier attempt. */
  readonly planned?: WebhookChange | undefined;
  /** A reason not to make the change, determined under the lock from the webhook's current state. */
  readonly validate?: (now: WebhookState) => string | undefined;
  /** Called once the change is on disk and before the request is sent: the place to register an undo. */
  readonly onPlanned?: (change: WebhookChange) => void;
}

export interface Changed {
  readonly change: WebhookChange;
  readonly webhook: Webhook;
  /** Whether a request was needed. */
  readonly action: "patched" | "none";
}

/**
 * Changes a webhook so that it can be undone: its current state is written to disk, then the PATCH is sent, then the
 * result is read. Throws `webhook_not_found` for an unknown id, and `webhook_changed` if the API stored other values.
 * A change that fails without a refusal stays unsettled in the journal, because the API may still carry it out.
 */
export async function changeWebhook(access: WebhookAccess, intent: Intent): Promise<Changed> {
  const { webhookId } = intent;
  await using _turn = await access.lockWrite(webhookId);
  const before = await access.get(webhookId);
  const reported = stateOf(before);
  const now = await access.knownState(before);
  const problem = intent.validate?.(now);
  if (problem !== undefined) {
    throw new AppError("webhook_changed", problem, {
      hint: `Show it with: ${showCommand(webhookId, access.place)}`,
    });
  }
  const sessions = intent.isTakeover === true ? await access.sessions(webhookId) : [];
  const peer = await peerAt(access, before, intent, sessions);
  const underneath = peer === undefined ? stateWithoutSessions(now, sessions) : peer.restoresTo;
  const { events, ...others } = intent.set;
  const isKept = events === undefined || (now.events === null && intent.keepsUnknownEvents === true);
  const after = { ...(underneath ?? now), ...others, ...(isKept ? {} : { events }) };
  const inPlace = intent.replacing?.findLast(({ after: { url } }) => isSameUrl(url, before.url));
  const open = intent.planned === undefined ? [] : await access.pending();
  const planned =
    open.find(({ id }) => id === intent.planned?.id) ??
    (await access.plan({
      kind: intent.kind,
      webhookId,
      before: inPlace === undefined ? underneath : inPlace.before,
      after,
      onExit: intent.onExit,
    }));
  intent.onPlanned?.(planned);
  // Events are sent if the API does not return whether they are already set.
  const difference = differences(isKept ? now : reported, after);
  const isChange = Object.keys(difference).length > 0;
  const ledger = access.ledger(planned);
  const webhook = isChange
    ? await access.patchAndReadBack(ledger, webhookId, after, difference).catch((error: unknown) => {
        if (ledger.requests.unanswered > 0) access.warnIfUnanswered({ ...planned, ...ledger.requests });
        throw error;
      })
    : before;
  await access.changes.update(planned.id, { state: "applied" });
  await releaseSessions(access.changes, sessions);
  if (intent.kind !== "session") await rebaseUnanswered(access.changes, planned, after);
  return { change: planned, webhook, action: isChange ? "patched" : "none" };
}

/** The session with another data folder that a session or a promotion is about to take the webhook over from. */
async function peerAt(
  access: WebhookAccess,
  webhook: Webhook,
  { kind, set, replacing = [] }: Intent,
  sessions: readonly WebhookChange[],
): Promise<PeerSession | undefined> {
  if (kind !== "session" && kind !== "promote") return undefined;
  const ours = [set.url, ...[...replacing, ...sessions].map(({ after }) => after.url)];
  if (ours.some((url) => isSameUrl(url ?? "", webhook.url))) return undefined;
  return access.askPeer(webhook, access.signal);
}
