import { AppError, type ErrorCode } from "../../core/errors.ts";
import type { WebhookChange } from "../../store/store.ts";
import { creationLock, sessionLock } from "./webhook-locks.ts";
import type { WebhookAccess } from "./access.ts";
import type { Outcome } from "./recovery-messages.ts";
import { settle } from "./settle.ts";

export interface Recovered {
  readonly change: WebhookChange;
  readonly webhookId: string | null;
  readonly outcome: Outcome;
  readonly leftFields: readonly string[];
}

/** Refusals that concern one webhook only. */
const CONCERNS_ONE_WEBHOOK = new Set<ErrorCode>(["api_refused", "api_conflict", "api_not_found", "webhook_changed"]);

export interface Recovery {
  readonly recovered: Recovered[];
  readonly failed: { change: WebhookChange; error: AppError }[];
  /** Changes with a request that the API may still carry out until this time (Unix milliseconds). */
  readonly awaited: { readonly change: WebhookChange; readonly until: number }[];
}

/**
 * Settles every change that a process with this data folder left unsettled when it died. Changes of live sessions are
 * recognized by their lock and left alone.
 */
export async function recover(access: WebhookAccess): Promise<Recovery> {
  const { recovered, failed, awaited }: Recovery = { recovered: [], failed: [], awaited: [] };
  const { baseUrl } = access.place;
  // Newest first: each change restores the result of the one before it.
  for (const change of (await access.pending()).toReversed()) {
    const { webhookId: id, after } = change;
    await using creating = await access.tryLock(creationLock(baseUrl, after.url));
    if (creating === undefined) continue;
    await using session = id === null ? creating : await access.tryLock(sessionLock(baseUrl, id));
    if (session === undefined) continue;
    // Another process may have settled it before this one got the lock.
    if (!(await access.pending()).some((each) => each.id === change.id)) continue;
    try {
      await using _turn = await access.lockChange(change);
      const { webhookId, outcome, openUntil, leftFields } = await settle(access, change);
      if (outcome !== "not-seen" && outcome !== "in-use") recovered.push({ change, webhookId, outcome, leftFields });
      if (openUntil !== null) awaited.push({ change, until: openUntil });
    } catch (error) {
      if (!(error instanceof AppError) || !CONCERNS_ONE_WEBHOOK.has(error.code)) throw error;
      failed.push({ change, error });
    }
  }
  return { recovered, failed, awaited };
}
