import type { Outcome, Recurrence, Verdict } from "./delivery.ts";

/** A delivery's position in the order of receipt. */
export interface Cursor {
  /** Unix milliseconds. */
  readonly receivedAt: number;
  readonly seq: number;
}

/** Selects deliveries that meet all conditions. An absent condition matches every delivery. */
export interface DeliveryFilter {
  readonly environment?: string | undefined;
  /** Received at or after, in Unix milliseconds. */
  readonly sinceMs?: number | undefined;
  /** Received before, in Unix milliseconds. */
  readonly untilMs?: number | undefined;
  /** Patterns of event names, such as `order.*`; they never match a delivery without a name. */
  readonly events?: readonly string[] | undefined;
  readonly resourceId?: string | undefined;
  /** Matches any of these. */
  readonly verdicts?: readonly Verdict[] | undefined;
  readonly recurrence?: Recurrence["kind"] | undefined;
  /** Whether the event had been received before: matches retries and duplicates. */
  readonly isRepeated?: boolean | undefined;
  readonly outcome?: Outcome | undefined;
  /** Whether the app has accepted the event, from this delivery or from another one. */
  readonly isForwarded?: boolean | undefined;
  /**
   * From this team log, after this number, to be forwarded, and never answered by the app.
   */
  readonly dueIn?: { readonly log: string; readonly afterSeq: number } | undefined;
  /** Texts that must all be in the body, in any case. */
  readonly contains?: readonly string[] | undefined;
  /** Only deliveries committed after this one, in commit order, whatever `order` is. */
  readonly afterSeq?: number | undefined;
  /** Only deliveries after this one in the chosen order: for the next page. */
  readonly after?: Cursor | undefined;
  /** By time of receipt; the default is the newest first. */
  readonly order?: "newest" | "oldest" | undefined;
  /** Absent: no limit. */
  readonly limit?: number | undefined;
}
