import type { BluumClient } from "../../bluum/client.ts";
import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import type { Config } from "../../config/config-file.ts";
import type { ApiTarget } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";
import type { NewFact } from "../../core/facts.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Probe } from "../../platform/probe.ts";
import type { Lock, LockHolder, Store, WebhookChange, WebhookState } from "../../store/store.ts";
import { findWebhook, requireWebhook, SECOND_LOOK_MS, showCommand, webhookNotFound } from "./find-webhook.ts";
import { ChangeLedger, mayLandUntil } from "./ledger.ts";
import { askPeer, type PeerSession } from "./peer.ts";
import { unansweredMessage } from "./recovery-messages.ts";
import { sessionsHolding } from "./takeover.ts";
import { acquireLock, acquireWriteLock, creationLock, sessionLock } from "./webhook-locks.ts";
import { isVisible, mismatches, stateOf, knownState } from "./webhook-state.ts";

/** The dependencies for reading and changing the webhooks of one environment. */
export interface JournalDeps extends ApiTarget {
  readonly api: BluumClient;
  /** Another client, whose calls end with the given signal: restoring continues after the user has asked to stop. */
  readonly openApi: (signal: AbortSignal) => Promise<BluumClient>;
  readonly store: Pick<Store, "changes" | "tryLock" | "lock" | "holderOf">;
  readonly config: Config;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly holder: LockHolder;
  readonly probe: Probe;
  /** Where warnings and restored webhooks are reported. */
  readonly publish: (fact: NewFact) => void;
}

/** The webhooks of one environment, the journal of their changes, and their locks. `WebhookJournal` has the rules. */
export class WebhookAccess {
  readonly place: ApiTarget;
  readonly api: BluumClient;
  readonly openApi: JournalDeps["openApi"];
  readonly changes: Store["changes"];
  readonly config: Config;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly publish: JournalDeps["publish"];
  readonly #deps: JournalDeps;

  constructor(deps: JournalDeps) {
    const { environment, baseUrl, defaultEnvironment } = deps;
    this.place = { environment, baseUrl, defaultEnvironment };
    this.api = deps.api;
    this.openApi = deps.openApi;
    this.changes = deps.store.changes;
    this.config = deps.config;
    this.clock = deps.clock;
    this.signal = deps.signal;
    this.publish = deps.publish;
    this.#deps = deps;
  }

