import type { FactBus } from "../../delivery/bus.ts";
import { UndoStack } from "../../platform/undo.ts";
import type { BluumClient } from "../../bluum/client.ts";
import { attach, type AttachOptions } from "../webhooks/attach.ts";
import type { JournalDeps } from "../webhooks/access.ts";
import type { PeerResponder } from "../webhooks/peer.ts";
import { stateAtEnd } from "../webhooks/takeover.ts";
import { followUrl } from "./follow-url.ts";
import type { PublicUrl } from "./public-url.ts";
import { watchWebhook, promotionWatcher } from "./watch-webhook.ts";

export interface RegistrationOptions extends Omit<AttachOptions, "url"> {
  readonly environment: string;
  readonly baseUrl: string;
  readonly printSecret: boolean;
}

export interface RegistrationDeps extends Pick<
  JournalDeps,
  "store" | "config" | "clock" | "signal" | "holder" | "probe"
> {
  /** A client whose calls end with the given signal. Restoring needs one that continues after a request to stop. */
  readonly api: (signal: AbortSignal) => Promise<BluumClient>;
  /** `user@host`. */
  readonly whoami: string;
  /** Asks the user to confirm; throws `confirmation_required` if it cannot ask. */
  readonly confirm: (question: string) => Promise<boolean>;
}

/** A session's webhook, until disposed. */
export interface Registration extends AsyncDisposable {
  readonly webhookId: string;
  /** Null: those of a webhook whose events the API does not return. */
  readonly events: readonly string[] | null;
  readonly secret: string | undefined;
  /** Reports that something was triggered: if no event is received, the webhook is checked. */
  expectEvent(): void;
}

/** Points a webhook at the session, updates it when the public URL changes, and restores it at the end. */
export async function register(
  options: RegistrationOptions,
  deps: RegistrationDeps & { readonly bus: FactBus },
  publicUrl: PublicUrl,
  peers: PeerResponder,
): Promise<Registration> {
  const { environment, baseUrl, printSecret } = options;
  const { bus, whoami, holder } = deps;
  await using undo = new UndoStack();
  const api = undo.use(await deps.api(deps.signal));
  const publish: JournalDeps["publish"] = (fact) => bus.publish(fact);
  const { WebhookJournal } = await import("../webhooks/journal.ts");
  const journal = new WebhookJournal({ ...deps, environment, baseUrl, api, openApi: deps.api, publish });
  await journal.recoverPending();
  const attached = undo.use(await attach(journal, { ...options, url: publicUrl.current() }, deps.confirm));
  const { webhook, action, secret, held } = attached;
  const { id: webhookId, url } = webhook;
  const { events } = held.at(-1)!.after;
  for (const warning of attached.warnings) publish({ type: "warning", ...warning });
  const shown = printSecret && secret !== undefined ? { secret } : {};
  publish({ type: "registered", webhookId, action, url, ...shown });
  const follower = undo.use(followUrl(journal, webhookId, publicUrl, held));
  publicUrl.onMoved(() => follower.moved());
  undo.use(promotionWatcher(journal, webhookId, held));
  const watch = undo.use(watchWebhook(journal, webhookId, held, bus, (from) => follower.repoint(from)));
  peers.open({
    webhook,
    urls: () => [url, ...held.map(({ after }) => after.url)],
    session: () => ({ who: whoami, since: holder.since, restoresTo: stateAtEnd(held.at(-1)!) }),
  });
  const steps = undo.move();
  return {
    webhookId,
    events,
    secret,
    expectEvent: () => watch.expectEvent(),
    [Symbol.asyncDispose]: () => steps[Symbol.asyncDispose](),
  };
}
