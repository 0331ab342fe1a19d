import {
  BAD_VERDICTS,
  cutBody,
  readDelivery,
  type Answer,
  type Delivery,
  type RawRequest,
  type Verification,
} from "../core/delivery.ts";
import type { ExchangeOutcome } from "../core/exchange.ts";
import type { ForwardAttempt } from "../core/forward.ts";
import { verify } from "../core/signature.ts";
import type { Clock } from "../platform/clock.ts";
import { newId } from "../platform/ids.ts";
import { InFlight } from "../platform/in-flight.ts";
import { endOfTurn } from "../platform/turn.ts";
import type { FactBus } from "./bus.ts";

/** The durable record, as far as a delivery's path needs it. */
interface DeliveryLog {
  /** Resolves once the delivery cannot be lost any more; rejects when it could not be kept. */
  accept(delivery: Delivery, verification: Verification, environment: string, isUnverified: boolean): Promise<void>;
  recordForward(attempt: ForwardAttempt): void;
  recordAnswer(delivery: Pick<Delivery, "id">, answer: Answer): void;
}

export interface PipelineOptions {
  readonly log: DeliveryLog;
  readonly bus: Pick<FactBus, "publish">;
  readonly clock: Pick<Clock, "now">;
  readonly environment: string;
  /** All secrets that may sign, read again for each delivery: a webhook created meanwhile brings its own. */
  readonly secrets: () => readonly string[];
  readonly signatureHeader?: string | undefined;
  /** Answer 401 to whatever is not verified, and keep it from the app. */
  readonly requireSignature: boolean;
  readonly app?: AppLink | undefined;
  /** Called for each delivery that could not be stored, and was answered 503. */
  readonly onNotStored?: () => void;
}

/** The user's app, behind the listener. */
export interface AppLink {
  /** Whose word the sender gets: the app's own, or ours as soon as the delivery is safe. */
  readonly ack: "app" | "now";
  /** Forwards a delivery. Never rejects. */
  readonly forward: (delivery: Delivery) => Promise<ForwardAttempt>;
}

export interface Pipeline {
  /** `answer` sends the answer, and says what became of it. */
  handle(
    request: RawRequest,
    answer: (reply: { readonly status: number }) => Answer | Promise<Answer>,
  ): Promise<unknown>;
  /** Resolves when nothing is being handled, and all that happened is recorded. */
  idle(): Promise<void>;
}

/** How much is kept of a body that was answered 401: more than any event of Bluum has. */
const MAX_REFUSED_BYTES = 16 * 1024;

/**
 * The one path of a delivery: read → verify → keep and forward → answer, and tell. Nothing is acknowledged that is not kept
 * on the disk; the app gets it while it is being written there, because a sender that hears nothing sends it again.
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  const handling = new InFlight();
  return {
    async handle(request, respond) {
      const delivery = readDelivery(newId("dlv"), request);
      const { app, requireSignature } = options;
      let attempt = requireSignature ? undefined : app?.forward(delivery);
      // The request to the app goes out first. What is done here together is written to the disk together.
      await endOfTurn();
      const secrets = options.secrets();
      const verification = verify({
        headers: request.headers,
        body: request.body,
        secrets,
        now: request.receivedAt,
        header: options.signatureHeader,
      });
      const isRefused = requireSignature && verification.verdict !== "verified";
      // Anybody may send what is refused, and as much as he likes.
      const kept = isRefused ? cutBody(delivery, MAX_REFUSED_BYTES) : delivery;
      const isUnverified = isRefused || (secrets.length > 0 && BAD_VERDICTS.includes(verification.verdict));
      const accepted = options.log.accept(kept, verification, options.environment, isUnverified);
      if (requireSignature && !isRefused) attempt = app?.forward(delivery);
      try {
        await accepted;
      } catch (error) {
        options.onNotStored?.();
        options.bus.publish({
          type: "warning",
          code: "store_unavailable",
          message: `a delivery could not be stored and was answered 503: ${error instanceof Error ? error.message : String(error)}`,
          hint: "Bluum sends it again. Free disk space, or check the folder that BLUUM_HOOKS_HOME names.",
        });
        return respond({ status: 503 });
      }
      // In the order in which they follow from one another: the delivery, the attempt, the answer.
      if (attempt !== undefined) {
        handling.begin();
        void attempt.then((made) => options.log.recordForward(made)).finally(() => handling.end());
      }
      const record = (given: Answer): Answer => {
        options.log.recordAnswer(delivery, given);
        return given;
      };
      const give = (status: number): Answer | Promise<Answer> => {
        const given = respond({ status });
        return given instanceof Promise ? given.then(record) : record(given);
      };
      if (isRefused) return give(401);
      if (attempt === undefined || app?.ack === "now") return give(200);
      const { outcome } = await attempt;
      return give(statusFor(outcome));
    },
    idle: () => handling.idle(),
  };
}

/** The response to the sender when the app decides: the app's own status, so that it retries as it will in production. */
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
