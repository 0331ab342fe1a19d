import type { BluumClient } from "../../bluum/client.ts";
import { DEFAULT_EVENTS } from "../../core/defaults.ts";
import { AppError } from "../../core/errors.ts";
import type { NewFact } from "../../core/facts.ts";
import { LinkedAbort } from "../../platform/abort.ts";
import { UndoStack } from "../../platform/undo.ts";
import type { Invite } from "../../team/invite.ts";
import { seal, unseal } from "../../team/seal.ts";
import type { ReceptionDeps, ReceptionOptions } from "../listen/reception.ts";
import type { WebhookJournal } from "../webhooks/journal.ts";

/** The team's webhook, as it is sealed in the log: a new owner needs its secret to verify anything. */
export interface TeamWebhook {
  readonly id: string;
  readonly secret?: string | undefined;
  readonly events: readonly string[];
}

const SEALED_WEBHOOK = "webhook";

export function sealTeamWebhook(webhook: TeamWebhook, { key, log }: Pick<Invite, "key" | "log">): Buffer {
  return seal(Buffer.from(JSON.stringify(webhook)), key, { log, id: SEALED_WEBHOOK });
}

export function openTeamWebhook(
  sealed: Buffer | undefined,
  { key, log }: Pick<Invite, "key" | "log">,
): TeamWebhook | undefined {
  if (sealed === undefined) return undefined;
  return JSON.parse(unseal(sealed, key, { log, id: SEALED_WEBHOOK }).toString("utf8")) as TeamWebhook;
}

type Deps = Omit<ReceptionDeps, "receiver" | "peers" | "onSecret" | "bus">;

export interface WebhookTarget extends Pick<ReceptionOptions, "environment" | "baseUrl" | "isNew"> {
  readonly team: string;
  readonly url: string;
  /** Those that the user named; undefined: as they are. */
  readonly events: readonly string[] | undefined;
}

/** Points the team's webhook at a URL, or creates it. Nothing is restored at the end: the webhook is the team's. */
export async function pointTeamWebhook(
  known: TeamWebhook | undefined,
  target: WebhookTarget,
  deps: Deps,
  publish: (fact: NewFact) => void,
): Promise<TeamWebhook> {
  await using undo = new UndoStack();
  const api = undo.use(await deps.api(deps.signal));
  const journal = await openJournal(target, deps, api, publish);
  const { url } = target;
  if (known !== undefined && !target.isNew) {
    const found = await journal.findOnSecondLook(known.id, deps.signal);
    if (found !== undefined) {
      const events = target.events ?? known.events;
      const { id } = await journal.update(known.id, { url, events: [...events], status: "ACTIVE" });
      publish({ type: "registered", webhookId: id, action: "patched", url });
      return { ...known, events };
    }
    // An emulator forgets its webhooks when it ends.
    if (target.environment !== "emulator") throw otherAccount(known.id, target.team);
  }
  const events = target.events ?? known?.events ?? DEFAULT_EVENTS;
  const before = deps.config.profile(target.environment).webhookId;
  const name = `bluum-hooks team ${target.team}`;
  const wanted = { name, url, events: [...events], status: "ACTIVE", description: null };
  const { webhook, secret, warning } = await journal.createPermanent("register", wanted);
  // A session without the team must not use it.
  await deps.config.remember(target.environment, { webhookId: before });
  if (warning !== undefined) publish({ type: "warning", code: "description_kept", message: warning });
  publish({ type: "registered", webhookId: webhook.id, action: "created", url });
  return { id: webhook.id, secret, events };
}

/** How long the API may take at the end of a session. */
const DEADLINE_MS = 20_000;

/** Deactivates the team's webhook, which the next owner activates again. */
export async function deactivateTeamWebhook(
  { id }: TeamWebhook,
  target: WebhookTarget,
  deps: Deps,
  publish: (fact: NewFact) => void,
): Promise<void> {
  using deadline = new LinkedAbort(undefined, DEADLINE_MS);
  await using api = await deps.api(deadline.signal);
  const journal = await openJournal(target, { ...deps, signal: deadline.signal }, api, publish);
  await journal.update(id, { status: "INACTIVE" });
  publish({ type: "restored", environment: target.environment, webhookId: id, action: "deactivated" });
}

async function openJournal(
  { environment, baseUrl }: WebhookTarget,
  deps: Deps,
  api: BluumClient,
  publish: (fact: NewFact) => void,
): Promise<WebhookJournal> {
  const { WebhookJournal: Journal } = await import("../webhooks/journal.ts");
  return new Journal({ ...deps, environment, baseUrl, api, openApi: deps.api, publish });
}

function otherAccount(webhookId: string, team: string): AppError {
  return new AppError("team_other_account", `the team's webhook ${webhookId} is not in the account of your API key`, {
    hint: `Log in to the account of the team ${team}, or only follow with --no-register. If the webhook was deleted, create another with --new.`,
  });
}
