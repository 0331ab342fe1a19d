import {
  readDelivery,
  type Answer,
  type Delivery,
  type RawRequest,
  type RecordedDelivery,
  type Verification,
} from "../core/delivery.ts";
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
  /** Answer 401 to whatever is not verified. */
  readonly requireSignature: boolean;
}

/** The one path of a delivery: read → verify → commit → tell → answer. Nothing is acknowledged that is not committed. */
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
    const status = options.requireSignature && verification.verdict !== "verified" ? 401 : 200;
    const answer = { status, durationMs: Math.max(0, options.clock.now() - request.receivedAt) };
    options.log.recordAnswer(recorded, answer);
    options.bus.publish({ type: "answer", deliveryId: delivery.id, ...answer });
    return { status };
  };
}
