import { AppError } from "../../core/errors.ts";
import { UndoStack } from "../../platform/undo.ts";
import { ALIVE_MS, type LogOwner } from "../../team/log.ts";
import type { LeaseTimes } from "../../team/times.ts";
import { openIngress, type Reception, type ReceptionDeps, type ReceptionOptions } from "../listen/reception.ts";
import type { PublicUrl } from "../listen/public-url.ts";
import type { TeamMember } from "./team-member.ts";
import {
  deactivateTeamWebhook,
  openTeamWebhook,
  pointTeamWebhook,
  sealTeamWebhook,
  type TeamWebhook,
  type WebhookTarget,
} from "./team-webhook.ts";

/**
 * Receives for the team while this member has the lease, and stands by otherwise. A member that has lost the lease
 * changes nothing at Bluum.
 */
export class TeamReception implements Reception {
  readonly #member: TeamMember;
  readonly #options: ReceptionOptions;
  readonly #deps: ReceptionDeps;
  readonly #times: LeaseTimes;
  /** The term of the lease; undefined without it. */
  #term: number | undefined;
  #webhook: TeamWebhook | undefined;
  #ingress: { readonly url: PublicUrl; readonly undo: UndoStack } | undefined;
  #retiring: NodeJS.Timeout | undefined;
  #taking: Promise<void> | undefined;
  #triedAt = -Infinity;
  #isOver = false;
  readonly ended: Promise<void>;
  #fail: (error: unknown) => void = () => {};
  readonly #askedEvents: readonly string[] | undefined;

