import type { BluumClient, Webhook } from "../../bluum/client.ts";
import type { Config } from "../../config/config-file.ts";
import type { FactBus } from "../../delivery/bus.ts";
import type { Clock } from "../../platform/clock.ts";
import { UndoStack } from "../../platform/undo.ts";
import type { LockHolder, Store, WebhookChange } from "../../store/store.ts";
import { attach, type AttachOptions } from "../webhooks/attach.ts";
import { putBackAtExit, recoverAndTell, type EndingDeps } from "../webhooks/restore-on-exit.ts";
import { askPeer, type PeerDoor } from "../webhooks/peer.ts";
import { stateAtEnd } from "../webhooks/takeover.ts";
import { followUrl } from "./follow-url.ts";
import { watchForPromotion } from "./promoted-away.ts";
import type { PublicUrl } from "./public-url.ts";
import { watchWebhook } from "./watch-webhook.ts";

export interface RegistrationOptions extends Omit<AttachOptions, "url"> {
  readonly printSecret: boolean;
}

export interface RegistrationDeps extends EndingDeps {
  readonly store: Store;
  readonly config: Config;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly holder: LockHolder;
  readonly whoami: string;
  readonly confirm: (question: string) => Promise<boolean>;
  readonly bus: FactBus;
  readonly undo: UndoStack;
}

/** The webhook that a session has, until the session ends. */
export interface Registration {
  readonly webhookId: string;
  /** Null: those of a webhook whose events the API does not return. */
  readonly events: readonly string[] | null;
  readonly secret: string | undefined;
  /** Something was triggered: without an event, the webhook is looked at. */
  expectEvent(): void;
}

/** Points a webhook at the session, keeps it there while the public URL moves, and restores it at the end. */
export async function register(
  options: RegistrationOptions,
  deps: RegistrationDeps,
  publicUrl: PublicUrl,
  peers: PeerDoor,
): Promise<Registration> {
  const { bus, undo } = deps;
  const api: BluumClient = await deps.api(deps.signal);
  undo.push(() => api[Symbol.asyncDispose]());
  await recoverAndTell(options, deps, api, bus);
  // What is to be restored at the end, the newest first. Another change takes the place of the last when the URL moves.
  const held: WebhookChange[] = [];
  const ask = (webhook: Webhook) => askPeer(webhook, deps);
  const registered = await attach({ ...options, url: publicUrl.current() }, { ...deps, api, askPeer: ask }, (step) => {
    undo.push(step.release);
    if (step.change === undefined) return;
    if (held.push(step.change) > 1) return;
    undo.push(async () => {
      await using rest = new UndoStack();
      for (const change of held) rest.push(() => putBackAtExit(options, deps, change, bus));
    });
  });
  // Those before it are attempts that the API has not answered.
  held.splice(-1, 1, registered.change);
  const { webhook, action, secret, warnings } = registered;
  const webhookId = webhook.id;
  for (const warning of warnings) bus.publish({ type: "warning", ...warning });
  bus.publish({
    type: "registered",
    webhookId,
    action,
    url: webhook.url,
    ...(options.printSecret && secret !== undefined ? { secret } : {}),
  });
  const place = { ...options, webhookId };
  const follow = followUrl(place, { ...deps, api, askPeer: ask }, publicUrl, held);
  undo.push(() => follow.stop());
  publicUrl.onMoved(() => follow.moved());
  const promotionWatch = watchForPromotion(place, deps, held);
  undo.push(() => promotionWatch.stop());
  const webhookWatch = watchWebhook(place, { ...deps, api }, held, (from) => follow.repoint(from));
  undo.push(() => webhookWatch.stop());
  peers.open({
    webhook,
    urls: () => [webhook.url, ...held.map(({ after }) => after.url)],
    session: () => ({ who: deps.whoami, since: deps.holder.since, restoresTo: stateAtEnd(held.at(-1)!) }),
  });
  return { webhookId, events: registered.change.after.events, secret, expectEvent: () => webhookWatch.expectEvent() };
}
