import pLimit from "p-limit";
import { isAcknowledgement, RETRY_DELAYS_MS } from "../../core/delivery-policy.ts";
import { type Scheme, sign } from "../../core/signature.ts";
import { matchesAny } from "../../core/events.ts";
import { LinkedAbort } from "../../platform/abort.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Background } from "../background.ts";
import { BoundedMap } from "../bounded-map.ts";
import type { Emission } from "../entities/emission.ts";
import type { Webhook } from "../entities/webhook-entity.ts";
import type { NewLogEntry } from "../log.ts";
import type { Pace } from "../pace.ts";
import type { Chaos, ChaosKind } from "./chaos.ts";
import { ResourceQueue } from "./resource-queue.ts";
import type { Sender } from "./sender.ts";
import { newId } from "../../platform/ids.ts";

/**
 * `queued`: before its first attempt. `retrying`: waits for the next one. `delivered`: answered 2xx. `dead`: all
 * attempts failed; it can be replayed. `abandoned`: its webhook was deleted, or it was removed.
 */
type DeliveryState = "queued" | "retrying" | "delivered" | "dead" | "abandoned";

interface Attempt {
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly url: string;
  /** The status of the endpoint's response; null without a response. */
  readonly status: number | null;
  /** Why there is no response; null if there is one. */
  readonly error: string | null;
  readonly durationMs: number;
  /** The kind of chaos that caused or lost this attempt. */
  readonly chaos: ChaosKind | null;
}

/** One event for one webhook, with all attempts. */
export interface Delivery {
  readonly id: string;
  readonly webhookId: string;
  readonly emission: Emission;
  readonly attempts: Attempt[];
  state: DeliveryState;
}

function newDelivery(webhookId: string, emission: Emission): Delivery {
  return { id: newId("dlv"), webhookId, emission, attempts: [], state: "queued" };
}

const MAX_DELIVERIES = 1_000;
const MAX_CONCURRENT = 32;

interface DispatcherParts {
  readonly webhooks: ReadonlyMap<string, Webhook>;
  readonly sender: Sender;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly background: Background;
  readonly chaos: Chaos;
  readonly scheme: Scheme;
  readonly signingHeader?: string | undefined;
  readonly log: (entry: NewLogEntry) => void;
}

/**
 * Delivers events to webhooks. First attempts for one resource are sent in order, those for different resources in
 * parallel; retries follow the documented schedule. Stores the last 1000 deliveries; older ones are abandoned.
 */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #firstAttempts: ResourceQueue<Delivery>;
  readonly #limit = pLimit(MAX_CONCURRENT);
  readonly #waits = new Map<Delivery, LinkedAbort>();
  readonly #deliveries = new BoundedMap<string, Delivery>(MAX_DELIVERIES, (delivery) => this.#abandon(delivery));

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#firstAttempts = new ResourceQueue(parts, (delivery, signal) => this.#firstAttempt(delivery, signal));
  }

  /** Starts a delivery to every active webhook that subscribes to the event. */
  publish(emission: Emission): void {
    for (const webhook of this.#parts.webhooks.values()) {
      if (webhook.status !== "ACTIVE" || !matchesAny(webhook.eventTypeNames, emission.event)) continue;
      this.#queue(newDelivery(webhook.id, emission));
    }
  }

  /** Oldest first. */
  deliveries(): Delivery[] {
    return [...this.#deliveries.values()];
  }

  deadLetters(): Delivery[] {
    return this.deliveries().filter((delivery) => delivery.state === "dead");
  }

  /** Restarts the retry schedule of a dead letter; undefined if there is none with this id. */
  replay(id: string): Delivery | undefined {
    const delivery = this.#deliveries.get(id);
    if (delivery?.state !== "dead") return undefined;
    delivery.state = "queued";
    this.#queue(delivery);
    return delivery;
  }

  /** Deletes all deliveries. The background's signal stops attempts and waits. */
  clear(): void {
    this.#deliveries.clear();
    this.#firstAttempts.clear();
  }

  #queue(delivery: Delivery): void {
    this.#deliveries.set(delivery.id, delivery);
    this.#firstAttempts.add(`${delivery.webhookId} ${delivery.emission.resourceId ?? delivery.id}`, delivery);
  }

  async #firstAttempt(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const { background, chaos, pace } = this.#parts;
    if (chaos.strikes("delay")) await pace.sleep(chaos.delayMs(), signal);
    if (chaos.strikes("drop")) this.#lose(delivery);
    else await this.#attempt(delivery, null, signal);
    if (delivery.state === "delivered") {
      if (chaos.strikes("duplicate")) background.run((until) => this.#attempt(delivery, "duplicate", until));
      return;
    }
    background.run((until) => this.#retry(delivery, until));
  }

  async #retry(delivery: Delivery, signal: AbortSignal): Promise<void> {
    for (const delayMs of RETRY_DELAYS_MS) {
      if (delivery.state !== "retrying") return;
      await this.#wait(delivery, delayMs, signal);
      await this.#attempt(delivery, null, signal);
    }
    if (delivery.state !== "retrying") return;
    delivery.state = "dead";
    const url = delivery.attempts.at(-1)?.url ?? "";
    this.#parts.log({ type: "dead-letter", deliveryId: delivery.id, event: delivery.emission.event, url });
  }

  async #wait(delivery: Delivery, delayMs: number, signal: AbortSignal): Promise<void> {
    using wait = new LinkedAbort(signal);
    this.#waits.set(delivery, wait);
    try {
      await this.#parts.pace.sleep(delayMs, wait.signal);
    } catch {
      signal.throwIfAborted();
    } finally {
      this.#waits.delete(delivery);
    }
  }

  /** Sends one attempt to the webhook's current URL, and moves the delivery to the next state. */
  async #attempt(delivery: Delivery, chaos: ChaosKind | null, signal: AbortSignal): Promise<void> {
    await this.#limit(async () => {
      const { clock, sender, scheme, signingHeader, webhooks } = this.#parts;
      const webhook = webhooks.get(delivery.webhookId);
      if (webhook === undefined) delivery.state = "abandoned";
      if (webhook === undefined || delivery.state === "abandoned") return;
      const at = clock.now();
      const { body, id } = delivery.emission;
      const signature = sign({ scheme, body, id, secret: webhook.secret, now: at, header: signingHeader });
      const outcome =
        webhook.status === "ACTIVE"
          ? await sender.send(webhook.url, body, signature, signal)
          : { status: null, error: "the webhook is INACTIVE" };
      this.#record(delivery, { at, url: webhook.url, ...outcome, durationMs: clock.now() - at, chaos });
    });
  }

  #lose(delivery: Delivery): void {
    const url = this.#parts.webhooks.get(delivery.webhookId)?.url ?? "";
    const at = this.#parts.clock.now();
    this.#record(delivery, { at, url, status: null, error: "lost in transit", durationMs: 0, chaos: "drop" });
  }

  #record(delivery: Delivery, attempt: Delivery["attempts"][number]): void {
    const { url, status, error } = attempt;
    const isDuplicate = delivery.state === "delivered";
    delivery.attempts.push(attempt);
    if (!isDuplicate && delivery.state !== "abandoned") {
      delivery.state = status !== null && isAcknowledgement(status) ? "delivered" : "retrying";
    }
    this.#parts.log({
      type: "attempt",
      deliveryId: delivery.id,
      event: delivery.emission.event,
      url,
      attempt: delivery.attempts.length,
      status,
      error,
    });
  }

  #abandon(delivery: Delivery): void {
    delivery.state = "abandoned";
    this.#waits.get(delivery)?.abort(new Error("the delivery was removed"));
  }
}
