import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { AppError, type Warning } from "../../core/errors.ts";
import { isSameUrl } from "../../core/urls.ts";
import { UndoStack } from "../../platform/undo.ts";
import type { Lock, WebhookChange } from "../../store/store.ts";
import { SECOND_LOOK_MS, webhookNotFound } from "./find-webhook.ts";
import type { WebhookJournal } from "./journal.ts";
import { chooseTarget, ownHosts, riskOfTaking, type Target } from "./target.ts";

export interface AttachOptions {
  readonly url: string;
  readonly events: readonly string[];
  readonly name: string;
  readonly askedWebhookId: string | undefined;
  readonly isNew: boolean;
  /** Undefined: `deactivate` a created webhook, `restore` an existing one. */
  readonly onExit: WebhookChange["onExit"] | undefined;
}

/** A webhook that points at the session's URL until disposed. */
export interface Attached extends AsyncDisposable {
  /** Every change that the end restores, oldest first. When the URL moves, a new change replaces the last one. */
  readonly held: WebhookChange[];
  readonly webhook: Webhook;
  readonly action: "created" | "patched" | "none";
  /** The webhook's signing secret, if this machine knows it. */
  readonly secret: string | undefined;
  readonly warnings: readonly Warning[];
}

type Pointed = Omit<Attached, "held" | keyof AsyncDisposable> & { readonly change: WebhookChange };

/** Points a webhook at the session's URL: the selected one, or a new one. */
export async function attach(
  journal: WebhookJournal,
  options: AttachOptions,
  confirm: (question: string) => Promise<boolean>,
): Promise<Attached> {
  const target = await findTarget(journal, options);
  await using undo = new UndoStack();
  const held: WebhookChange[] = [];
  let pointed: Pointed;
  switch (target.kind) {
    case "missing":
      throw webhookNotFound(target.askedId, journal.place);
    case "existing": {
      undo.use(await journal.lockSession(target.webhook.id));
      undo.push(() => restoreAll(journal, held));
      pointed = await takeOver(journal, options, target.webhook, held, confirm);
      break;
    }
    case "none": {
      undo.use(await journal.lockCreation(options.url));
      // Released only after the webhook has been deactivated.
      let session: Lock | undefined;
      undo.push(async () => session?.[Symbol.asyncDispose]());
      undo.push(() => restoreAll(journal, held));
      pointed = await create(journal, options, target.forgottenId, held);
      session = await journal.lockSession(pointed.webhook.id);
      break;
    }
    default:
      return target satisfies never;
  }
  const { change, ...attached } = pointed;
  // Those before it are attempts that the API has not answered.
  held.splice(-1, 1, change);
  const steps = undo.move();
  return { ...attached, held, [Symbol.asyncDispose]: () => steps[Symbol.asyncDispose]() };
}

async function restoreAll(journal: WebhookJournal, held: readonly WebhookChange[]): Promise<void> {
  await using steps = new UndoStack();
  for (const change of held) steps.push(() => journal.restoreOnExit(change));
}

async function findTarget(journal: WebhookJournal, options: AttachOptions): Promise<Target> {
  const { environment, baseUrl } = journal.place;
  const profile = journal.config.profile(environment);
  const remembered = profile.webhookId === undefined ? undefined : profile.webhooks[profile.webhookId];
  const choose = async () =>
    chooseTarget(await journal.api.listWebhooks(), {
      askedId: options.askedWebhookId,
      rememberedId: remembered?.baseUrl === baseUrl ? profile.webhookId : undefined,
      name: options.name,
      isNew: options.isNew,
    });
  const target = await choose();
  if (target.kind !== "none" || target.forgottenId === undefined) return target;
  // A second webhook would deliver everything twice, so one list, which may be incomplete, does not justify creating
  // it.
  await journal.clock.sleep(SECOND_LOOK_MS, journal.signal);
  return choose();
}

async function takeOver(
  journal: WebhookJournal,
  options: AttachOptions,
  webhook: Webhook,
  held: WebhookChange[],
  confirm: (question: string) => Promise<boolean>,
): Promise<Pointed> {
  const { environment } = journal.place;
  const known = journal.config.profile(environment).webhooks[webhook.id];
  const peer = isSameUrl(webhook.url, options.url) ? undefined : await journal.askPeer(webhook, journal.signal);
  const risk =
    peer === undefined
      ? riskOfTaking(webhook, await ownHosts(journal, webhook, options.url))
      : `another session uses it: ${peer.who}, since ${new Date(peer.since).toISOString()}`;
  if (risk !== undefined) {
    const label = webhook.name === null ? webhook.id : `${webhook.id} (${webhook.name})`;
    if (!(await confirm(`Point webhook ${label} in ${environment} at ${options.url}? Note: ${risk}.`))) {
      throw new AppError("confirmation_required", `webhook ${webhook.id} was not changed, because ${risk}`, {
        hint: "Create a new webhook with --new, or choose one with --webhook ID.",
      });
    }
  }
  // Everything on this machine that may fail or wait comes first: the webhook is changed last.
  await journal.remember(webhook.id, known?.createdByUs ?? false);
  const changed = await journal.change({
    kind: "session",
    webhookId: webhook.id,
    set: { url: options.url, events: [...options.events], status: "ACTIVE" },
    keepsUnknownEvents: true,
    onExit: options.onExit ?? "restore",
    onPlanned: (planned) => held.push(planned),
  });
  const warnings = [
    ...(known?.secret === undefined ? [unknownSecret(webhook.id)] : []),
    ...(changed.change.after.events === null ? [unknownEvents(webhook.id)] : []),
  ];
  return { ...changed, secret: known?.secret, warnings };
}

async function create(
  journal: WebhookJournal,
  options: AttachOptions,
  forgottenId: string | undefined,
  held: WebhookChange[],
): Promise<Pointed> {
  const { webhook, change } = await journal.create({
    kind: "session",
    name: options.name,
    url: options.url,
    events: options.events,
    onExit: options.onExit ?? "deactivate",
    onPlanned: (planned) => held.push(planned),
  });
  // An emulator loses its webhooks at each start, which needs no warning.
  const isGone = forgottenId !== undefined && journal.place.environment !== "emulator";
  const warnings: Attached["warnings"] = isGone
    ? [{ code: "webhook_gone", message: `webhook ${forgottenId} no longer exists; a new one was created` }]
    : [];
  return { change, webhook, action: "created", secret: webhook.secret, warnings };
}

function unknownSecret(webhookId: string): Warning {
  return {
    code: "secret_unknown",
    message: `the signing secret of ${webhookId} is unknown here, so its signatures cannot be verified`,
    hint: "Set BLUUM_WEBHOOK_SECRET, or create a new webhook with --new.",
  };
}

function unknownEvents(webhookId: string): Warning {
  return {
    code: "events_unknown",
    message: `the API does not return the events of ${webhookId}, so they were not changed: they could not be restored`,
    hint: "To choose the events, create a new webhook with --new.",
  };
}
