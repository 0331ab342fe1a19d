import { cutPayload, readDelivery, type Delivery } from "../../core/delivery.ts";
import type { NewFact } from "../../core/facts.ts";
import { Wake } from "../../platform/wake.ts";
import type { TeamDelivery, TeamStore } from "../../store/store.ts";
import type { Invite } from "../../team/invite.ts";
import type { TeamLog } from "../../team/log.ts";
import { openRows, type OpenedRow } from "../../team/open-rows.ts";
import type { TeamLink } from "./team-link.ts";

export interface FollowOptions {
  readonly invite: Invite;
  readonly log: TeamLog;
  readonly link: TeamLink;
  readonly store: Pick<TeamStore, "receive" | "rewind">;
  readonly position: number;
  /** Deliveries after this number are forwarded to the app; undefined without an app. */
  readonly dueAfter: number | undefined;
  readonly publish: (fact: NewFact) => void;
  /** Called after deliveries were stored. */
  readonly onStored: () => void;
  readonly signal: AbortSignal;
}

/** From how many deliveries on catching up is announced. */
const LONG_CATCH_UP = 100;
/** How often the log is read although nothing was announced. */
const IDLE_MS = 60_000;

/** Copies the team's log to the local store, in order, and follows it. */
export class LogFollower {
  readonly #options: FollowOptions;
  readonly #wake = new Wake();
  #position: number;
  #head = 0;
  #isCatchingUp = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#position = options.position;
  }

  /** The last delivery that is stored here. */
  get position(): number {
    return this.#position;
  }

  /**
   * Reports where the log ends, up to where it has expired, and the position here before that was asked: a later one
   * may be beyond this end.
   */
  async sawEnds({ head, tail, position }: { head: number; tail: number; position: number }): Promise<void> {
    const { invite, store, publish } = this.#options;
    this.#head = Math.max(this.#head, head);
    if (head < position) {
      publish({
        type: "warning",
        code: "log_rewound",
        message: `the team log ${invite.name} ends at ${head}, before ${position}: an earlier state was restored`,
        hint: "Deliveries that members received since then are sent to the log again.",
      });
      await store.rewind(invite.log, head);
      [this.#position, this.#head] = [head, head];
    }
    if (tail > this.#position) {
      publish({
        type: "warning",
        code: "log_expired",
        message: `${tail - this.#position} deliveries of the team log ${invite.name} expired before they were read here`,
      });
      await store.receive(invite.log, tail, []);
      this.#position = tail;
    }
    if (head > this.#position) this.#wake.set();
  }

  /** Follows until the signal aborts. Throws what no later attempt can change. */
  async run(): Promise<void> {
    const { link, signal } = this.#options;
    while (!signal.aborted) {
      const page = await link.until(() => this.#read(this.#position));
      if (page.length === 0) {
        this.#caughtUp();
        await this.#wake.wait(IDLE_MS, signal);
      } else await this.#storeAll(page);
    }
  }

  /** Stores a page while the next one is read. */
  async #storeAll(first: OpenedRow[]): Promise<void> {
    const { link, signal } = this.#options;
    for (let page = first; page.length > 0 && !signal.aborted;) {
      this.#announce(page);
      const next = link.until(() => this.#read(page.at(-1)!.seq));
      // Its failure is thrown below, after the page is stored.
      next.catch(() => {});
      await this.#store(page);
      page = await next;
    }
  }

  async #read(after: number): Promise<OpenedRow[]> {
    const { log, invite } = this.#options;
    const rows = await log.page(after);
    const [first] = rows;
    if (first !== undefined && first.seq !== after + 1) {
      // It may have expired a moment ago.
      const ends = await log.state();
      if (ends.tail > after) {
        await this.sawEnds({ ...ends, position: after });
        return [];
      }
    }
    return openRows(rows, { after, key: invite.key, log: log.invite });
  }

  async #store(page: readonly OpenedRow[]): Promise<void> {
    const { invite, store, dueAfter, onStored } = this.#options;
    const position = page.at(-1)!.seq;
    const deliveries = page.map((row) => teamDelivery(row, dueAfter !== undefined && row.seq > dueAfter));
    await store.receive(invite.log, position, deliveries);
    this.#position = position;
    onStored();
  }

  #announce(page: readonly OpenedRow[]): void {
    const behind = Math.max(this.#head - this.#position, page.length);
    if (this.#isCatchingUp || behind < LONG_CATCH_UP) return;
    this.#isCatchingUp = true;
    const { invite, publish } = this.#options;
    publish({ type: "team", state: "behind", name: invite.name, behind, since: page[0]!.record.receivedAt });
  }

  #caughtUp(): void {
    if (!this.#isCatchingUp) return;
    this.#isCatchingUp = false;
    const { invite, publish } = this.#options;
    publish({ type: "team", state: "caught_up", name: invite.name, position: this.#position });
  }
}

function teamDelivery({ seq, id, record }: OpenedRow, isDue: boolean): TeamDelivery {
  const { verification, environment, answer, member, cutFrom } = record;
  const { method, path, headers, body, receivedAt } = record;
  const read = readDelivery(id, { method, path, headers, body, receivedAt });
  const { event, resourceId, identity } = record;
  // What was parsed from the whole body, if only its beginning is kept.
  const delivery: Delivery =
    cutFrom === undefined
      ? read
      : { ...read, event, resourceId, identity, cutFrom, payload: cutPayload(body.length, cutFrom) };
  return { delivery, verification, environment, answer, seq, member, isDue };
}
