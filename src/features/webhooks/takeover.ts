import { isSameUrl } from "../../core/urls.ts";
import type { ApiTarget } from "../../core/command-line.ts";
import type { Store, WebhookChange, WebhookState } from "../../store/store.ts";
import { differences } from "./webhook-state.ts";

type Changes = Store["changes"];

/** The changes by which sessions hold a webhook, oldest first: of running sessions, and of killed, unrestored ones. */
export async function sessionsHolding(
  changes: Pick<Changes, "pending">,
  { environment, baseUrl, webhookId }: ApiTarget & { readonly webhookId: string },
): Promise<WebhookChange[]> {
  const pending = await changes.pending({ environment, baseUrl, webhookId });
  return pending.filter(({ kind }) => kind === "session");
}

/**
 * The state of a webhook without the session that points it at itself, or null if that session created it. A
 * session's URL ends with the session, so it is neither kept nor restored.
 */
export function stateWithoutSessions(now: WebhookState, sessions: readonly WebhookChange[]): WebhookState | null {
  const session = sessions.find(({ after }) => isSameUrl(after.url, now.url));
  if (session === undefined) return now;
  return session.before === null ? null : { ...now, ...differences(session.after, session.before) };
}

/** The state of a webhook after the session with this change has ended. */
export function stateAtEnd({ before, after, onExit }: WebhookChange): WebhookState {
  if (onExit === "keep") return after;
  return before === null || onExit === "deactivate" ? { ...after, status: "INACTIVE" } : before;
}

/**
 * Takes a webhook over from sessions, which then restore nothing. A session with a request that may still be carried
 * out stays unsettled, so that its effect is undone.
 */
export async function releaseSessions(
  changes: Pick<Changes, "update">,
  sessions: readonly WebhookChange[],
): Promise<void> {
  for (const { id, unanswered } of sessions) {
    await changes.update(id, { ...(unanswered > 0 ? {} : { state: "settled" }), outcome: "handed-over" });
  }
}

/** After a permanent change: if a request of an earlier session is carried out late, the new state is restored. */
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
