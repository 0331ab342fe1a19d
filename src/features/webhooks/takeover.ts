import { isSameUrl } from "../../core/urls.ts";
import type { Store, WebhookChange, WebhookState } from "../../store/store.ts";
import { differences } from "./webhook-state.ts";

/** The changes by which sessions hold a webhook, oldest first: live ones, and dead ones that nobody could end yet. */
export async function sessionsHolding(
  store: Pick<Store, "changes">,
  place: { readonly environment: string; readonly baseUrl: string; readonly webhookId: string },
): Promise<WebhookChange[]> {
  const { environment, baseUrl, webhookId } = place;
  const pending = await store.changes.pending({ environment, baseUrl, webhookId });
  return pending.filter(({ kind }) => kind === "session");
}

/**
 * What a webhook is once the session that points it at itself is thought away, or null if that session created it. A
 * session's URL ends with the session, so it is nothing to keep, and nothing to go back to.
 */
export function beneathSessions(now: WebhookState, sessions: readonly WebhookChange[]): WebhookState | null {
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
 * Ends sessions' claims on a webhook: whatever becomes of them, they put nothing back. One of which a request may still be
 * carried out stays open, so that this is undone.
 */
export async function endClaims(store: Pick<Store, "changes">, sessions: readonly WebhookChange[]): Promise<void> {
  for (const { id, unanswered } of sessions) {
    await store.changes.update(id, { ...(unanswered > 0 ? {} : { state: "settled" }), outcome: "handed-over" });
  }
}

/** A webhook was changed for good: a request of an earlier session that is carried out late is undone to what it is now. */
export async function rebaseDoubts(
  store: Pick<Store, "changes">,
  { environment, baseUrl, webhookId }: Pick<WebhookChange, "environment" | "baseUrl" | "webhookId">,
  now: WebhookState,
): Promise<void> {
  if (webhookId === null) return;
  for (const { id, unanswered } of await sessionsHolding(store, { environment, baseUrl, webhookId })) {
    if (unanswered > 0) await store.changes.update(id, { before: now });
  }
}
