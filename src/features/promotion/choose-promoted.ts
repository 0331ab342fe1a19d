import { commandLine, type ApiTarget, shellWord } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";
import { isSameUrl } from "../../core/urls.ts";
import { SECOND_LOOK_MS, webhookNotFound } from "../webhooks/find-webhook.ts";
import type { WebhookJournal } from "../webhooks/journal.ts";

/** The webhook that a promotion changes: an existing one, or a new one. */
export type PromotionTarget =
  | { readonly kind: "existing"; readonly webhookId: string }
  | { readonly kind: "none"; readonly forgottenId: string | undefined };

/**
 * Selects the webhook: the requested one, otherwise the last used one, otherwise the one that already delivers to the
 * URL. Throws `webhook_not_found` if only other webhooks exist, because the right one is unknown.
 */
export async function choosePromoted(
  journal: WebhookJournal,
  query: {
    readonly askedId: string | undefined;
    readonly rememberedId: string | undefined;
    readonly url: string;
    readonly isNew: boolean;
  },
): Promise<PromotionTarget> {
  const { api, clock, place } = journal;
  const { environment } = place;
  const { askedId, rememberedId, url, isNew } = query;
  let webhooks = await api.listWebhooks();
  if (rememberedId !== undefined && webhooks.every(({ id }) => id !== rememberedId)) {
    // A second webhook would deliver everything twice, so one list, which may be incomplete, does not justify
    // creating it.
    await clock.sleep(SECOND_LOOK_MS);
    webhooks = await api.listWebhooks();
  }
  if (isNew) return { kind: "none", forgottenId: undefined };
  if (askedId !== undefined) {
    if (webhooks.every(({ id }) => id !== askedId)) throw webhookNotFound(askedId, place);
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
      : `${environment} has ${webhooks.length === 1 ? "a webhook" : `${webhooks.length} webhooks`}, but none was used from this machine`,
    {
      hint: hintFor(webhooks.length, url, place),
    },
  );
}

function hintFor(found: number, url: string, place: ApiTarget): string {
  if (found === 0) return `Create one with: ${commandLine(`register ${shellWord(url)}`, place)}`;
  const another = place.environment === "production" ? "--new" : "register";
  return `Choose one with --webhook ID, or create another with ${another}. List them with: ${commandLine("webhooks list", place)}`;
}
