import { AppError, type ErrorCode } from "../../core/errors.ts";
import type { WebhookChange } from "../../store/store.ts";
import { creationLock, sessionLock } from "./webhook-locks.ts";
import { settle, takeTurn, type Outcome, type SettleDeps } from "./settle.ts";

export interface Recovered {
  readonly change: WebhookChange;
  readonly webhookId: string | null;
  readonly outcome: Outcome;
  readonly leftFields: readonly string[];
}

/** Refusals that say something of one webhook, and nothing of the next. */
const CONCERNS_ONE_WEBHOOK = new Set<ErrorCode>(["api_refused", "api_conflict", "api_not_found", "webhook_changed"]);

export interface Recovery {
  readonly recovered: Recovered[];
  readonly failed: { change: WebhookChange; error: AppError }[];
  /** Changes of which the API may still carry out a request, until then (Unix milliseconds): the next start looks again. */
  readonly awaited: { readonly change: WebhookChange; readonly until: number }[];
}

/**
 * Ends every change that a process of ours left open when it died. Changes of sessions that still live are recognised by
 * their lock and left alone.
 */
export async function recover(deps: SettleDeps): Promise<Recovery> {
  const { recovered, failed, awaited }: Recovery = { recovered: [], failed: [], awaited: [] };
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
      await using _turn = await takeTurn(deps, change);
      const { webhookId, outcome, openUntil, leftFields } = await settle(deps, change);
      if (outcome !== "not-seen" && outcome !== "in-use") recovered.push({ change, webhookId, outcome, leftFields });
      if (openUntil !== null) awaited.push({ change, until: openUntil });
    } catch (error) {
      if (!(error instanceof AppError) || !CONCERNS_ONE_WEBHOOK.has(error.code)) throw error;
      failed.push({ change, error });
    }
  }
  return { recovered, failed, awaited };
}
