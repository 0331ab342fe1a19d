import type { BluumClient } from "../../bluum/client.ts";
import type { Settings } from "../../config/settings.ts";
import { AppError, type Warning } from "../../core/errors.ts";
import type { WebhookState } from "../../store/store.ts";
import type { WebhookJournal } from "../webhooks/journal.ts";
import { choosePromoted } from "./choose-promoted.ts";
import { planChange, promote } from "./promote-webhook.ts";
import { sandboxTemplate } from "./sandbox-template.ts";

export interface PromotionOptions {
  readonly url: string;
  /** Undefined keeps the webhook's own. */
  readonly description: string | undefined;
  readonly events: readonly string[] | undefined;
  readonly name: string | undefined;
  readonly isNew: boolean;
}

export interface PromotionDeps {
  readonly journal: WebhookJournal;
  readonly settings: Settings;
  readonly sandbox: {
    readonly baseUrl: string;
    /** The sandbox's API, if there are credentials for it. */
    readonly open: () => Promise<(Pick<BluumClient, "listWebhooks"> & AsyncDisposable) | undefined>;
  };
  readonly say: (text: string) => void;
  readonly warn: (warning: Warning) => void;
}

/** The planned changes of a promotion. */
export interface PromotionPlan {
  /** Null: a webhook will be created. */
  readonly webhookId: string | null;
  readonly before: WebhookState | null;
  readonly after: WebhookState;
  readonly isChange: boolean;
  /** The webhook's signing secret, if this machine knows it. */
  readonly secret: string | undefined;
  carryOut(): Promise<{ readonly webhookId: string; readonly secret?: string | undefined }>;
}

/** Finds the webhook or the settings of a new one, and how it would change. Changes nothing. */
export async function planPromotion(options: PromotionOptions, deps: PromotionDeps): Promise<PromotionPlan> {
  const { journal, settings } = deps;
  const { url, description, events, name } = options;
  const target = await choosePromoted(journal, {
    askedId: settings.askedWebhookId,
    rememberedId: settings.webhookId,
    url,
    isNew: options.isNew,
  });
  switch (target.kind) {
    case "existing": {
      const { webhookId } = target;
      const promotion = { webhookId, url, description, events, name };
      const { webhook, before, after, isChange, isHeld } = await planChange(journal, promotion);
      if (events !== undefined && (await journal.knownState(webhook)).events === null) {
        deps.warn({
          code: "events_unknown",
          message: `the API does not return the events of ${webhookId}: a rollback cannot restore the current ones`,
        });
      }
      if (isHeld) {
        deps.say(
          "A listen session uses this webhook. After the promotion it receives no more events, and restores nothing.",
        );
      }
      const carryOut = async () => ({ webhookId: (await promote(journal, promotion)).id });
      return { webhookId, before, after, isChange, secret: secretOf(deps, webhookId), carryOut };
    }
    case "none": {
      if (target.forgottenId !== undefined) {
        deps.warn({
          code: "webhook_gone",
          message: `webhook ${target.forgottenId} no longer exists; a new one is created`,
        });
      }
      const after = { ...(await templateFor(options, deps)), url, status: "ACTIVE", description: description ?? null };
      return {
        webhookId: null,
        before: null,
        after,
        isChange: true,
        secret: undefined,
        async carryOut() {
          const { webhook, secret, warning } = await journal.createPermanent("promote", after);
          if (warning !== undefined) deps.warn({ code: "description_kept", message: warning });
          return { webhookId: webhook.id, secret };
        },
      };
    }
    default:
      return target satisfies never;
  }
}

/** Name and events of a new webhook: as given, otherwise those of the sandbox. */
async function templateFor(
  options: PromotionOptions,
  deps: PromotionDeps,
): Promise<{ name: string; events: string[] }> {
  if (options.name !== undefined && options.events !== undefined)
    return { name: options.name, events: [...options.events] };
  const { baseUrl } = deps.sandbox;
  const { webhookId } = deps.journal.config.profile("sandbox");
  await using api = webhookId === undefined ? undefined : await deps.sandbox.open();
  const template = await sandboxTemplate(deps.journal.changes, { baseUrl, webhookId }, api);
  const name = options.name ?? template?.name;
  const events = options.events ?? template?.events;
  if (name == null || name === "" || events == null || events.length === 0) {
    throw new AppError(
      "invalid_usage",
      "the new webhook needs a name and events, and no sandbox webhook is known here",
      {
        hint: "Add --name 'My app' --events 'order.*,transfer.*', or name an existing webhook with --webhook ID.",
      },
    );
  }
  if (template !== undefined) {
    const how = template.source === "api" ? "" : ", as it was when this machine last used it";
    const what =
      options.name !== undefined ? "Events are" : options.events !== undefined ? "The name is" : "Name and events are";
    deps.say(`${what} copied from ${template.webhookId} in the sandbox${how}.`);
  }
  return { name, events: [...events] };
}

function secretOf({ settings, journal: { config } }: PromotionDeps, webhookId: string): string | undefined {
  const known = config.profile(settings.environment).webhooks[webhookId];
  const isMeant = settings.webhookId === undefined || settings.webhookId === webhookId;
  return (
    (isMeant ? settings.webhookSecrets[0] : undefined) ??
    (known?.baseUrl === settings.baseUrl ? known.secret : undefined)
  );
}
