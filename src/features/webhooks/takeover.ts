import { isSameUrl } from "../../core/urls.ts";
import type { ApiTarget } from "../../core/command-line.ts";
import type { Store, WebhookChange, WebhookState } from "../../store/store.ts";
import { differences } from "./webhook-state.ts";

type Changes = Store["changes"];

/** The changes by which sessions hold a webhook, oldest first: of running sessions, and of killed ones that are not restored yet. */
export async function sessionsHolding(
  changes: Pick<Changes, "pending">,
  { environment, baseUrl, webhookId }: ApiTarget & { readonly webhookId: string },
): Promise<WebhookChange[]> {
  const pending = await changes.pending({ environment, baseUrl, webhookId });
  return pending.filter(({ kind }) => kind === "session");
}

/**
 * What a webhook is without the session that has pointed it at itself, or null if that session created it. A session's URL
 * ends with the session, so it is neither kept nor restored.
 */
export function stateWithoutSessions(now: WebhookState, sessions: readonly WebhookChange[]): WebhookState | null {
  const session = sessions.find(({ after }) => isSameUrl(after.url, now.url));
  if (session === undefined) return now;
  return session.before === null ? null : { ...now, ...differences(session.after, session.before) };
}

/** What a webhook is once the session that made this change has ended. */
export function stateAtEnd({ before, after, onExit }: WebhookChange): WebhookState {
  if (onExit === "keep") return after;
  return before === null || onExit === "deactivate" ? { ...after, status: "INACTIVE" } : before;
}

/**
 * Takes a webhook from sessions: however they end, they restore nothing. One of which a request may still be carried out
 * stays open, so that this is undone.
 */
export async function releaseSessions(
  changes: Pick<Changes, "update">,
  sessions: readonly WebhookChange[],
): Promise<void> {
  for (const { id, unanswered } of sessions) {
    await changes.update(id, { ...(unanswered > 0 ? {} : { state: "settled" }), outcome: "handed-over" });
  }
}

/** A webhook was changed permanently: a request of an earlier session that is carried out late is undone to what it is now. */
export async function rebaseUnanswered(
  changes: Pick<Changes, "pending" | "update">,
  { environment, baseUrl, webhookId }: Pick<WebhookChange, "environment" | "baseUrl" | "webhookId">,
  now: WebhookState,
): Promise<void> {
  if (webhookId === null) return;
  for (const { id, unanswered } of await sessionsHolding(changes, { environment, baseUrl, webhookId })) {
    if (unanswered > 0) await changes.update(id, { before: now });
  }
}
