import type { StoredDelivery } from "../core/delivery.ts";
import { PAGE_BYTES, PAGE_ROWS, type TeamLog } from "./log.ts";
import { encodeRecord } from "./record.ts";
import { seal, type TeamKey } from "./seal.ts";

/** What this machine has received for the team and has not shipped. */
export interface Outbox {
  /** The next deliveries, in the order of receipt. */
  next(limit: { readonly rows: number; readonly bytes: number }): Promise<readonly StoredDelivery[]>;
  /** Records that the log contains everything up to this local `seq`. */
  shipped(seq: number): Promise<void>;
}

/** How long a delivery waits for its answer, which is stored a moment later, before it is shipped without one. */
const ANSWER_MS = 2_000;

/** Copies deliveries to the team's log, in order. A lost answer is repeated, which is harmless. */
export class Shipper {
  readonly #key: TeamKey;
  readonly #label: string;
  readonly #outbox: Outbox;
  #unanswered: { readonly id: string; readonly since: number } | undefined;

  constructor(options: { readonly key: TeamKey; readonly label: string; readonly outbox: Outbox }) {
    this.#key = options.key;
    this.#label = options.label;
    this.#outbox = options.outbox;
  }

  /** Ships one batch. `all`: nothing is left; `more`: there may be more; `unanswered`: the next one is not answered. */
  async ship(log: TeamLog, { isLast = false } = {}): Promise<"all" | "more" | "unanswered"> {
    const waiting = await this.#outbox.next({ rows: PAGE_ROWS, bytes: PAGE_BYTES });
    const end = isLast ? -1 : waiting.findIndex((delivery) => this.#mustWait(delivery));
    const batch = end === -1 ? waiting : waiting.slice(0, end);
    const last = batch.at(-1);
    if (last !== undefined) {
      await log.append(
        this.#key.id,
        batch.map((delivery) => ({ id: delivery.id, sealed: this.#seal(delivery, log) })),
      );
      await this.#outbox.shipped(last.seq);
    }
    return end !== -1 ? "unanswered" : last === undefined ? "all" : "more";
  }

  #mustWait({ id, answer }: StoredDelivery): boolean {
    if (answer !== undefined) return false;
    if (this.#unanswered?.id !== id) this.#unanswered = { id, since: performance.now() };
    return performance.now() - this.#unanswered.since < ANSWER_MS;
  }

  #seal(delivery: StoredDelivery, log: TeamLog): Buffer {
    const { id, receivedAt, environment, method, path, headers, event, resourceId } = delivery;
    const { identity, verification, answer, cutFrom, body } = delivery;
    const record = encodeRecord({
      receivedAt,
      environment,
      method,
      path,
      headers,
      event,
      resourceId,
      identity,
      verification,
      body,
      member: this.#label,
      ...(answer === undefined ? {} : { answer }),
      ...(cutFrom === undefined ? {} : { cutFrom }),
    });
    return seal(record, this.#key, { log: log.invite.log, id });
  }
}
