/** The part of the contract that describes reports: the timeline of an order or transfer, and statistics. */

export type Verdict = "verified" | "mismatch" | "stale" | "unsigned" | "no-secret";
export type Outcome = "ok" | "failed";
export type RecurrenceKind = "first" | "retry" | "duplicate";

/** `GET resources/:id`: the history of an order or transfer, oldest first. 404 `resource_not_found`. */
export interface Timeline {
  readonly resourceId: string;
  readonly deliveries: number;
  readonly distinct: number;
  readonly timeline: readonly TimelineEntry[];
  readonly notes: readonly TimelineNote[];
}

/** The format of `events timeline --json`; `at` is ISO 8601, and absent fields are absent. */
export interface TimelineEntry {
  readonly id: string;
  readonly at: string;
  readonly gapMs: number | null;
  readonly event: string | null;
  /** The event's own time, as sent. */
  readonly timestamp: string | null;
  readonly summary: string;
  readonly environment: string;
  readonly signature: { readonly verdict: Verdict; readonly scheme?: string; readonly header?: string };
  readonly attempt: number;
  readonly recurrence: RecurrenceKind;
  readonly duplicateOf?: string;
  /** Whether no earlier delivery contained the same event. */
  readonly isDistinct: boolean;
  /** Whether a handler that deduplicates on `data.id` would discard it. */
  readonly isLostByDataId: boolean;
  readonly answer?: { readonly status: number; readonly durationMs: number } | { readonly hungUpAfterMs: number };
  readonly forwardStatus?: number | null;
  readonly outcome?: Outcome;
}

export interface TimelineNote {
  /** `shared_data_id`, `out_of_order`, `missing_event`, … */
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** `GET stats?q`: the totals of `events stats`, and the deliveries over time. */
export interface Stats {
  /** Whether only the newest deliveries are counted, of a store with many. */
  readonly isOfNewest: boolean;
  readonly received: number;
  readonly distinct: number;
  readonly retries: number;
  readonly duplicates: number;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** The most frequent first. */
  readonly events: readonly {
    readonly event: string | null;
    readonly received: number;
    readonly retries: number;
    readonly duplicates: number;
    readonly badSignatures: number;
    readonly failed: number;
  }[];
  readonly signatures: Readonly<Record<string, number>>;
  /** By class: `2xx`, …; `hungUp`, `none`. */
  readonly answers: Readonly<Record<string, number>>;
  /** Answers that took longer than 5 s. */
  readonly slowAnswers: number;
  readonly app: {
    readonly forwarded: number;
    readonly failed: number;
    readonly replays: number;
    readonly undelivered: number;
    readonly attempts: number;
    readonly outcomes: Readonly<Record<string, number>>;
    readonly medianMs: number | null;
    readonly p95Ms: number | null;
  };
  readonly bucketMs: number;
  /** In order of time; buckets without deliveries are left out. */
  readonly buckets: readonly { readonly at: number; readonly ok: number; readonly failed: number }[];
}
