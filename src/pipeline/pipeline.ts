import {
  readDelivery,
  type Answer,
  type Delivery,
  type RawRequest,
  type RecordedDelivery,
  type Verification,
} from "../core/delivery.ts";
import type { ExchangeOutcome } from "../core/exchange.ts";
import { forwardFact, type ForwardAttempt } from "../core/forward.ts";
import { verify } from "../core/signature.ts";
import type { Clock } from "../platform/clock.ts";
import { newId } from "../platform/ids.ts";
import type { FactBus } from "./bus.ts";

/** The durable record, as far as a delivery's path needs it. */
interface DeliveryLog {
  accept(
    delivery: Delivery,
    verification: Verification,
    environment: string,
  ): {
    /** Resolves once the delivery cannot be lost any more; rejects when it could not be kept. */
    readonly durable: Promise<void>;
    /** Resolves, after that, once it is known how it relates to earlier ones. */
    readonly stored: Promise<RecordedDelivery>;
  };
  recordAnswer(delivery: Pick<Delivery, "id">, answer: Answer): void;
}

export interface PipelineOptions {
  readonly log: DeliveryLog;
  readonly bus: Pick<FactBus, "publish">;
  readonly clock: Pick<Clock, "now">;
  readonly environment: string;
  /** All secrets that may sign, read anew for each delivery: a webhook created meanwhile brings its own. */
  readonly secrets: () => readonly string[];
  readonly signatureHeader?: string | undefined;
  /** Answer 401 to whatever is not verified, and keep it from the app. */
  readonly requireSignature: boolean;
  readonly app?: AppLink | undefined;
}

/** The user's app, behind the listener. */
export interface AppLink {
  /** Whose word the sender gets: the app's own, or ours as soon as the delivery is safe. */
  readonly ack: "app" | "now";
  /** Hands over a delivery. Never rejects. */
  readonly forward: (delivery: Delivery) => Promise<ForwardAttempt>;
}

export interface Pipeline {
  handle(request: RawRequest): Promise<{ readonly status: number }>;
  /** Resolves when everything that was handled has been told. */
  idle(): Promise<void>;
}

/**
 * The one path of a delivery: read → verify → keep and forward → answer, and tell. Nothing is acknowledged that is not kept
 * on the disk; the app gets it while it is being written there, because a sender that hears nothing sends it again.
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  const telling = new Set<Promise<void>>();

  /** Tells what happened to a delivery, in this order, once it is stored. */
  function tell(
    stored: Promise<RecordedDelivery>,
    attempt: Promise<ForwardAttempt> | undefined,
    answer: Promise<Answer>,
  ): void {
    const told = (async () => {
      const delivery = await stored;
      options.bus.publish({ type: "delivery", delivery });
      const tellAttempt = async () => {
        if (attempt !== undefined) options.bus.publish(forwardFact(await attempt, delivery));
      };
      // In the order in which they follow from one another, however fast they were.
      if (options.app?.ack === "app") await tellAttempt();
      const { status, durationMs } = await answer;
      options.bus.publish({ type: "answer", deliveryId: delivery.id, status, durationMs });
      if (options.app?.ack === "now") await tellAttempt();
    })().catch((error: unknown) => {
      options.bus.publish({
        type: "warning",
        code: "store_unavailable",
        message: `a delivery is safe, but not in the store yet: ${messageOf(error)}`,
        hint: "The next start brings it there.",
      });
    });
    telling.add(told);
    void told.finally(() => telling.delete(told));
  }

  return {
    async handle(request) {
      const delivery = readDelivery(newId("dlv"), request);
      const verification = verify({
        headers: request.headers,
        body: request.body,
        secrets: options.secrets(),
        now: request.receivedAt,
        header: options.signatureHeader,
      });
      const isRefused = options.requireSignature && verification.verdict !== "verified";
      const { durable, stored } = options.log.accept(delivery, verification, options.environment);
      const attempt = isRefused ? undefined : options.app?.forward(delivery);
      try {
        await durable;
      } catch (error) {
        options.bus.publish({
          type: "warning",
          code: "store_unavailable",
          message: `a delivery could not be stored and was answered 503: ${messageOf(error)}`,
          hint: "Bluum sends it again. Free disk space, or check the folder that BLUUM_HOOKS_HOME names.",
        });
        return { status: 503 };
      }
      const answer = (async (): Promise<Answer> => {
        const status = isRefused
          ? 401
          : attempt === undefined || options.app?.ack === "now"
            ? 200
            : statusFor((await attempt).outcome);
        const given = { status, durationMs: Math.max(0, options.clock.now() - request.receivedAt) };
        options.log.recordAnswer(delivery, given);
        return given;
      })();
      tell(stored, attempt, answer);
      const { status } = await answer;
      return { status };
    },
    async idle() {
      while (telling.size > 0) await Promise.all(telling);
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the sender is told when the app decides: the app's own status, so that it retries as it will in production. */
function statusFor(outcome: ExchangeOutcome): number {
  if (outcome.kind === "answered") return outcome.status;
  switch (outcome.reason) {
    case "timeout":
      return 504;
    case "overflow":
    case "stopped":
      return 503;
    case "refused":
    case "unreachable":
    case "broken":
    case "garbage":
    case "tls":
    case "unsendable":
      return 502;
    default:
      return outcome.reason satisfies never;
  }
}
