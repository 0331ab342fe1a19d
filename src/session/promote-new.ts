import type { Webhook } from "../bluum/wire/webhook.ts";
import type { Config } from "../config/config.ts";
import { AppError } from "../core/errors.ts";
import { isSameUrl } from "../core/urls.ts";
import { newId } from "../platform/ids.ts";
import type { Store, WebhookState } from "../store/store.ts";
import { createWebhook } from "./create.ts";
import { patchAndReadBack, SECOND_LOOK_MS, webhookNotFound, type JournalDeps } from "./journal.ts";
import { creationLock, holdWebhook, takeWriteLock } from "./locks.ts";
import { stateOf } from "./webhook-state.ts";

/** Which webhook a promotion means: one that is there, or one that has yet to be created. */
export type PromotionTarget =
  | { readonly kind: "existing"; readonly webhookId: string }
  | { readonly kind: "none"; readonly forgottenId: string | undefined };

/**
 * The webhook that is meant: the one asked for, else the one last used here, else the one that delivers to the URL already.
 * Throws `webhook_not_found` where there are others: which of them it is, or whether it is none, is not for us to guess.
 */
export async function choosePromoted(
  { api, clock }: Pick<JournalDeps, "api" | "clock">,
  query: {
    readonly environment: string;
    readonly askedId: string | undefined;
    readonly rememberedId: string | undefined;
    readonly url: string;
    readonly isNew: boolean;
  },
): Promise<PromotionTarget> {
  const { environment, askedId, rememberedId, url, isNew } = query;
  let webhooks = await api.listWebhooks();
  if (rememberedId !== undefined && webhooks.every(({ id }) => id !== rememberedId)) {
    // A second webhook would deliver everything twice: one list that was cut short is no reason to make it.
    await clock.sleep(SECOND_LOOK_MS);
    webhooks = await api.listWebhooks();
  }
  if (isNew) return { kind: "none", forgottenId: undefined };
  if (askedId !== undefined) {
    if (webhooks.every(({ id }) => id !== askedId)) throw webhookNotFound(askedId);
    return { kind: "existing", webhookId: askedId };
  }
  const known =
    webhooks.find(({ id }) => id === rememberedId) ?? webhooks.find((webhook) => isSameUrl(webhook.url, url));
  if (known !== undefined) return { kind: "existing", webhookId: known.id };
  if (environment === "production" && webhooks.length === 0) return { kind: "none", forgottenId: rememberedId };
  throw new AppError(
    "webhook_not_found",
    webhooks.length === 0
      ? `there is no webhook in ${environment} yet`
      : `${environment} has ${webhooks.length === 1 ? "a webhook" : `${webhooks.length} webhooks`}, none of which was used from this machine`,
    {
      hint:
        environment === "production"
          ? "Name one with --webhook ID (see bluum-hooks webhooks list --env production), or create another with --new."
          : "Name one with --webhook ID (see bluum-hooks webhooks list), or create it with bluum-hooks register URL.",
    },
  );
}

export interface PromotedCreation {
  readonly webhook: Webhook;
  /** Undefined where the API did not show it. */
  readonly secret: string | undefined;
  /** What did not matter enough to fail. */
  readonly warning: string | undefined;
}

/**
 * Creates the webhook as it shall be. Until its id is on record it carries a mark of its own in its description: by that it
 * is known again if this process dies before the answer is here, and no other webhook is ever taken for it.
 */
export async function createPromoted(
  deps: JournalDeps & { readonly store: Store; readonly config: Config },
  wanted: WebhookState & { readonly name: string; readonly description: string },
): Promise<PromotedCreation> {
  const { environment, baseUrl } = deps;
  await using _creating = await holdWebhook(deps.store, creationLock(baseUrl, wanted.url), deps.holder);
  const { change, webhook } = await createWebhook(deps, {
    kind: "promote",
    name: wanted.name,
    url: wanted.url,
    events: wanted.events,
    describe: () => `${wanted.description} (${newId("promotion")})`,
    onExit: "keep",
    keepSecret: async ({ id, secret }) => {
      await deps.config.rememberWebhook(environment, id, {
        baseUrl,
        createdByUs: true,
        ...(secret === undefined ? {} : { secret }),
      });
      await deps.config.remember(environment, { webhookId: id });
    },
  });
  const { description } = wanted;
  let now = webhook;
  let warning: string | undefined;
  try {
    await using _turn = await takeWriteLock(deps.store, deps.clock, { baseUrl, webhookId: webhook.id }, deps.holder);
    now = await patchAndReadBack(deps.api, webhook.id, { ...stateOf(webhook), description }, { description });
  } catch (error) {
    // The webhook is there and works, and its secret must be shown now or never.
    warning = `${webhook.id} keeps the description "${webhook.description ?? ""}": ${error instanceof Error ? error.message : String(error)}`;
  }
  await deps.store.changes.update(change.id, { state: "settled", outcome: "took-effect", after: stateOf(now) });
  return { webhook: now, secret: webhook.secret, warning };
}
