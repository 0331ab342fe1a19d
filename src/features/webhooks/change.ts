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
  /** The fields to set; the others stay as they are. */
  readonly set: Partial<WebhookState>;
  /** Keeps events that are not known here: they could not be restored. */
  readonly keepsUnknownEvents?: boolean;
  readonly onExit: WebhookChange["onExit"];
  /** Earlier changes of which one may still be in place: what was before it is to be restored, not what it made. */
  readonly replacing?: readonly WebhookChange[];
  /** Takes the webhook over from the sessions that hold it: what was there before them counts, and they restore nothing. */
  readonly isTakeover?: boolean;
  /** This change as an earlier attempt has planned it. */
  readonly planned?: WebhookChange | undefined;
  /** A reason not to make the change, judged under the lock from the webhook's current state. */
  readonly validate?: (now: WebhookState) => string | undefined;
  /** Called once the change is on disk and before the API is asked for it: the place to register an undo. */
  readonly onPlanned?: (change: WebhookChange) => void;
}

export interface Changed {
  readonly change: WebhookChange;
  readonly webhook: Webhook;
  /** Whether anything had to be sent. */
  readonly action: "patched" | "none";
}

/**
 * Changes a webhook so that it can be undone: its current state is written to disk, then the PATCH goes out, then the result
 * is read back. Throws `webhook_not_found` if there is none of that id, `webhook_changed` if the API kept other values than it
 * was given. A change that fails without a refusal stays open in the journal: the API may yet carry it out.
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
      hint: `Look at it with: ${showCommand(webhookId, access.place)}`,
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
  // Events that are to be set are sent where the API cannot tell whether they are there already.
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

/** The session of another home whose webhook a session or a promotion is about to take over. */
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