  constructor(
    member: TeamMember,
    options: ReceptionOptions & { readonly askedEvents: readonly string[] | undefined },
    deps: ReceptionDeps,
    times: LeaseTimes,
  ) {
    this.#member = member;
    this.#options = options;
    this.#deps = deps;
    this.#times = times;
    this.#askedEvents = options.askedEvents;
    this.ended = new Promise((_resolve, reject) => (this.#fail = reject));
    this.ended.catch(() => {});
  }

  /** Receives if nobody does. Throws if that fails. */
  async enter(isForced: boolean): Promise<void> {
    const { link, log } = this.#member;
    const before = isForced ? (await link.until(() => log.state())).owner : undefined;
    this.#term = await link.until(() => this.#claim(isForced));
    if (this.#term === undefined) return;
    await (this.#taking = this.#begin(before, before !== undefined).finally(() => (this.#taking = undefined)));
  }

  /** Extends the lease, or takes it if nobody has it. Called for each beat, with the owner that the log has. */
  async beat(owner: LogOwner | undefined): Promise<void> {
    if (this.#isOver) return;
    if (this.#term !== undefined) return this.#extend(this.#term);
    const isFree = owner === undefined || owner.member === this.#member.id;
    if (!isFree || this.#taking !== undefined || performance.now() - this.#triedAt < this.#times.retryMs) return;
    this.#term = await this.#claim();
    if (this.#term !== undefined) this.#takeOver();
  }

  /** Whether deliveries that arrive now are the team's. */
  get isReceiving(): boolean {
    return this.#ingress !== undefined;
  }

  get isOwner(): boolean {
    return this.#term !== undefined;
  }

  get events(): readonly string[] {
    return this.#webhook?.events ?? this.#options.events;
  }

  publicUrl(): string {
    return this.#ingress?.url.current() ?? `${this.#deps.receiver.origin}${this.#options.path}`;
  }

  webhookId(): string | null {
    return this.isOwner ? (this.#webhook?.id ?? null) : null;
  }

  expectEvent(): void {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#retiring);
    await this.#taking?.catch(() => {});
    await this.#member.standDown();
    try {
      await this.#leave();
    } finally {
      await this.#closeIngress();
    }
  }

  #claim(isForced = false): Promise<number | undefined> {
    const { log, id, label } = this.#member;
    return log.claim(id, label, this.#times.leaseSeconds, isForced);
  }

  async #extend(term: number): Promise<void> {
    const now = await this.#claim();
    if (this.#term !== term || this.#isOver) return;
    if (now === undefined) return this.#lost();
    if (now === term) return;
    // It had expired, and nobody has claimed it.
    this.#term = now;
    this.#takeOver();
  }

  /** Takes over while the session runs: a failure must not end it. */
  #takeOver(): void {
    this.#triedAt = performance.now();
    this.#taking ??= this.#begin(this.#member.lastOwner)
      .catch(async (error: unknown) => {
        if (!this.#deps.signal.aborted) await this.#giveUp(error);
      })
      .finally(() => (this.#taking = undefined));
  }

  async #giveUp(error: unknown): Promise<void> {
    const { link, log, id } = this.#member;
    const message = error instanceof Error ? error.message : String(error);
    const hint = error instanceof AppError ? error.hint : undefined;
    this.#deps.bus.publish({ type: "warning", code: "takeover_failed", message: `cannot receive: ${message}`, hint });
    const term = this.#term;
    this.#term = undefined;
    await this.#closeIngress();
    if (term !== undefined) await link.once(() => log.release(id, term));
  }

  /** Opens the public URL and points the webhook at it, unless the lease is lost meanwhile. */
  async #begin(before: LogOwner | undefined, isTakeover = false): Promise<void> {
    clearTimeout(this.#retiring);
    if (this.#ingress === undefined) {
      const undo = new UndoStack();
      const url = undo.use(await openIngress(this.#options, this.#deps));
      this.#ingress = { url, undo };
      url.ended.catch((error: unknown) => this.#fail(error));
      // The tunnel has another URL.
      url.onMoved(() => {
        if (this.#term !== undefined && !this.#isOver) this.#takeOver();
      });
    }
    const wasOwner = this.#webhook !== undefined;
    if (!(await this.#point())) return;
    const { invite, id } = this.#member;
    const replaced = before === undefined || before.member === id ? null : before.label;
    if (wasOwner) return;
    const { name } = invite;
    this.#deps.bus.publish({
      type: "team",
      state: "owner",
      name,
      before: replaced,
      isTakeover: isTakeover && replaced !== null,
    });
  }

  /** Points the webhook at the public URL in the current term. False if the lease is lost. */
  async #point(): Promise<boolean> {
    const { link, log, invite, id } = this.#member;
    const { bus, onSecret } = this.#deps;
    for (;;) {
      const known = openTeamWebhook(await link.until(() => log.webhook()), invite);
      // The lease may have been lost, or have expired, since the last beat.
      const term = await link.until(() => this.#claim());
      if (term === undefined) {
        if (this.#term !== undefined) this.#lost();
        return false;
      }
      this.#term = term;
      this.#webhook = await pointTeamWebhook(known, this.#target(), this.#deps, (fact) => bus.publish(fact));
      if (this.#webhook.secret !== undefined) onSecret(this.#webhook.secret);
      const content = sealTeamWebhook(this.#webhook, invite);
      if (await link.until(() => log.setWebhook(id, term, content))) return true;
    }
  }

  #target(): WebhookTarget {
    const { environment, baseUrl, isNew } = this.#options;
    const events = this.#askedEvents;
    return { environment, baseUrl, isNew, events, team: this.#member.invite.name, url: this.publicUrl() };
  }

  /** Another member receives. Deliveries that Bluum still sends here are the team's. */
  #lost(): void {
    this.#term = undefined;
    this.#webhook = undefined;
    this.#triedAt = -Infinity;
    const { name } = this.#member.invite;
    this.#deps.bus.publish({ type: "team", state: "follower", name, owner: this.#member.lastOwner?.label ?? null });
    this.#retiring = setTimeout(() => void this.#closeIngress(), this.#times.keepReceivingMs);
  }

  async #closeIngress(): Promise<void> {
    const { undo } = this.#ingress ?? {};
    this.#ingress = undefined;
    await undo?.[Symbol.asyncDispose]();
  }

  /** The last member deactivates the webhook; with a member that stands by, it is left to that one. */
  async #leave(): Promise<void> {
    const term = this.#term;
    if (term === undefined) return;
    const { log, id, link, invite } = this.#member;
    const { bus } = this.#deps;
    try {
      if (link.isOffline) throw new Error("the team log is offline");
      if ((await this.#claim()) !== term) return;
      const members = await log.members();
      const standby = members.filter((each) => each.id !== id && each.isStandby && each.seenAgoMs < ALIVE_MS);
      if (standby.length === 0 && this.#webhook !== undefined) {
        await deactivateTeamWebhook(this.#webhook, this.#target(), this.#deps, (fact) => bus.publish(fact));
      }
      await log.release(id, term);
      const [first] = standby;
      if (first === undefined) return;
      const only = standby.length === 1 ? first.label : null;
      bus.publish({ type: "team", state: "left", name: invite.name, standby: only });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      bus.publish({
        type: "warning",
        code: "takeover_failed",
        message: `the team's webhook may still deliver to this session: ${message}`,
        hint: "Another member's listen --team takes it over within 20 s.",
      });
    }
  }
}
