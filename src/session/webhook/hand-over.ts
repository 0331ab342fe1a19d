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

/** Ends sessions' claims on a webhook: whatever becomes of them, they put nothing back. */
export async function endClaims(store: Pick<Store, "changes">, sessions: readonly WebhookChange[]): Promise<void> {
  for (const { id } of sessions) await store.changes.update(id, { state: "settled", outcome: "handed-over" });
}
