import type { CatchUpOptions } from "../../delivery/catch-up.ts";
import { LinkedAbort, orAborted } from "../../platform/abort.ts";
import { UndoStack } from "../../platform/undo.ts";
import { Wake } from "../../platform/wake.ts";
import { type LogOwner, type LogState, TeamLog } from "../../team/log.ts";
import { Shipper } from "../../team/ship.ts";
import type { DueInLog } from "../listen/forwarding.ts";
import type { ReceptionDeps, ReceptionOptions } from "../listen/reception.ts";
import { LogFollower } from "./follow-log.ts";
import { openTeamDatabase, teamInUse } from "./joined-team.ts";
import { openSignatures, type FreshSignatures } from "./fresh-signatures.ts";
import { isRefusal, TeamLink } from "./team-link.ts";
import type { TeamMember } from "./team-member.ts";
import type { TeamDeps, TeamOptions } from "./team-options.ts";
import { TeamReception } from "./team-reception.ts";

/** How often the owner looks for expired deliveries. */
const PRUNE_MS = 3_600_000;

/** A session's part in its team: it ships, follows, reports, and receives if nobody else does. */
export class TeamSession implements TeamMember, AsyncDisposable {
  readonly id: string;
  readonly label: string;
  readonly log: TeamLog;
  readonly link: TeamLink;
  readonly invite;
  /** What is to be forwarded to the app; undefined without an app. */
  readonly dueIn: DueInLog | undefined;
  /** Signs what is caught up; undefined if it is forwarded as received. */
  readonly renew: CatchUpOptions["renew"];
  lastOwner: LogOwner | undefined;
  readonly #options: TeamOptions;
  readonly #deps: TeamDeps;
  readonly #stop: LinkedAbort;
  readonly #undo: UndoStack;
  readonly #follower: LogFollower;
  readonly #shipper: Shipper;
  readonly #received = new Wake();
  readonly #beatWake = new Wake();
  readonly #app = { ok: 0, failed: 0 };
  readonly #loops: Promise<void>[] = [];
  #reception: TeamReception | undefined;
  #onStored = () => {};
  #isProven = false;
  #isStandby = false;
  #pruneAt = -Infinity;
  /** Rejects with what ends the session. */
  readonly failed: Promise<never>;
  #fail: (error: unknown) => void = () => {};

  private constructor(
    options: TeamOptions,
    deps: TeamDeps,
    opened: {
      log: TeamLog;
      link: TeamLink;
      stop: LinkedAbort;
      undo: UndoStack;
      position: number;
      dueAfter: number;
      signatures: FreshSignatures | undefined;
    },
  ) {
    const { invite, stored } = options.team;
    const { bus, store } = deps;
    this.#options = options;
    this.#deps = deps;
    this.#stop = opened.stop;
    this.#undo = opened.undo;
    this.id = stored.member;
    this.label = deps.whoami;
    this.invite = invite;
    this.log = opened.log;
    this.link = opened.link;
    this.renew = opened.signatures && ((delivery) => opened.signatures!.renew(delivery));
    this.dueIn = options.hasApp ? { log: invite.log, afterSeq: opened.dueAfter } : undefined;
    this.failed = new Promise((_resolve, reject) => (this.#fail = reject));
    this.failed.catch(() => {});
    const { signal } = opened.stop;
    this.#follower = new LogFollower({
      invite,
      log: opened.log,
      link: opened.link,
      store: store.team,
      position: opened.position,
      signal,
      dueAfter: options.hasApp ? opened.dueAfter : undefined,
      publish: (fact) => bus.publish(fact),
      onStored: () => this.#onStored(),
    });
    const outbox = {
      next: async (limit: { readonly rows: number; readonly bytes: number }) => {
        const { shipped } = await store.team.progress(invite.log, 0);
        return store.team.outbox(invite.log, shipped, limit);
      },
      shipped: (seq: number) => store.team.shipped(invite.log, seq),
    };
    this.#shipper = new Shipper({ key: invite.key, label: this.label, outbox });
    bus.subscribe((fact) => {
      if (fact.type === "answer") this.#received.set();
      if (fact.type === "forward")
        this.#app[(fact.status ?? 0) >= 200 && (fact.status ?? 0) <= 299 ? "ok" : "failed"] += 1;
    });
  }

  /** Connects to the team's log, and waits for a database that is away. Throws what a later attempt cannot change. */
  static async open(options: TeamOptions, deps: TeamDeps): Promise<TeamSession> {
    const { team, forwardedAgeMs } = options;
    const { invite, stored } = team;
    const { store, bus, clock, holder } = deps;
    await using undo = new UndoStack();
    const stop = new LinkedAbort(undefined);
    undo.push(() => stop[Symbol.dispose]());
    const lock = await store.tryLock(`team ${invite.log}`, { ...holder, what: `listen --team ${invite.name}` });
    if (lock === undefined) throw teamInUse(invite.name, (await store.holderOf(`team ${invite.log}`))?.pid);
    undo.use(lock);
    const database = undo.use(await openTeamDatabase(team, deps));
    const link = new TeamLink({
      name: invite.name,
      clock,
      signal: stop.signal,
      publish: (fact) => bus.publish(fact),
      waiting: () => store.team.waiting(invite.log),
    });
    const log = await orAborted(
      link.until(() => TeamLog.open(database, invite), isRefusal),
      deps.signal,
    );
    const { head, owner } = await link.until(() => log.state());
    const { position } = await store.team.progress(invite.log, stored.from ?? head);
    const dueAfter = forwardedAgeMs === undefined ? 0 : await link.until(() => log.seqBefore(forwardedAgeMs));
    const shown = owner?.member === stored.member ? undefined : owner;
    bus.publish({
      type: "team",
      state: "connected",
      name: invite.name,
      owner: shown?.label ?? null,
      position,
      ...(shown === undefined ? {} : { since: shown.since }),
    });
    const signatures = options.resigning && (await openSignatures(options.resigning, { ...deps, log, link, invite }));
    return new TeamSession(options, deps, { log, link, stop, undo: undo.move(), position, dueAfter, signatures });
  }

