import type { BluumClient } from "../../bluum/client.ts";
import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { commandLine, type Place } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";
import { shellWord } from "../../core/shell-word.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { Clock } from "../../platform/clock.ts";
import type { LockHolder, Store, WebhookChange, WebhookState } from "../../store/store.ts";
import { beneathSessions, endClaims, rebaseDoubts, sessionsHolding } from "./takeover.ts";
import { ChangeLedger } from "./ledger.ts";
import { takeWriteLock } from "./webhook-locks.ts";
import type { PeerSession } from "./peer.ts";
import { knownState } from "./recorded-events.ts";
import { differences, mismatches, stateOf } from "./webhook-state.ts";

/** What a change of a webhook needs, wherever it comes from. */
export interface JournalDeps extends Place {
  readonly api: Pick<BluumClient, "listWebhooks" | "createWebhook" | "updateWebhook" | "deleteWebhook">;
  readonly store: Pick<Store, "changes" | "tryLock" | "lock" | "holderOf">;
  readonly clock: Clock;
  readonly holder: LockHolder;
  /** Called when a change fails that the API may carry out all the same. A session reports that at its end instead. */
  readonly onUnproven?: (change: WebhookChange) => void;
  /** Whether a session of another home listens at the webhook's URL. */
  readonly askPeer?: ((webhook: Webhook) => Promise<PeerSession | undefined>) | undefined;
}

