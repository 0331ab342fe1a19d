import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { AppError, type Warning } from "../../core/errors.ts";
import type { Fact } from "../../core/facts.ts";
import { LinkedAbort } from "../../platform/abort.ts";
import type { WebhookChange, WebhookState } from "../../store/store.ts";
import { WebhookAccess } from "./access.ts";
import { changeWebhook, type Changed, type Intent } from "./change.ts";
import {
  createPermanent,
  createWebhook,
  type Created,
  type Creation,
  type NewWebhook,
  type PermanentWebhook,
} from "./create.ts";
import { deleteWebhook } from "./delete.ts";
import { warningsOfPending } from "./orphaned-changes.ts";
import { recover, type Recovery } from "./recover.ts";
import {
  byHandCommand,
  leftFieldsMessage,
  recoveryMessage,
  restoreCommand,
  unansweredMessage,
  type Outcome,
} from "./recovery-messages.ts";
import { settle, type Settled } from "./settle.ts";

/** How long the API may take to restore the webhook at the end of a session; after that, the next start restores it. */
const RESTORE_DEADLINE_MS = 20_000;

/**
 * The rules for changing webhooks: the previous state is on disk before a request is sent, so that the webhook can be
 * restored however this process ends. One object for each command; it recovers earlier changes only when
 * `recoverPending` is called.
 */
export class WebhookJournal extends WebhookAccess {
  /** Changes a webhook so that it can be undone. */
  change(intent: Intent): Promise<Changed> {
    return changeWebhook(this, intent);
  }

  /** Changes a webhook permanently: nothing is restored at the end. */
  async changePermanently(intent: Omit<Intent, "onExit">): Promise<Webhook> {
    const { change, webhook } = await this.change({ ...intent, onExit: "keep" });
    await this.changes.update(change.id, { state: "settled", outcome: "took-effect" });
    return webhook;
  }

  /** Changes a webhook permanently, unless a session holds it. */
  async update(webhookId: string, set: Partial<WebhookState>): Promise<Webhook> {
    await using _session = await this.lockSession(webhookId);
    return this.changePermanently({ kind: "register", webhookId, set });
  }

  create(creation: Creation): Promise<Created> {
    return createWebhook(this, creation);
  }

  /** Creates a webhook that stays. */
  createPermanent(kind: "register" | "promote", wanted: NewWebhook): Promise<PermanentWebhook> {
    return createPermanent(this, kind, wanted);
  }

  /** Deletes a webhook, unless the check under its locks refuses. */
  delete(webhook: Webhook, isMeant?: () => Promise<boolean>): Promise<boolean> {
    return deleteWebhook(this, webhook, isMeant);
  }

  /** Settles one change. */
  async settle(change: WebhookChange): Promise<Settled> {
    await using _turn = await this.lockChange(change);
    return settle(this, change);
  }

  /** Restores the webhook at the end of a session. What cannot be restored now stays in the journal. */
  async restoreOnExit(change: WebhookChange): Promise<void> {
    try {
      // Waiting for another process that changes the webhook has its own time limit.
      await using _turn = await this.lockChange(change);
      using deadline = new LinkedAbort(undefined, RESTORE_DEADLINE_MS);
      await using api = await this.openApi(deadline.signal);
      const settled = await settle(this.withApi(api), change);
      this.#publishOutcome(change, settled);
      if (settled.openUntil !== null) this.#warn(unansweredMessage(change, settled.openUntil));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new AppError("restore_pending", `the webhook could not be restored: ${why}`, {
        hint: `Restore it now with: ${restoreCommand(this.place)}. Otherwise the next start restores it.`,
        cause: error,
      });
    }
  }

  /** Settles every change that a process with this data folder left unsettled when it died. */
  recover(): Promise<Recovery> {
    return recover(this);
  }

  /** The same, and reports each change. */
  async recoverPending(): Promise<void> {
    const { recovered, failed, awaited } = await this.recover();
    for (const { change, error } of failed) {
      this.#warn({
        code: "restore_pending",
        message: `webhook ${change.webhookId ?? change.after.url} could not be restored: ${error.message}`,
        hint: `List it with: bluum-hooks restore --list. Restore it manually with: ${byHandCommand(change)}`,
      });
    }
    for (const { change, ...settled } of recovered) {
      this.#publishOutcome(change, settled);
      const { webhookId, outcome } = settled;
      this.#warn({ code: "recovered", ...recoveryMessage(change, webhookId, outcome, this.config.path) });
    }
    for (const { change, until } of awaited) this.#warn(unansweredMessage(change, until));
  }

  /** For a command that changes nothing: warns of the changes that `recoverPending` would settle. */
  async warnOfPending(): Promise<void> {
    const warnings = await warningsOfPending(
      { changes: this.changes, holderOf: (name) => this.holderOf(name) },
      this.place,
      { now: this.clock.now() },
    );
    for (const warning of warnings) this.#warn(warning);
  }

  #publishOutcome(change: WebhookChange, { webhookId, outcome, leftFields }: Omit<Settled, "openUntil">): void {
    const { environment } = this.place;
    const action = RESTORED_ACTIONS[outcome];
    if (webhookId !== null && action !== undefined) this.publish({ type: "restored", environment, webhookId, action });
    if (leftFields.length > 0) this.#warn(leftFieldsMessage(change, leftFields));
  }

  #warn(warning: Warning): void {
    this.publish({ type: "warning", ...warning });
  }
}

const RESTORED_ACTIONS: Record<Outcome, Extract<Fact, { type: "restored" }>["action"] | undefined> = {
  restored: "restored",
  deactivated: "deactivated",
  deleted: "deleted",
  kept: "kept",
  "not-ours": "not-ours",
  "handed-over": "not-ours",
  gone: "gone",
  untouched: undefined,
  "took-effect": undefined,
  unproven: undefined,
  "in-use": undefined,
  "not-seen": undefined,
};
