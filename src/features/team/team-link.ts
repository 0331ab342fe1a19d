import { AppError } from "../../core/errors.ts";
import type { NewFact } from "../../core/facts.ts";
import type { Clock } from "../../platform/clock.ts";

const [MIN_BACKOFF_MS, MAX_BACKOFF_MS] = [250, 5_000];

/** What no later attempt can change. */
const FINAL: readonly string[] = ["team_log_replaced", "team_log_too_new", "team_log_damaged"];

export interface TeamLinkOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly publish: (fact: NewFact) => void;
  /** How many deliveries wait here to be shipped. */
  readonly waiting: () => Promise<number>;
  readonly signal: AbortSignal;
}

/** Whether the team's database can be used now. Its state is published once for each change. */
export class TeamLink {
  readonly #options: TeamLinkOptions;
  #isOffline = false;

  constructor(options: TeamLinkOptions) {
    this.#options = options;
  }

  /**
   * Repeats the work until it succeeds, while the database cannot be used. Throws what no later attempt can change,
   * and the signal's reason.
   */
  async until<Result>(work: () => Promise<Result>, isFinal = isFinalError): Promise<Result> {
    const { clock, signal } = this.#options;
    for (let backoffMs = MIN_BACKOFF_MS; ; backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS)) {
      signal.throwIfAborted();
      try {
        const result = await work();
        this.#online();
        return result;
      } catch (error) {
        signal.throwIfAborted();
        if (isFinal(error)) throw error;
        await this.#offline(error as AppError);
      }
      await clock.sleep(backoffMs, signal);
    }
  }

  /** Whether the last attempt has failed. */
  get isOffline(): boolean {
    return this.#isOffline;
  }

  /** Runs the work once; undefined if the database cannot be used now. */
  async once<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      const result = await work();
      this.#online();
      return result;
    } catch (error) {
      if (isFinalError(error)) throw error;
      if (!this.#options.signal.aborted) await this.#offline(error as AppError);
      return undefined;
    }
  }

  #online(): void {
    if (!this.#isOffline) return;
    this.#isOffline = false;
    const { name, publish } = this.#options;
    publish({ type: "team", state: "connected", name });
  }

  async #offline(reason: AppError): Promise<void> {
    if (this.#isOffline) return;
    this.#isOffline = true;
    const { name, publish, waiting } = this.#options;
    const count = await waiting().catch(() => 0);
    publish({ type: "team", state: "offline", name, message: reasonOf(reason), waiting: count });
  }
}

/** At the start, also a refusal: it is the user's mistake. Later it may be the administrator's work. */
export function isRefusal(error: unknown): boolean {
  return !(error instanceof AppError) || error.code !== "team_unreachable";
}

function isFinalError(error: unknown): boolean {
  return !(error instanceof AppError) || !error.code.startsWith("team_") || FINAL.includes(error.code);
}

/** The reason without the address, which does not change. */
function reasonOf({ message, cause }: AppError): string {
  return cause instanceof Error && message.endsWith(cause.message) ? cause.message : message;
}