export interface Intent {
  readonly kind: WebhookChange["kind"];
  readonly webhookId: string;
  /** The fields to set; the others stay as they are. */
  readonly set: Partial<WebhookState>;
  /** Leaves events alone that nobody knows: they could not be put back. */
  readonly sparesUnknownEvents?: boolean;
  readonly onExit: WebhookChange["onExit"];
  /** Earlier changes of which one may still stand: what was before it is to be put back, not what it made. */
  readonly replacing?: readonly WebhookChange[];
  /** Takes the webhook from the sessions that hold it: what stood before them counts, and they put nothing back. */
  readonly takesOver?: boolean;
  /** This change as an earlier attempt has planned it. */
  readonly planned?: WebhookChange | undefined;
  /** A reason not to make the change, judged under the lock from what stands there. */
  readonly objection?: (now: WebhookState) => string | undefined;
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
 * Changes a webhook so that it can be undone: what stands there is written to disk, then the PATCH goes out, then the
 * result is read back. Throws `webhook_not_found` if there is none of that id, `webhook_changed` if the API kept other
 * values than it was given. A change that fails without a refusal stays open in the journal: it may yet be made.
 */
export async function changeWebhook(deps: JournalDeps, intent: Intent): Promise<Changed> {
  await using _turn = await takeWriteLock(deps.store, { ...deps, webhookId: intent.webhookId }, deps.holder);
  const before = await findWebhook(deps.api, intent.webhookId);
  if (before === undefined) throw webhookNotFound(intent.webhookId, deps);
  const told = stateOf(before);
  const now = await knownState(deps, before);
  const objection = intent.objection?.(now);
  if (objection !== undefined) {
    throw new AppError("webhook_changed", objection, {
      hint: `Look at it with: ${showCommand(intent.webhookId, deps)}`,
    });
  }
  const sessions =
    intent.takesOver === true ? await sessionsHolding(deps.store, { ...deps, webhookId: intent.webhookId }) : [];
  const peer = await peerAt(deps, before, intent, sessions);
  const beneath = peer === undefined ? beneathSessions(now, sessions) : peer.restoresTo;
  const { events, ...others } = intent.set;
  const isSpared = events === undefined || (now.events === null && intent.sparesUnknownEvents === true);
  const after = { ...(beneath ?? now), ...others, ...(isSpared ? {} : { events }) };
  const standing = intent.replacing?.findLast(({ after: { url } }) => isSameUrl(url, before.url));
  const stood = standing === undefined ? beneath : standing.before;
  const planned =
    (await openChange(deps, intent.planned)) ??
    (await deps.store.changes.plan({
      kind: intent.kind,
      environment: deps.environment,
      baseUrl: deps.baseUrl,
      webhookId: intent.webhookId,
      before: stood,
      after,
      onExit: intent.onExit,
    }));
  intent.onPlanned?.(planned);
  // Events that are to be set are sent where the API cannot tell whether they are there already.
  const difference = differences(isSpared ? now : told, after);
  const isChange = Object.keys(difference).length > 0;
  const ledger = new ChangeLedger(deps, planned);
  const webhook = isChange
    ? await patchAndReadBack(deps, ledger, intent.webhookId, after, difference).catch((error: unknown) => {
        if (ledger.requests.unanswered > 0) deps.onUnproven?.({ ...planned, ...ledger.requests });
        throw error;
      })
    : before;
  await deps.store.changes.update(planned.id, { state: "applied" });
  await endClaims(deps.store, sessions);
  if (intent.kind !== "session") await rebaseDoubts(deps.store, planned, after);
  return { change: planned, webhook, action: isChange ? "patched" : "none" };
}

/** The session of another home that has the webhook which a session or a promotion is about to take. */
async function peerAt(
  deps: JournalDeps,
  webhook: Webhook,
  { kind, set, replacing = [] }: Intent,
  sessions: readonly WebhookChange[],
): Promise<PeerSession | undefined> {
  if (kind !== "session" && kind !== "promote") return undefined;
  const ours = [set.url, ...[...replacing, ...sessions].map(({ after }) => after.url)];
  return ours.some((url) => isSameUrl(url ?? "", webhook.url)) ? undefined : deps.askPeer?.(webhook);
}

/** A change as it is in the journal by now, if it is still open. */
export async function openChange(
  { store, environment, baseUrl }: Pick<JournalDeps, "store" | "environment" | "baseUrl">,
  change: Pick<WebhookChange, "id"> | undefined,
): Promise<WebhookChange | undefined> {
  if (change === undefined) return undefined;
  return (await store.changes.pending({ environment, baseUrl })).find(({ id }) => id === change.id);
}

/**
 * Sends the fields that differ and proves that they are there. Without an answer, what is there counts. The caller holds the
 * write lock.
 */
export async function patchAndReadBack(
  deps: Pick<JournalDeps, "api"> & Place,
  ledger: ChangeLedger,
  webhookId: string,
  after: WebhookState,
  difference: Partial<WebhookState>,
): Promise<Webhook> {
  const { name, status, events, ...rest } = difference;
  const unansweredBefore = ledger.requests.unanswered;
  let failure: AppError | undefined;
  try {
    await deps.api.updateWebhook(
      webhookId,
      {
        ...rest,
        ...(events == null ? {} : { events }),
        ...(typeof name === "string" ? { name } : {}),
        ...(status === undefined ? {} : { status: status === "INACTIVE" ? "INACTIVE" : "ACTIVE" }),
      },
      ledger,
    );
  } catch (error) {
    const isRefused = ledger.requests.unanswered === unansweredBefore;
    if (isRefused || !(error instanceof AppError)) throw error;
    failure = error;
  }
  const now = await findWebhook(deps.api, webhookId);
  if (now === undefined) throw failure ?? webhookNotFound(webhookId, deps);
  // A webhook without a name cannot be given back its lack of one.
  const wrong = mismatches(stateOf(now), { ...after, name: after.name ?? now.name });
  if (failure !== undefined && (wrong.length > 0 || !isVisible(now, difference))) throw failure;
  if (wrong.length > 0) {
    throw new AppError(
      "webhook_changed",
      `the API accepted the change of ${webhookId}, but ${wrong.join(", ")} did not take`,
      {
        hint: `Somebody else may be changing this webhook at the same moment. See it with: ${showCommand(webhookId, deps)}`,
      },
    );
  }
  await ledger.closed();
  return now;
}

/** Whether the API shows any of these fields: where it does not, nothing proves that they were set. */
export function isVisible(webhook: Webhook, set: Partial<WebhookState>): boolean {
  return Object.keys(set).some((field) => field !== "events" || webhook.events !== null);
}

/** How long a webhook that is missing in one list is given to appear in the next. */
export const SECOND_LOOK_MS = 1_000;

/** There is no documented way to read one webhook: the list is read and searched. */
export async function findWebhook(
  api: Pick<BluumClient, "listWebhooks">,
  webhookId: string,
): Promise<Webhook | undefined> {
  return (await api.listWebhooks()).find((webhook) => webhook.id === webhookId);
}

export function webhookNotFound(webhookId: string, place: Place): AppError {
  return new AppError("webhook_not_found", `there is no webhook ${webhookId} in this environment`, {
    hint: `See those that are there with: ${commandLine("webhooks list", place)}`,
  });
}

/** The command that shows a webhook. */
export function showCommand(webhookId: string, place: Place): string {
  return commandLine(`webhooks show ${shellWord(webhookId)}`, place);
}
