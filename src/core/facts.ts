import { type Answer, type StoredDelivery, endedAfterMs } from "./delivery.ts";
import type { ExchangeOutcome, ForwardAttempt, ForwardCause } from "./exchange.ts";
import type { Warning } from "./errors.ts";

/** A request that is not a delivery. Fields are null if the request was incomplete. */
export interface RefusedRequest {
  /** The status of the response: 400, 404, 405, 408, 413 or 431. */
  readonly status: number;
  readonly method: string | null;
  /** Without its query, and shortened if it is long. */
  readonly path: string | null;
  /** The length of the body, if the sender announced it. */
  readonly bytes: number | null;
}

/** An event that a session publishes. Output formats each as a line of text or a JSON record. */
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
      /** Only with `--print-secret`, and only if the API has just returned it. */
      readonly secret?: string;
    }
  | {
      readonly type: "ready";
      readonly environment: string;
      readonly webhookId: string | null;
      readonly publicUrl: string;
      readonly localUrl: string;
      readonly forwardUrl: string | null;
      /** Null if the API does not return the webhook's events. */
      readonly events: readonly string[] | null;
      /** Opens the inspector, and contains its token; absent without an inspector. */
      readonly inspectorUrl?: string;
      /** With `--team`: the team's log, and what this session does in it. */
      readonly team?: { readonly name: string; readonly role: "owner" | "follower"; readonly position: number };
    }
  | TeamFact
  | { readonly type: "delivery"; readonly delivery: StoredDelivery }
  | ({ readonly type: "answer"; readonly deliveryId: string } & Answer)
  | {
      readonly type: "forward";
      readonly deliveryId: string;
      readonly event: string | null;
      readonly resourceId: string | null;
      readonly cause: ForwardCause;
      readonly url: string;
      /** The status of the app's response; without a response, `error` says why. */
      readonly status?: number;
      readonly error?: string;
      readonly durationMs: number;
      /** The whole outcome; not part of the record. */
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
      /** How many deliveries the retention policy deleted, and the time before which they were received (ISO 8601). */
      readonly deleted: number;
      readonly before: string;
    }
  | { readonly type: "stopped"; readonly reason: string; readonly summary: Summary }
  | (RefusedRequest & {
      readonly type: "refused";
      readonly message: string;
      readonly hint?: string;
      /**
       * How many of its kind there have been in this session. The first is published at once; later ones are counted.
       */
      readonly count?: number;
    })
  | (Warning & {
      readonly type: "warning";
      /** How often this has happened in this session, if it is not the first time: later ones are counted. */
      readonly count?: number;
    })
);

/** A change of a team's log, or of this session's part in it. */
export type TeamFact = { readonly type: "team"; readonly name: string } & (
  | {
      /** The log can be used: for the first time, or again. */
      readonly state: "connected";
      /** Only for the first time: who receives, since when, and the last delivery that is stored here. */
      readonly owner?: string | null;
      readonly since?: number;
      readonly position?: number;
    }
  | { readonly state: "offline"; readonly message: string; /** Deliveries to ship. */ readonly waiting: number }
  /** This session receives; `before` received until now, and goes on running after a takeover. */
  | { readonly state: "owner"; readonly before: string | null; readonly isTakeover: boolean }
  /** This session ends, and a member that stands by takes over; `standby` is null if there are several. */
  | { readonly state: "left"; readonly standby: string | null }
  /** This session does not receive any more. */
  | { readonly state: "follower"; readonly owner: string | null }
  | { readonly state: "behind"; readonly behind: number; readonly since: number }
  | { readonly state: "caught_up"; readonly position: number }
  /** The session ends, and these deliveries are shipped by the next one. */
  | { readonly state: "unshipped"; readonly waiting: number }
);

/** The facts of a kind without the time, as the caller publishes them. */
export type NewFact = Fact extends infer Each ? (Each extends Fact ? Omit<Each, "at"> : never) : never;

export interface Summary {
  readonly received: number;
  readonly distinct: number;
  /** Deliveries of events of which no earlier delivery was answered 2xx. */
  readonly retries: number;
  /** Deliveries of events of which an earlier delivery was answered 2xx. */
  readonly duplicates: number;
  readonly badSignatures: number;
  /** Attempts to forward received deliveries: the accepted ones and the others. */
  readonly forwarded: number;
  readonly failed: number;
  /** Attempts that the user requested, whatever their outcome; not counted elsewhere. */
  readonly replays: number;
  /** Counted among the failed: the sender closed the connection before the response. */
  readonly hungUp: number;
  /** Deliveries that could not be stored and were answered 503; not counted as received. */
  readonly notStored: number;
  /** Requests that were not deliveries; not counted as received. */
  readonly refused: number;
  /** Milliseconds; null if no request was answered. */
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
}

/** Converts an attempt to a fact. */
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

/** The delivery that an attempt or a response belongs to. */
export type FeedSubject = Pick<StoredDelivery, "id" | "seq" | "event" | "resourceId" | "receivedAt">;

/** One feed entry: a delivery was received, sent to the app, or answered. `place` grows in commit order. */
export type FeedEntry = { readonly place: number } & (
  | { readonly type: "delivery"; readonly delivery: StoredDelivery }
  | { readonly type: "forward"; readonly attempt: ForwardAttempt; readonly subject: FeedSubject }
  | { readonly type: "answer"; readonly answer: Answer; readonly subject: FeedSubject }
);

/** Converts the entry to a fact with the time at which it happened. */
export function factOf(entry: FeedEntry): Fact {
  switch (entry.type) {
    case "delivery":
      return { type: "delivery", at: entry.delivery.receivedAt, delivery: entry.delivery };
    case "forward": {
      const { startedAt, durationMs } = entry.attempt.outcome;
      return { ...forwardFact(entry.attempt, entry.subject), at: startedAt + durationMs };
    }
    case "answer": {
      const { answer, subject } = entry;
      return { type: "answer", at: subject.receivedAt + endedAfterMs(answer), deliveryId: subject.id, ...answer };
    }
    default:
      return entry satisfies never;
  }
}
