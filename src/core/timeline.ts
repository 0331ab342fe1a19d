import type { StoredDelivery } from "./delivery.ts";

type TimelineDelivery = Pick<
  StoredDelivery,
  "id" | "environment" | "receivedAt" | "event" | "timestamp" | "identity" | "recurrence"
>;

export interface TimelineEntry<Kind extends TimelineDelivery = TimelineDelivery> {
  readonly delivery: Kind;
  /** Milliseconds since the previous delivery; null for the first. */
  readonly gapMs: number | null;
  /** Whether no earlier one of these deliveries contained the same event. */
  readonly isDistinct: boolean;
  /** A handler that uses `data.id` as the event's identity would treat this event as a duplicate. */
  readonly isLostByDataId: boolean;
}

/** A property of the order of events that a handler must tolerate. */
export type OrderRemark =
  /** `later` was received first, but `earlier` happened first; the difference in milliseconds if both have a time. */
  | { readonly kind: "out-of-order"; readonly later: string; readonly earlier: string; readonly byMs: number | null }
  /** An event that cannot be the first of its resource was received, and the event that must precede it was not. */
  | { readonly kind: "missing"; readonly event: string; readonly needs: string };

export interface Timeline<Kind extends TimelineDelivery = TimelineDelivery> {
  /** In the order of arrival. */
  readonly entries: readonly TimelineEntry<Kind>[];
  readonly distinct: number;
  /** Names of the events that would be lost, one for each event. */
  readonly lost: readonly string[];
  readonly remarks: readonly OrderRemark[];
}

/** Reconstructs the history of one resource from its deliveries in the order of receipt. */
export function readTimeline<Kind extends TimelineDelivery>(deliveries: readonly Kind[]): Timeline<Kind> {
  const seen = new Set<string>();
  const entries = deliveries.map((delivery, index): TimelineEntry<Kind> => {
    const previous = deliveries[index - 1];
    const key = `${delivery.environment} ${delivery.identity.key ?? delivery.id}`;
    const isDistinct = !seen.has(key);
    seen.add(key);
    return {
      delivery,
      gapMs: previous === undefined ? null : delivery.receivedAt - previous.receivedAt,
      isDistinct,
      isLostByDataId: isDistinct && index > 0,
    };
  });
  const distinct = entries.filter(({ isDistinct }) => isDistinct).map(({ delivery }) => delivery);
  return {
    entries,
    distinct: distinct.length,
    lost: entries.filter(({ isLostByDataId }) => isLostByDataId).map(({ delivery }) => nameOf(delivery)),
    remarks: [...disorder(distinct), ...missing(distinct)],
  };
}

/** The event that must come before another, if only one is possible. A rejected order was not always accepted first. */
function predecessorOf(event: string): string | undefined {
  if (/^order\.(partially_filled|filled|canceled)$/.test(event)) return "order.accepted";
  const transfer = /^(transfer\.(?:deposit|withdrawal))\.(completed|failed)$/.exec(event);
  return transfer === null ? undefined : `${transfer[1]}.initiated`;
}

/** Each event that was received after a later one, by their own times or by the required sequence. */
function disorder(distinct: readonly TimelineDelivery[]): OrderRemark[] {
  const remarks: OrderRemark[] = [];
  for (const [index, delivery] of distinct.entries()) {
    const time = timeOf(delivery);
    const before = distinct.slice(0, index);
    const later = before.find((each) => {
      const other = timeOf(each);
      if (time !== null && other !== null && time !== other) return other > time;
      return each.event !== null && predecessorOf(each.event) === delivery.event;
    });
    if (later === undefined) continue;
    const [one, other] = [time, timeOf(later)];
    remarks.push({
      kind: "out-of-order",
      later: nameOf(later),
      earlier: nameOf(delivery),
      byMs: one === null || other === null ? null : other - one,
    });
  }
  return remarks;
}

function missing(distinct: readonly TimelineDelivery[]): OrderRemark[] {
  const names = new Set(distinct.map(({ event }) => event));
  const lacking = new Map<string, string>();
  for (const name of names) {
    const needs = name === null ? undefined : predecessorOf(name);
    if (name === null || needs === undefined || names.has(needs)) continue;
    if (!lacking.has(needs)) lacking.set(needs, name);
  }
  return [...lacking].map(([needs, event]) => ({ kind: "missing", event, needs }));
}

/** An event's own time in Unix milliseconds: ISO 8601, or a number of seconds or milliseconds. */
function timeOf({ timestamp }: TimelineDelivery): number | null {
  if (timestamp === null) return null;
  // Values in seconds stay below this until the year 5138, and values in milliseconds have been above it since 1973.
  const time = /^\d+(\.\d+)?$/.test(timestamp)
    ? Number(timestamp) * (Number(timestamp) < 1e11 ? 1000 : 1)
    : Date.parse(timestamp);
  return Number.isNaN(time) ? null : time;
}

function nameOf({ event }: TimelineDelivery): string {
  return event ?? "an event without a name";
}
