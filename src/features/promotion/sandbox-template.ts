import type { BluumClient } from "../../bluum/client.ts";
import { AppError } from "../../core/errors.ts";
import type { Store, WebhookChange } from "../../store/store.ts";
import { findWebhook } from "../webhooks/find-webhook.ts";
import { eventsOnRecord, knownState } from "../webhooks/webhook-state.ts";
import { sessionsHolding, stateWithoutSessions } from "../webhooks/takeover.ts";

/** The settings that a production webhook copies from the sandbox's. */
export interface Template {
  readonly webhookId: string;
  readonly name: string | null;
  /** Null: unknown. */
  readonly events: readonly string[] | null;
  /** `api`: its current state. `record`: its state when this machine last used it. */
  readonly source: "api" | "record";
}

/**
 * The sandbox webhook that this machine used last, without the changes of a session: from the API if it can be
 * reached, otherwise from the journal.
 */
export async function sandboxTemplate(
  changes: Store["changes"],
  sandbox: { readonly baseUrl: string; readonly webhookId: string | undefined },
  /** Absent without credentials for it. */
  api: Pick<BluumClient, "listWebhooks"> | undefined,
): Promise<Template | undefined> {
  const { baseUrl, webhookId } = sandbox;
  if (webhookId === undefined) return undefined;
  const place = { environment: "sandbox", baseUrl, webhookId };
  const webhook = api === undefined ? undefined : await findWebhook(api, webhookId).catch(unlessUnavailable);
  if (webhook !== undefined) {
    const now = await knownState(changes, place, webhook);
    const sessions = await sessionsHolding(changes, place);
    const { name, events } = stateWithoutSessions(now, sessions) ?? now;
    return { webhookId, name, events, source: "api" };
  }
  const last = await changes.latest({ environment: "sandbox", webhookId });
  if (last === undefined) return undefined;
  const { name, events } = stateLeftBy(last);
  return { webhookId, name, events: events ?? (await eventsOnRecord(changes, place)), source: "record" };
}

/** A session's settings end with it. */
function stateLeftBy({ kind, before, after }: WebhookChange): WebhookChange["after"] {
  return kind === "session" && before !== null ? before : after;
}

/** A sandbox that does not answer, or rejects the credentials, does not prevent a promotion. */
function unlessUnavailable(error: unknown): undefined {
  if (error instanceof AppError) return undefined;
  throw error;
}
