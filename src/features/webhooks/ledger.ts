import type { RequestLedger } from "../../bluum/client.ts";
import type { Clock } from "../../platform/clock.ts";
import type { ChangeLog, WebhookChange } from "../../store/store.ts";

/** How long after it was sent the API may still carry out an unanswered request. */
const MAY_LAND_FOR_MS = 15 * 60_000;

/** Until when (Unix milliseconds) a request of this change may still be carried out; null if none can. */
export function mayLandUntil({ unanswered, sentAt }: Requests, now: number): number | null {
  if (unanswered === 0 || sentAt === null) return null;
  // A clock that was temporarily years ahead must not keep the change unsettled for years.
  return Math.abs(now - sentAt) < MAY_LAND_FOR_MS ? sentAt + MAY_LAND_FOR_MS : null;
}

type Requests = { readonly [Field in "unanswered" | "sentAt"]: WebhookChange[Field] };

/**
 * The requests of one change, counted on disk before each is sent: a timeout, Ctrl-C or `kill -9` does not change the
 * count, so that an unanswered request never counts as not carried out.
 */
export class ChangeLedger implements RequestLedger {
  readonly #changes: Pick<ChangeLog, "update">;
  readonly #clock: Pick<Clock, "now">;
  readonly #id: string;
  #requests: Requests;

  constructor(
    changes: Pick<ChangeLog, "update">,
    clock: Pick<Clock, "now">,
    { id, unanswered, sentAt }: WebhookChange,
  ) {
    this.#changes = changes;
    this.#clock = clock;
    this.#id = id;
    this.#requests = { unanswered, sentAt };
  }

  /** The requests that the API may still carry out, and when the last one was sent. */
  get requests(): Requests {
    return this.#requests;
  }

  async sending(): Promise<void> {
    await this.#set({ unanswered: this.#requests.unanswered + 1, sentAt: this.#clock.now() });
  }

  /** The effect of the last one is confirmed. The API may still carry out each of those before it. */
  async closed(): Promise<void> {
    if (this.#requests.unanswered > 0) await this.#set({ unanswered: this.#requests.unanswered - 1 });
  }

  async #set(requests: Partial<Requests>): Promise<void> {
    await this.#changes.update(this.#id, requests);
    this.#requests = { ...this.#requests, ...requests };
  }
}
