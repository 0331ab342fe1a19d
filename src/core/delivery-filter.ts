import type { Recurrence, Verdict } from "./delivery.ts";

/** Where a delivery stands in the order of receipt. */
export interface Cursor {
  /** Unix milliseconds. */
  readonly receivedAt: number;
  readonly seq: number;
}

/** Which deliveries, all conditions together. An absent condition lets everything through. */
export interface DeliveryFilter {
  readonly environment?: string | undefined;
  /** Received at or after, in Unix milliseconds. */
  readonly sinceMs?: number | undefined;
  /** Received before, in Unix milliseconds. */
  readonly untilMs?: number | undefined;
  /** Patterns of event names, such as `order.*`; a delivery without a name is covered by none. */
  readonly events?: readonly string[] | undefined;
  readonly resourceId?: string | undefined;
  /** Any one of these. */
  readonly verdicts?: readonly Verdict[] | undefined;
  readonly recurrence?: Recurrence["kind"] | undefined;
  /** Whether the event had been here before: retries and duplicates together. */
  readonly isRepeated?: boolean | undefined;
  /**
   * How it ended: as the last attempt to forward it did, else as it was answered. `ok` is 200 to 299. An answer that the
   * sender did not wait for is a failure.
   */
  readonly outcome?: "ok" | "failed" | undefined;
  /** Whether the app has taken the event, from this delivery of it or from another. */
  readonly isForwarded?: boolean | undefined;
  /** Only those committed after this one, in the order they were committed, whatever `order` says. */
  readonly afterSeq?: number | undefined;
  /** Only those behind this one in the chosen order: the way from one page to the next. */
  readonly after?: Cursor | undefined;
  /** By the time of receipt; the newest first unless told otherwise. */
  readonly order?: "newest" | "oldest" | undefined;
  /** Absent: all. */
  readonly limit?: number | undefined;
}
