import type { BluumClient } from "../../bluum/client.ts";
import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import type { Config } from "../../config/config-file.ts";
import { AppError } from "../../core/errors.ts";
import type { WarningCode } from "../../core/warnings.ts";
import type { Clock } from "../../platform/clock.ts";
import { isSameUrl } from "../../core/urls.ts";
import { newId } from "../../platform/ids.ts";
import type { Lock, LockHolder, Store, WebhookChange } from "../../store/store.ts";
import { createWebhook } from "./create.ts";
import { changeWebhook, SECOND_LOOK_MS, webhookNotFound, type JournalDeps } from "./journal.ts";
import { creationLock, holdWebhook, sessionLock } from "./webhook-locks.ts";
import { chooseTarget, hostsOfOurs, riskOfTaking } from "./target.ts";

export interface AttachOptions {
  readonly environment: string;
  readonly baseUrl: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly name: string;
  readonly askedWebhookId: string | undefined;
  readonly isNew: boolean;
  /** Undefined: `deactivate` what we created, `restore` what existed. */
  readonly onExit: WebhookChange["onExit"] | undefined;
}

export interface AttachDeps {
  readonly api: BluumClient;
  readonly store: Store;
  readonly config: Config;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly holder: LockHolder;
  readonly confirm: (question: string) => Promise<boolean>;
  readonly askPeer: NonNullable<JournalDeps["askPeer"]>;
}

/** Something to take back at the end: a lock, and once it is planned, the change itself. */
export interface UndoStep {
  readonly release: () => PromiseLike<void>;
  readonly change?: WebhookChange;
}

export interface Attached {
  /** As it stands in the journal now, with the id of what was created. */
  readonly change: WebhookChange;
  readonly webhook: Webhook;
  readonly action: "created" | "patched" | "none";
  /** The webhook's signing secret, where this machine knows it. */
  readonly secret: string | undefined;
  readonly warnings: readonly { code: WarningCode; message: string; hint?: string }[];
}

/** Points a webhook at the session's URL: takes the one that is meant, or creates one. Every step names its undo first. */
export async function attach(
  options: AttachOptions,
  deps: AttachDeps,
  onStep: (step: UndoStep) => void,
): Promise<Attached> {
  const profile = deps.config.profile(options.environment);
  const remembered = profile.webhookId === undefined ? undefined : profile.webhooks[profile.webhookId];
  const choose = async () =>
    chooseTarget(await deps.api.listWebhooks(), {
      askedId: options.askedWebhookId,
      rememberedId: remembered?.baseUrl === options.baseUrl ? profile.webhookId : undefined,
      name: options.name,
      isNew: options.isNew,
    });
  let target = await choose();
  if (target.kind === "none" && target.forgottenId !== undefined) {
    // A second webhook would deliver everything twice: one list that was cut short is no reason to make it.
    await deps.clock.sleep(SECOND_LOOK_MS, deps.signal);
    target = await choose();
  }
  const take = (name: string) => holdWebhook(deps.store, name, deps.holder);
  const step = (lock: Lock, change?: WebhookChange) =>
    onStep({ release: () => lock[Symbol.asyncDispose](), ...(change === undefined ? {} : { change }) });
  switch (target.kind) {
    case "missing":
      throw webhookNotFound(target.askedId, options);
    case "existing": {
      const { webhook } = target;
      step(await take(sessionLock(options.baseUrl, webhook.id)));
      return takeOver(options, deps, webhook, onStep);
    }
    case "none": {
      step(await take(creationLock(options.baseUrl, options.url)));
      // An emulator forgets with each start, which is nothing to be warned of.
      const warnings: Attached["warnings"] =
        target.forgottenId === undefined || options.environment === "emulator"
          ? []
          : [{ code: "webhook_gone", message: `webhook ${target.forgottenId} is gone; a new one was created` }];
      return create(options, deps, warnings, onStep, take);
    }
    default:
      return target satisfies never;
  }
}

