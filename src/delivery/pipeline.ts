import {
  BAD_VERDICTS,
  cutBody,
  readDelivery,
  type Answer,
  type Delivery,
  type RawRequest,
  type Verification,
} from "../core/delivery.ts";
import type { ExchangeOutcome, ForwardAttempt } from "../core/exchange.ts";
import { verify } from "../core/signature.ts";
import type { Clock } from "../platform/clock.ts";
import { newId } from "../platform/ids.ts";
import { InFlight } from "../platform/keyed-queue.ts";
import { endOfTurn } from "../platform/turn.ts";
import type { FactBus } from "./bus.ts";

/** The part of the store that receiving a delivery needs. */
interface DeliveryLog {
  /** Resolves once the delivery is durable; rejects if it could not be stored. */
  accept(
    delivery: Delivery,
    verification: Verification,
    environment: string,
    isUnverified: boolean,
    team?: TeamMark,
  ): Promise<void>;
  recordForward(attempt: ForwardAttempt): void;
  recordAnswer(delivery: Pick<Delivery, "id">, answer: Answer): void;
}

/** The log that a delivery is shipped to, and whether the app must get it even if it is down now. */
export interface TeamMark {
  readonly log: string;
  readonly isDue: boolean;
}

export interface PipelineOptions {
  readonly log: DeliveryLog;
  readonly bus: Pick<FactBus, "publish">;
  readonly clock: Pick<Clock, "now">;
  readonly environment: string;
  /** All secrets that may sign deliveries; read for each delivery, because a webhook created later adds its own. */
  readonly secrets: () => readonly string[];
  readonly signatureHeader?: string | undefined;
  /** Answers 401 to every delivery that is not verified, and does not forward it. */
  readonly requireSignature: boolean;
  readonly app?: AppLink | undefined;
  /** How a team shares a delivery that is received now. */
  readonly team?: (() => TeamMark | undefined) | undefined;
  /** Called for each delivery that could not be stored and was answered 503. */
  readonly onNotStored?: () => void;
}

/** The user's app, which deliveries are forwarded to. */
export interface AppLink {
  /** The status that the sender gets. `app`: the app's status. `now`: 200 as soon as the delivery is durable. */
  readonly ack: "app" | "now";
  /** Forwards a delivery, which can be read from the store once the promise resolves. Never rejects. */
  readonly forward: (delivery: Delivery, stored: () => Promise<unknown>) => Promise<ForwardAttempt>;
}

/** Sends the response, and returns its result. */
type Respond = (reply: { readonly status: number }) => Answer | Promise<Answer>;

export interface Pipeline {
  handle(request: RawRequest, respond: Respond): Promise<unknown>;
  /** Resolves when no request is being handled and everything is recorded. */
  idle(): Promise<void>;
}

/** How much of a body answered with 401 is kept: more than any event of Bluum needs. */
const MAX_REFUSED_BYTES = 16 * 1024;

/**
 * The path of a delivery: read → verify → store and forward → answer, and publish. A delivery is acknowledged only
 * after it is stored on disk; it is forwarded while it is being written, because a sender without a response sends it
 * again.
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  const handling = new InFlight();
  const { app, requireSignature, log } = options;

  /** Verifies and stores a delivery. Resolves once it is durable; rejects if it could not be stored. */
  async function store(delivery: Delivery): Promise<Stored> {
    // The request to the app is sent first. Deliveries of the same turn are written to disk together.
    await endOfTurn();
    const secrets = options.secrets();
    const verification = verify({
      headers: delivery.headers,
      body: delivery.body,
      secrets,
      now: delivery.receivedAt,
      header: options.signatureHeader,
    });
    const isRefused = requireSignature && verification.verdict !== "verified";
    // Anybody can send such requests, of any size.
    const kept = isRefused ? cutBody(delivery, MAX_REFUSED_BYTES) : delivery;
    const isUnverified = isRefused || (secrets.length > 0 && BAD_VERDICTS.includes(verification.verdict));
    const accepted = log.accept(kept, verification, options.environment, isUnverified, options.team?.());
    const attempt = requireSignature && !isRefused ? app?.forward(delivery, () => accepted) : undefined;
    await accepted;
    return { isRefused, attempt };
  }

  /** Waits for the store and the app. Has only the ID: the app may need long, and the body would stay in memory. */
  async function answer(id: string, storing: Promise<Stored>, early: Forwarding, respond: Respond): Promise<unknown> {
    let stored: Stored;
    try {
      stored = await storing;
    } catch (error) {
      options.onNotStored?.();
      options.bus.publish({
        type: "warning",
        code: "store_unavailable",
        message: `a delivery could not be stored and was answered 503: ${error instanceof Error ? error.message : String(error)}`,
        hint: "Free disk space, or check the folder in BLUUM_HOOKS_HOME. Bluum sends the delivery again.",
      });
      return respond({ status: 503 });
    }
    const attempt = early ?? stored.attempt;
    // In causal order: the delivery, the attempt, the response.
    if (attempt !== undefined) {
      handling.begin();
      void attempt.then((made) => log.recordForward(made)).finally(() => handling.end());
    }
    const record = (given: Answer): Answer => {
      log.recordAnswer({ id }, given);
      return given;
    };
    const give = (status: number): Answer | Promise<Answer> => {
      const given = respond({ status });
      return given instanceof Promise ? given.then(record) : record(given);
    };
    if (stored.isRefused) return give(401);
    if (attempt === undefined || app?.ack === "now") return give(200);
    const { outcome } = await attempt;
    return give(statusFor(outcome));
  }

  return {
    async handle(request, respond) {
      const delivery = readDelivery(newId("dlv"), request);
      // The app first: what the HTTP client does at the end of this turn then precedes the rest.
      const early = requireSignature ? undefined : app?.forward(delivery, () => storing);
      const storing = store(delivery);
      return answer(delivery.id, storing, early, respond);
    },
    idle: () => handling.idle(),
  };
}

type Forwarding = Promise<ForwardAttempt> | undefined;

interface Stored {
  readonly isRefused: boolean;
  /** If it was forwarded only after its signature was verified. */
  readonly attempt: Forwarding;
}

/** The status that the sender gets if the app decides: the app's own, so that the sender retries as in production. */
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
