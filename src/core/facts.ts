import type { Answer, StoredDelivery } from "./delivery.ts";
import type { ExchangeOutcome } from "./exchange.ts";
import type { ForwardAttempt, ForwardCause } from "./forward.ts";
import type { WarningCode } from "./warnings.ts";

/** A request that is not a delivery, as far as it was read: of an incomplete one, nothing. */
export interface RefusedRequest {
  /** What it was answered: 400, 404, 405, 408, 413 or 431. */
  readonly status: number;
  readonly method: string | null;
  /** Without its query, and cut where it is long. */
  readonly path: string | null;
  /** The length of the body, where the sender announced it. */
  readonly bytes: number | null;
}

/** What a session publishes. Output turns each into a human line or a JSON record. */
export type Fact = { readonly at: number } & (
  | { readonly type: "listening"; readonly url: string }
  | {
      readonly type: "tunnel";
      readonly state: "connecting" | "connected" | "lost" | "closed";
      readonly url: string | null;
    }
  | {
      readonly type: "registered";
      readonly webhookId: string;
      readonly action: "created" | "patched" | "none";
      readonly url: string;
      /** Only with `--print-secret`, and only when the API has just given it. */
      readonly secret?: string;
    }
  | {
      readonly type: "ready";
      readonly environment: string;
      readonly webhookId: string | null;
      readonly publicUrl: string;
      readonly localUrl: string;
      readonly forwardUrl: string | null;
      /** Null: those of a webhook whose events the API does not tell. */
      readonly events: readonly string[] | null;
    }
  | { readonly type: "delivery"; readonly delivery: StoredDelivery }
  | ({ readonly type: "answer"; readonly deliveryId: string } & Answer)
  | {
      readonly type: "forward";
      readonly deliveryId: string;
      readonly event: string | null;
      readonly resourceId: string | null;
      readonly cause: ForwardCause;
      readonly url: string;
      /** The app's answer; else `error` says why there was none. */
      readonly status?: number;
      readonly error?: string;
      readonly durationMs: number;
      /** All that is known of it; not in the record. */
      readonly outcome: ExchangeOutcome;
    }
  | { readonly type: "health"; readonly url: string; readonly state: "up" | "down"; readonly remedy?: string }
  | {
      readonly type: "restored";
      readonly environment: string;
      readonly webhookId: string;
      readonly action: "restored" | "deactivated" | "deleted" | "kept" | "not-ours" | "gone";
    }
  | {
      readonly type: "pruned";
      /** How many deliveries the retention has deleted, and before when they were received; ISO 8601. */
      readonly deleted: number;
      readonly before: string;
    }
  | { readonly type: "stopped"; readonly reason: string; readonly summary: Summary }
  | (RefusedRequest & {
      readonly type: "refused";
      readonly message: string;
      readonly hint?: string;
      /** How many of its kind there have been in this session. The first is published at once, later ones are counted. */
      readonly count?: number;
    })
  | {
      readonly type: "warning";
      readonly code: WarningCode;
      readonly message: string;
      readonly hint?: string;
      /** How often this has happened in this session, where it is not the first time: later ones are counted. */
      readonly count?: number;
    }
);

/** The facts of a kind, without the time, as they are published. */
export type NewFact = Fact extends infer Each ? (Each extends Fact ? Omit<Each, "at"> : never) : never;

export interface Summary {
  readonly received: number;
  readonly distinct: number;
  /** Sent again because none before was answered 2xx. */
  readonly retries: number;
  /** Sent again although one was. */
  readonly duplicates: number;
  readonly badSignatures: number;
  /** Attempts to forward what arrived: those that the app accepted, and the others. */
  readonly forwarded: number;
  readonly failed: number;
  /** Attempts that somebody asked for, however they ended; not among the others. */
  readonly replays: number;
  /** Among the failed: the sender closed the connection before it was answered. */
  readonly hungUp: number;
  /** Deliveries that could not be stored and were answered 503; they are not among the received. */
  readonly notStored: number;
  /** Requests that were no deliveries, and are not among the received. */
  readonly refused: number;
  /** Milliseconds; null when nothing was answered. */
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
}

/** An attempt as a fact. */
export function forwardFact(
  { deliveryId, cause, url, outcome }: ForwardAttempt,
  { event, resourceId }: Pick<StoredDelivery, "event" | "resourceId">,
): Extract<NewFact, { type: "forward" }> {
  return {
    type: "forward",
    deliveryId,
    event,
    resourceId,
    cause,
    url,
    ...(outcome.kind === "answered" ? { status: outcome.status } : { error: outcome.message }),
    durationMs: outcome.durationMs,
    outcome,
  };
}
