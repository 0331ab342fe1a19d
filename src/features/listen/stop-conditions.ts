import { meansEvent } from "../../core/events.ts";
import { AppError } from "../../core/errors.ts";
import type { Fact } from "../../core/facts.ts";
import { LinkedAbort } from "../../platform/abort.ts";
import type { Clock } from "../../platform/clock.ts";

export interface StopWhen {
  /** Stop once an event of each of these names has been received. */
  readonly until: readonly string[];
  /** Stop after this many deliveries. */
  readonly count: number | undefined;
  readonly timeoutMs: number | undefined;
}

/** Decides by a session's facts when to stop. */
export class StopWatch {
  readonly #when: StopWhen;
  readonly #missing: Set<string>;
  readonly #reached = new AbortController();
  #received = 0;

  constructor(when: StopWhen) {
    this.#when = when;
    this.#missing = new Set(when.until);
  }

  /** Processes every fact of the session, in order. */
  see(fact: Fact): void {
    if (fact.type !== "delivery") return;
    this.#received += 1;
    const event = fact.delivery.event ?? "";
    for (const pattern of this.#missing) if (meansEvent(pattern, event)) this.#missing.delete(pattern);
    if (this.#when.until.length > 0 && this.#missing.size === 0) this.#reached.abort("until");
    if (this.#when.count !== undefined && this.#received >= this.#when.count) this.#reached.abort("count");
  }

  /** Ends the wait for this reason. */
  stop(reason: string): void {
    this.#reached.abort(reason);
  }

  /**
   * The reason to stop: `until`, `count` or one passed to `stop`. Throws `timed_out` when the time limit passes, and
   * the signal's reason if aborted.
   */
  async wait(clock: Clock, signal: AbortSignal): Promise<string> {
    using ended = new LinkedAbort([signal, this.#reached.signal]);
    try {
      await clock.sleep(this.#when.timeoutMs ?? Number.POSITIVE_INFINITY, ended.signal);
    } catch {
      signal.throwIfAborted();
      return String(this.#reached.signal.reason);
    }
    const missing = [...this.#missing];
    throw new AppError(
      "timed_out",
      `timed out after ${(this.#when.timeoutMs ?? 0) / 1000} s${missing.length > 0 ? ` without ${missing.join(", ")}` : ""}`,
      { hint: "List the deliveries with: bluum-hooks events list" },
    );
  }
}