async function takeOver(
  options: AttachOptions,
  deps: AttachDeps,
  webhook: Webhook,
  onStep: (step: UndoStep) => void,
): Promise<Attached> {
  const known = deps.config.profile(options.environment).webhooks[webhook.id];
  const peer = isSameUrl(webhook.url, options.url) ? undefined : await deps.askPeer(webhook);
  const risk =
    peer === undefined
      ? riskOfTaking(webhook, await hostsOfOurs(journalDeps(options, deps), webhook, options.url))
      : `another session has it: ${peer.who}, since ${new Date(peer.since).toISOString()}`;
  if (risk !== undefined) {
    const label = webhook.name === null ? webhook.id : `${webhook.id} (${webhook.name})`;
    const agreed = await deps.confirm(
      `Point webhook ${label} in ${options.environment} at ${options.url}? Note: ${risk}.`,
    );
    if (!agreed) {
      throw new AppError("confirmation_required", `webhook ${webhook.id} was left as it is, because ${risk}`, {
        hint: "Use a webhook of your own with --new, or choose one with --webhook ID.",
      });
    }
  }
  // First what may fail or wait on this machine: a webhook is touched only once nothing of that is left.
  await remember(options, deps, webhook.id, known?.createdByUs ?? false);
  const {
    change,
    webhook: now,
    action,
  } = await changeWebhook(journalDeps(options, deps), {
    kind: "session",
    webhookId: webhook.id,
    set: { url: options.url, events: [...options.events], status: "ACTIVE" },
    sparesUnknownEvents: true,
    onExit: options.onExit ?? "restore",
    onPlanned: (planned) => onStep({ release: async () => {}, change: planned }),
  });
  const secret = known?.secret;
  return {
    change,
    webhook: now,
    action,
    secret,
    warnings: [
      ...(secret === undefined ? [unknownSecret(webhook.id)] : []),
      ...(change.after.events === null ? [unknownEvents(webhook.id)] : []),
    ],
  };
}

async function create(
  options: AttachOptions,
  deps: AttachDeps,
  warnings: Attached["warnings"],
  onStep: (step: UndoStep) => void,
  take: (name: string) => Promise<Lock>,
): Promise<Attached> {
  // Named before the change, so that it is let go only after the webhook has been put to sleep.
  let lock: Lock | undefined;
  onStep({ release: async () => lock?.[Symbol.asyncDispose]() });
  const { webhook, change } = await createWebhook(journalDeps(options, deps), {
    kind: "session",
    name: options.name,
    url: options.url,
    events: options.events,
    // By this it is recognised if the answer with its id is lost: name and URL may be those of another webhook.
    describe: () => `Created by bluum-hooks (${newId("session")})`,
    onExit: options.onExit ?? "deactivate",
    onPlanned: (planned) => onStep({ release: async () => {}, change: planned }),
    proveStorable: () => deps.config.remember(options.environment, {}),
    keepSecret: (created) => remember(options, deps, created.id, true, created.secret),
  });
  lock = await take(sessionLock(options.baseUrl, webhook.id));
  return { change, webhook, action: "created", secret: webhook.secret, warnings };
}

async function remember(
  options: AttachOptions,
  deps: AttachDeps,
  webhookId: string,
  createdByUs: boolean,
  secret?: string,
): Promise<void> {
  await deps.config.rememberWebhook(options.environment, webhookId, {
    baseUrl: options.baseUrl,
    createdByUs,
    ...(secret === undefined ? {} : { secret }),
  });
  await deps.config.remember(options.environment, { webhookId });
}

function unknownSecret(webhookId: string): Attached["warnings"][number] {
  return {
    code: "secret_unknown",
    message: `the signing secret of ${webhookId} is not known here, so its signatures cannot be checked`,
    hint: "Set BLUUM_WEBHOOK_SECRET, or let bluum-hooks create a webhook of its own with --new.",
  };
}

function unknownEvents(webhookId: string): Attached["warnings"][number] {
  return {
    code: "events_unknown",
    message: `the API does not tell the events of ${webhookId}, so they were left as they are: they could not be put back`,
    hint: "To choose the events, let bluum-hooks create a webhook of its own with --new.",
  };
}

function journalDeps(options: AttachOptions, deps: AttachDeps): JournalDeps & AttachDeps {
  return { ...deps, environment: options.environment, baseUrl: options.baseUrl };
}
