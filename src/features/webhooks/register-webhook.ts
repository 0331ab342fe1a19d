import type { BluumClient } from "../../bluum/client.ts";
import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import type { Config } from "../../config/config-file.ts";
import { commandLine, type Place } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";
import type { Store, WebhookState } from "../../store/store.ts";
import { createForGood, type LastingCreation } from "./create-permanent.ts";
import { changeWebhook, webhookNotFound, type JournalDeps } from "./journal.ts";
import { holdWebhook, sessionLock } from "./webhook-locks.ts";
import { chooseTarget, hostsOfOurs, type OwnHostDeps, riskOfTaking } from "./target.ts";
import { differences, stateOf } from "./webhook-state.ts";

export interface RegisterPlan {
  /** Null: a webhook is to be created. */
  readonly webhook: Webhook | null;
  readonly before: WebhookState | null;
  readonly after: WebhookState;
  readonly isChange: boolean;
  /** Why taking this webhook needs a question first. */
  readonly risk: string | undefined;
  /** Ids of other webhooks that have the name of the one that is to be created. */
  readonly namesakes: readonly string[];
}

export interface RegisterWish {
  readonly url: string | undefined;
  readonly events: readonly string[] | undefined;
  readonly name: string | undefined;
  /** The marker by which our webhooks are found again. */
  readonly marker: string;
  readonly description: string | undefined;
  readonly askedId: string | undefined;
  readonly isNew: boolean;
}

const DEFAULT_EVENTS = ["order.*", "transfer.*"];

/** What registering would change: the webhook that is meant, or a new one. Run twice, the second time changes nothing. */
export async function planRegistration(
  deps: OwnHostDeps & Place & { readonly api: Pick<BluumClient, "listWebhooks"> },
  wish: RegisterWish,
): Promise<RegisterPlan> {
  const webhooks = await deps.api.listWebhooks();
  const target = chooseTarget(webhooks, { ...wish, name: wish.name ?? wish.marker });
  switch (target.kind) {
    case "missing":
      throw webhookNotFound(target.askedId, deps);
    case "none": {
      if (wish.url === undefined) {
        throw new AppError("invalid_usage", "there is no webhook to change yet, and a new one needs a URL", {
          hint: commandLine("register https://app.example/webhooks/bluum", deps),
        });
      }
      const after = {
        name: wish.name ?? wish.marker,
        url: wish.url,
        events: [...(wish.events ?? DEFAULT_EVENTS)],
        status: "ACTIVE",
        description: wish.description ?? null,
      };
      const namesakes = webhooks.filter(({ name }) => name === after.name).map(({ id }) => id);
      return { webhook: null, before: null, after, isChange: true, risk: undefined, namesakes };
    }
    case "existing": {
      const before = stateOf(target.webhook);
      const after = {
        name: wish.name ?? before.name,
        url: wish.url ?? before.url,
        events: wish.events === undefined ? before.events : [...wish.events],
        status: "ACTIVE",
        description: wish.description ?? before.description,
      };
      const isChange = Object.keys(differences(before, after)).length > 0;
      const isNamed = target.foundBy === "id";
      const { webhook } = target;
      const risk = isNamed || !isChange ? undefined : riskOfTaking(webhook, await hostsOfOurs(deps, webhook, wish.url));
      return { webhook, before, after, isChange, risk, namesakes: [] };
    }
    default:
      return target satisfies never;
  }
}

/** Carries the plan out, for good: nothing is put back at the end. A webhook that a live session holds is refused. */
export async function carryOut(
  deps: JournalDeps & { readonly store: Store; readonly config: Config },
  plan: RegisterPlan,
): Promise<LastingCreation> {
  if (plan.webhook === null) {
    return createForGood(deps, "register", {
      ...plan.after,
      name: plan.after.name ?? "",
      events: plan.after.events ?? DEFAULT_EVENTS,
    });
  }
  const webhook = await updatePermanently(deps, plan.webhook.id, plan.after);
  return { webhook, secret: undefined, warning: undefined };
}

/** Changes an existing webhook for good. */
export async function updatePermanently(
  deps: JournalDeps,
  webhookId: string,
  set: Partial<WebhookState>,
): Promise<Webhook> {
  await using _held = await holdWebhook(deps.store, sessionLock(deps.baseUrl, webhookId), deps.holder);
  const { change, webhook } = await changeWebhook(deps, { kind: "register", webhookId, set, onExit: "keep" });
  await deps.store.changes.update(change.id, { state: "settled", outcome: "took-effect" });
  return webhook;
}
