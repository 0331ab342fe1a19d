import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import type { Config } from "../../config/config-file.ts";
import { newId } from "../../platform/ids.ts";
import type { Store, WebhookState } from "../../store/store.ts";
import { createWebhook } from "./create.ts";
import { patchAndReadBack, type JournalDeps } from "./journal.ts";
import { ChangeLedger } from "./ledger.ts";
import { creationLock, holdWebhook, takeWriteLock } from "./webhook-locks.ts";
import { stateOf } from "./webhook-state.ts";

export interface LastingCreation {
  readonly webhook: Webhook;
  /** Undefined where the API did not show it. */
  readonly secret: string | undefined;
  /** What did not matter enough to fail. */
  readonly warning: string | undefined;
}

/**
 * Creates a webhook that stays, as it shall be. Until its id is on record it carries a mark of its own in its description: by
 * that it is known again if this process dies before the answer is here, and no other webhook is ever taken for it.
 */
export async function createForGood(
  deps: JournalDeps & { readonly store: Store; readonly config: Config },
  kind: "register" | "promote",
  wanted: WebhookState & { readonly name: string; readonly events: readonly string[] },
): Promise<LastingCreation> {
  const { environment, baseUrl } = deps;
  await using _creating = await holdWebhook(deps.store, creationLock(baseUrl, wanted.url), deps.holder);
  const { description } = wanted;
  const { change, webhook } = await createWebhook(deps, {
    kind,
    name: wanted.name,
    url: wanted.url,
    events: wanted.events,
    describe: () => `Created by bluum-hooks (${newId(kind)})`,
    onExit: "keep",
    proveStorable: () => deps.config.remember(environment, {}),
    keepSecret: async ({ id, secret }) => {
      await deps.config.rememberWebhook(environment, id, {
        baseUrl,
        createdByUs: true,
        ...(secret === undefined ? {} : { secret }),
      });
      await deps.config.remember(environment, { webhookId: id });
    },
  });
  let now = webhook;
  let warning: string | undefined;
  const ledger = new ChangeLedger(deps, change);
  try {
    await using _turn = await takeWriteLock(deps.store, { baseUrl, webhookId: webhook.id }, deps.holder);
    now = await patchAndReadBack(deps, ledger, webhook.id, { ...stateOf(webhook), description }, { description });
  } catch (error) {
    // The webhook is there and works, and its secret must be shown now or never.
    const may = ledger.requests.unanswered > 0 ? "may keep" : "keeps";
    warning = `${webhook.id} ${may} the description "${webhook.description ?? ""}": ${error instanceof Error ? error.message : String(error)}`;
  }
  const after = { ...stateOf(now), events: now.events ?? change.after.events };
  // The next start looks at what became of the description.
  const isOver = ledger.requests.unanswered === 0;
  await deps.store.changes.update(change.id, {
    ...(isOver ? { state: "settled" } : {}),
    outcome: "took-effect",
    after,
  });
  return { webhook: now, secret: webhook.secret, warning };
}
