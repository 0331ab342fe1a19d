import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { commandLine } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";
import type { WebhookState } from "../../store/store.ts";
import type { PermanentWebhook } from "./create.ts";
import { webhookNotFound } from "./find-webhook.ts";
import type { WebhookJournal } from "./journal.ts";
import { chooseTarget, ownHosts, riskOfTaking } from "./target.ts";
import { differences, stateOf } from "./webhook-state.ts";
import { DEFAULT_EVENTS, DEPLOYED_EXAMPLE } from "../../core/defaults.ts";

export interface RegisterPlan {
  /** Null: a webhook will be created. */
  readonly webhook: Webhook | null;
  readonly before: WebhookState | null;
  readonly after: WebhookState;
  readonly isChange: boolean;
  /** Why using this webhook needs a confirmation. */
  readonly risk: string | undefined;
  /** Ids of other webhooks with the name of the new one. */
  readonly namesakes: readonly string[];
}

export interface RegisterOptions {
  readonly url: string | undefined;
  readonly events: readonly string[] | undefined;
  readonly name: string | undefined;
  /** The marker by which this program's webhooks are recognized. */
  readonly marker: string;
  readonly description: string | undefined;
  readonly askedId: string | undefined;
  readonly isNew: boolean;
}

/** The changes of a registration: to the selected webhook, or a new one. A second run changes nothing. */
export async function planRegistration(journal: WebhookJournal, options: RegisterOptions): Promise<RegisterPlan> {
  const webhooks = await journal.api.listWebhooks();
  const target = chooseTarget(webhooks, { ...options, name: options.name ?? options.marker });
  switch (target.kind) {
    case "missing":
      throw webhookNotFound(target.askedId, journal.place);
    case "none": {
      if (options.url === undefined) {
        throw new AppError("invalid_usage", "there is no webhook to change yet, and a new one needs a URL", {
          hint: commandLine(`register ${DEPLOYED_EXAMPLE}`, journal.place),
        });
      }
      const after = {
        name: options.name ?? options.marker,
        url: options.url,
        events: [...(options.events ?? DEFAULT_EVENTS)],
        status: "ACTIVE",
        description: options.description ?? null,
      };
      const namesakes = webhooks.filter(({ name }) => name === after.name).map(({ id }) => id);
      return { webhook: null, before: null, after, isChange: true, risk: undefined, namesakes };
    }
    case "existing": {
      const before = stateOf(target.webhook);
      const after = {
        name: options.name ?? before.name,
        url: options.url ?? before.url,
        events: options.events === undefined ? before.events : [...options.events],
        status: "ACTIVE",
        description: options.description ?? before.description,
      };
      const isChange = Object.keys(differences(before, after)).length > 0;
      const isNamed = target.foundBy === "id";
      const { webhook } = target;
      const risk =
        isNamed || !isChange ? undefined : riskOfTaking(webhook, await ownHosts(journal, webhook, options.url));
      return { webhook, before, after, isChange, risk, namesakes: [] };
    }
    default:
      return target satisfies never;
  }
}

/**
 * Carries the plan out, permanently: nothing is restored at the end. A webhook that a live session holds is refused.
 */
export async function carryOut(journal: WebhookJournal, plan: RegisterPlan): Promise<PermanentWebhook> {
  const { webhook, after } = plan;
  if (webhook !== null) {
    return { webhook: await journal.update(webhook.id, after), secret: undefined, warning: undefined };
  }
  return journal.createPermanent("register", {
    ...after,
    name: after.name ?? "",
    events: after.events ?? [...DEFAULT_EVENTS],
  });
}
