import {
  readDelivery,
  type Answer,
  type Delivery,
  type RawRequest,
  type RecordedDelivery,
  type Verification,
} from "../core/delivery.ts";
import type { ExchangeOutcome } from "../core/exchange.ts";
import { verify } from "../core/signature.ts";
import type { Clock } from "../platform/clock.ts";
import { newId } from "../platform/ids.ts";
import type { FactBus } from "./bus.ts";

/** The durable record, as far as a delivery's path needs it. */
interface DeliveryLog {
  /** Resolves once the delivery is committed; rejects when it could not be. */
  append(delivery: Delivery, verification: Verification, environment: string): Promise<RecordedDelivery>;
  recordAnswer(delivery: RecordedDelivery, answer: Answer): void;
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
  readonly forward: (delivery: RecordedDelivery) => Promise<ExchangeOutcome>;
}

/** The one path of a delivery: read → verify → commit → tell → forward → answer. Nothing is acknowledged that is not committed. */
export function createPipeline(options: PipelineOptions): (request: RawRequest) => Promise<{ status: number }> {
  return async (request) => {
    const delivery = readDelivery(newId("dlv"), request);
    const verification = verify({
      headers: request.headers,
      body: request.body,
      secrets: options.secrets(),
      now: request.receivedAt,
      header: options.signatureHeader,
    });
    let recorded: RecordedDelivery;
    try {
      recorded = await options.log.append(delivery, verification, options.environment);
    } catch (error) {
      options.bus.publish({
        type: "warning",
        code: "store_unavailable",
        message: `a delivery could not be stored and was answered 503: ${error instanceof Error ? error.message : String(error)}`,
        hint: "Bluum sends it again. Free disk space, or check the folder that BLUUM_HOOKS_HOME names.",
      });
      return { status: 503 };
    }
    options.bus.publish({ type: "delivery", delivery: recorded });
    const isRefused = options.requireSignature && verification.verdict !== "verified";
    const outcome = isRefused ? undefined : options.app?.forward(recorded);
    const status = isRefused
      ? 401
      : options.app?.ack === "app" && outcome !== undefined
        ? statusFor(await outcome)
        : 200;
    const answer = { status, durationMs: Math.max(0, options.clock.now() - request.receivedAt) };
    options.log.recordAnswer(recorded, answer);
    options.bus.publish({ type: "answer", deliveryId: delivery.id, ...answer });
    return { status };
  };
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