  /** How the team shares a delivery that arrives now; undefined if it does not. */
  get mark(): { readonly log: string; readonly isDue: boolean } | undefined {
    if (this.#reception?.isReceiving !== true) return undefined;
    return { log: this.invite.log, isDue: this.#options.hasApp };
  }

  get state(): { readonly name: string; readonly role: "owner" | "follower"; readonly position: number } {
    const role = this.#reception?.isOwner === true ? "owner" : "follower";
    return { name: this.invite.name, role, position: this.#follower.position };
  }

  /** Receives if nobody does, or stands by. */
  async receive(options: ReceptionOptions, deps: ReceptionDeps): Promise<TeamReception> {
    const { askedEvents, mayReceive, isTakeover } = this.#options;
    const reception = new TeamReception(this, { ...options, askedEvents }, deps, this.#deps.times);
    if (!mayReceive) return reception;
    this.#reception = reception;
    this.#isStandby = true;
    // A takeover of the tunnel may take longer than the lease.
    this.#loop(() => this.#beatLoop());
    try {
      await orAborted(Promise.race([reception.enter(isTakeover), this.failed]), this.#deps.signal);
    } catch (error) {
      await reception[Symbol.asyncDispose]();
      throw error;
    }
    return reception;
  }

  async standDown(): Promise<void> {
    if (!this.#isStandby || this.link.isOffline) return;
    this.#isStandby = false;
    await this.link.once(() => this.#report()).catch(() => {});
  }

  /** Begins to follow and to ship. */
  begin(onStored: () => void): void {
    this.#onStored = onStored;
    const notified = (what: string) => {
      if (what === `echo ${this.id}`) this.#isProven = true;
      if (/^\d+$/.test(what)) void this.#sawHead(Number(what));
      else this.#beatWake.set();
    };
    this.log.listen(notified, () => {
      this.#isProven = false;
      void this.link.once(() => this.log.echo(`echo ${this.id}`)).catch(() => {});
    });
    if (!this.#options.mayReceive) this.#loop(() => this.#beatLoop());
    this.#loop(() => this.#follower.run());
    this.#loop(() => this.#shipLoop());
  }

  /** Ships what is left, for a limited time. Call it after the last delivery was received and answered. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { store, times, bus } = this.#deps;
    using deadline = new LinkedAbort(undefined, times.drainMs);
    try {
      await orAborted(this.#shipRest(), deadline.signal);
    } catch {
      const waiting = await store.team.waiting(this.invite.log).catch(() => 0);
      if (waiting > 0) bus.publish({ type: "team", state: "unshipped", name: this.invite.name, waiting });
    }
    this.#stop.abort(new Error("the session has ended"));
    await this.#undo[Symbol.asyncDispose]();
    // Their queries have failed with the connection.
    await Promise.all(this.#loops);
    await bus.flush();
  }

  async #shipRest(): Promise<void> {
    while ((await this.#shipper.ship(this.log, { isLast: true })) !== "all");
  }

  #loop(run: () => Promise<void>): void {
    const { signal } = this.#stop;
    this.#loops.push(
      run().catch((error: unknown) => {
        if (!signal.aborted) this.#fail(error);
      }),
    );
  }

  async #beatLoop(): Promise<void> {
    const { signal } = this.#stop;
    const { times } = this.#deps;
    while (!signal.aborted) {
      const { position } = this.#follower;
      const state = await this.link.once(() => this.#report());
      if (state !== undefined) {
        if (state.owner !== undefined && state.owner.member !== this.id) this.lastOwner = state.owner;
        await this.#follower.sawEnds({ ...state, position });
        await this.link.once(async () => this.#reception?.beat(state.owner));
        if (this.#reception?.isOwner === true) await this.#prune();
      }
      await this.#beatWake.wait(this.#isProven ? times.beatMs : times.pollMs, signal);
    }
  }

  /** The owner deletes what has expired. */
  async #prune(): Promise<void> {
    if (performance.now() < this.#pruneAt) return;
    const deleted = await this.link.once(() => this.log.prune());
    // There may be more.
    this.#pruneAt = performance.now() + (deleted === 0 ? PRUNE_MS : 0);
  }

  #report(): Promise<LogState> {
    return this.log.report({
      member: this.id,
      label: this.label,
      client: this.#deps.version,
      position: this.#follower.position,
      isStandby: this.#isStandby,
      appOk: this.#app.ok,
      appFailed: this.#app.failed,
    });
  }

  async #sawHead(head: number): Promise<void> {
    // A notification may be older than a restored backup: only the state decides that.
    if (head > this.#follower.position) await this.#follower.sawEnds({ head, tail: 0, position: 0 }).catch(() => {});
  }

  async #shipLoop(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const outcome = await this.link.until(() => this.#shipper.ship(this.log));
      if (outcome === "more") continue;
      await this.#received.wait(outcome === "unanswered" ? 100 : 60_000, signal);
    }
  }
}