  withApi(api: BluumClient): WebhookAccess {
    return new WebhookAccess({ ...this.#deps, api });
  }

  find(webhookId: string): Promise<Webhook | undefined> {
    return findWebhook(this.api, webhookId);
  }

  /** Throws `webhook_not_found`. */
  get(webhookId: string): Promise<Webhook> {
    return requireWebhook(this.api, webhookId, this.place);
  }

  /** One list without the webhook does not prove that it is gone: a page may be incomplete, or a response outdated. */
  async findOnSecondLook(webhookId: string, signal?: AbortSignal): Promise<Webhook | undefined> {
    const found = await this.find(webhookId);
    if (found !== undefined) return found;
    await this.clock.sleep(SECOND_LOOK_MS, signal);
    return this.find(webhookId);
  }

  /** A webhook as the API returns it, with the recorded events if the API does not return them. */
  knownState(webhook: Webhook): Promise<WebhookState> {
    return knownState(this.changes, this.place, webhook);
  }

  /** Whether a session with another data folder listens at the webhook's URL. */
  askPeer(webhook: Webhook, signal?: AbortSignal): Promise<PeerSession | undefined> {
    const { probe, clock } = this.#deps;
    return askPeer(webhook, { probe, clock, ...(signal === undefined ? {} : { signal }) });
  }

  /** The unsettled changes here, oldest first. */
  pending(webhookId?: string): Promise<WebhookChange[]> {
    const { environment, baseUrl } = this.place;
    return this.changes.pending({ environment, baseUrl, ...(webhookId === undefined ? {} : { webhookId }) });
  }

  plan(change: Omit<Parameters<Store["changes"]["plan"]>[0], "environment" | "baseUrl">): Promise<WebhookChange> {
    const { environment, baseUrl } = this.place;
    return this.changes.plan({ ...change, environment, baseUrl });
  }

  ledger(change: WebhookChange): ChangeLedger {
    return new ChangeLedger(this.changes, this.clock, change);
  }

  /** The changes by which sessions hold a webhook. */
  sessions(webhookId: string): Promise<WebhookChange[]> {
    return sessionsHolding(this.changes, { ...this.place, webhookId });
  }

  /** Holds a webhook as a session does. Throws `webhook_held`. */
  lockSession(webhookId: string): Promise<Lock> {
    return acquireLock(this.#deps.store, sessionLock(this.place.baseUrl, webhookId), this.#deps.holder);
  }

  /** Holds the creation of a webhook for a URL. Throws `webhook_held`. */
  lockCreation(url: string): Promise<Lock> {
    return acquireLock(this.#deps.store, creationLock(this.place.baseUrl, url), this.#deps.holder);
  }

  /** Waits for the lock to change a webhook. Throws `webhook_held` after a time limit. */
  lockWrite(webhookId: string): Promise<Lock> {
    const { store, holder } = this.#deps;
    return acquireWriteLock(store, { ...this.place, webhookId }, holder);
  }

  /** Waits for the lock to settle a change. */
  lockChange({ webhookId, after }: WebhookChange): Promise<Lock> {
    return this.lockWrite(webhookId ?? after.url);
  }

  /** Undefined if another process has the lock. */
  tryLock(name: string): Promise<Lock | undefined> {
    return this.#deps.store.tryLock(name, this.#deps.holder);
  }

  holderOf(name: string): Promise<LockHolder | undefined> {
    return this.#deps.store.holderOf(name);
  }

  /** Whether the response to a creation was received. If not, its secret is lost, and the webhook is useless. */
  isRemembered(webhookId: string): boolean {
    const { environment, baseUrl } = this.place;
    return this.config.profile(environment).webhooks[webhookId]?.baseUrl === baseUrl;
  }

  /** Stores a webhook as the last used one. */
  async remember(webhookId: string, createdByUs: boolean, secret?: string): Promise<void> {
    const { environment, baseUrl } = this.place;
    const webhook = { baseUrl, createdByUs, ...(secret === undefined ? {} : { secret }) };
    // One write, because each waits for the disk.
    await this.config.rememberWebhook(environment, webhookId, webhook, { isCurrent: true });
  }

  forget(webhookId: string): Promise<void> {
    return this.config.forgetWebhook(this.place.environment, webhookId);
  }

  /** Throws if the config cannot be written. */
  proveStorable(): Promise<void> {
    return this.config.remember(this.place.environment, {});
  }

  /** Warns of a failed change that the API may still carry out. A session reports that at its end instead. */
  warnIfUnanswered(change: WebhookChange): void {
    const until = mayLandUntil(change, this.clock.now());
    if (change.kind === "session" || until === null) return;
    this.publish({ type: "warning", ...unansweredMessage(change, until) });
  }

  /**
   * Sends the fields that differ and confirms that they are set. Without a response, the webhook's current state
   * decides. The caller holds the write lock.
   */
  async patchAndReadBack(
    ledger: ChangeLedger,
    webhookId: string,
    after: WebhookState,
    difference: Partial<WebhookState>,
  ): Promise<Webhook> {
    const { name, status, events, ...rest } = difference;
    const unansweredBefore = ledger.requests.unanswered;
    let failure: AppError | undefined;
    try {
      await this.api.updateWebhook(
        webhookId,
        {
          ...rest,
          ...(events == null ? {} : { events }),
          ...(typeof name === "string" ? { name } : {}),
          ...(status === undefined ? {} : { status: status === "INACTIVE" ? "INACTIVE" : "ACTIVE" }),
        },
        ledger,
      );
    } catch (error) {
      const isRefused = ledger.requests.unanswered === unansweredBefore;
      if (isRefused || !(error instanceof AppError)) throw error;
      failure = error;
    }
    const now = await this.find(webhookId);
    if (now === undefined) throw failure ?? webhookNotFound(webhookId, this.place);
    // The API cannot remove a name.
    const wrong = mismatches(stateOf(now), { ...after, name: after.name ?? now.name });
    if (failure !== undefined && (wrong.length > 0 || !isVisible(now, difference))) throw failure;
    if (wrong.length > 0) {
      throw new AppError(
        "webhook_changed",
        `the API accepted the change of ${webhookId}, but did not change: ${wrong.join(", ")}`,
        {
          hint: `Show the webhook with: ${showCommand(webhookId, this.place)}. Another program may be changing it.`,
        },
      );
    }
    await ledger.closed();
    return now;
  }
}
