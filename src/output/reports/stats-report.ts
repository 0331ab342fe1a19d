import { BAD_VERDICTS } from "../../core/delivery.ts";
import { SLOW_ANSWER } from "../../core/delivery-policy.ts";
import { localTime } from "../../core/local-time.ts";
import { clean } from "../privacy/clean.ts";
import { fields, table, type TableStyle } from "./table.ts";
import { duration, fitEvent, recurrenceCounts } from "../text.ts";
import type { DeliveryCount, StoreStats } from "../../core/delivery-stats.ts";

interface EventSum {
  readonly event: string | null;
  readonly received: number;
  readonly retries: number;
  readonly duplicates: number;
  readonly badSignatures: number;
  /** Deliveries that `events list --status failed` lists. */
  readonly failed: number;
}

export interface Sums {
  readonly received: number;
  readonly distinct: number;
  readonly retries: number;
  readonly duplicates: number;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** The most frequent first. */
  readonly events: readonly EventSum[];
  readonly signatures: Readonly<Record<string, number>>;
  /** By class: `2xx`, …; `hungUp` if the sender closed the connection; `none`. */
  readonly answers: Readonly<Record<string, number>>;
  /** Deliveries that were answered, but only after `SLOW_ANSWER_MS`. */
  readonly slowAnswers: number;
  readonly app: {
    /** Attempts to forward received deliveries: the accepted ones and the others. */
    readonly forwarded: number;
    readonly failed: number;
    /** Replays to any URL and with any payload, whatever their result. */
    readonly replays: number;
    /** Events that the app has not accepted, neither from a delivery nor from a replay. */
    readonly undelivered: number;
    /** At the app, with the delivery's own payload; the figures below are of these. */
    readonly attempts: number;
    /** By class, or by the reason why there was no response. */
    readonly outcomes: Readonly<Record<string, number>>;
    readonly medianMs: number | null;
    readonly p95Ms: number | null;
  };
}

export function sumUp({ deliveries, attempts, slowAnswers, ...counts }: StoreStats): Sums {
  const total = (rows: readonly DeliveryCount[]) => rows.reduce((sum, { count }) => sum + count, 0);
  const kind = (wanted: DeliveryCount["recurrence"], rows = deliveries) =>
    total(rows.filter(({ recurrence }) => recurrence === wanted));
  const events = [...groupByEvent(deliveries)].map(([event, rows]) => ({
    event,
    received: total(rows),
    retries: kind("retry", rows),
    duplicates: kind("duplicate", rows),
    badSignatures: total(rows.filter(({ verdict }) => BAD_VERDICTS.includes(verdict))),
    failed: total(rows.filter(({ outcome }) => outcome === "failed")),
  }));
  return {
    received: total(deliveries),
    distinct: kind("first"),
    retries: kind("retry"),
    duplicates: kind("duplicate"),
    firstAt: deliveries.length === 0 ? null : Math.min(...deliveries.map(({ firstAt }) => firstAt)),
    lastAt: deliveries.length === 0 ? null : Math.max(...deliveries.map(({ lastAt }) => lastAt)),
    events: events.toSorted(
      (one, other) => other.received - one.received || (one.event ?? "").localeCompare(other.event ?? ""),
    ),
    signatures: tally(deliveries.map(({ verdict, count }) => [verdict, count])),
    answers: tally(deliveries.map(({ answerClass, count }) => [className(answerClass), count])),
    slowAnswers,
    app: {
      ...counts,
      attempts: attempts.reduce((sum, { count }) => sum + count, 0),
      outcomes: tally(
        attempts.map(({ outcome, count }) => [typeof outcome === "number" ? className(outcome) : outcome, count]),
      ),
    },
  };
}

export function statsDocument({ firstAt, lastAt, ...sums }: Sums): Record<string, unknown> {
  const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  return { ...sums, firstAt: time(firstAt), lastAt: time(lastAt) };
}

export function statsText(sums: Sums, style: TableStyle): string {
  const { app } = sums;
  const span = [sums.firstAt, sums.lastAt].map((at) => (at === null ? "-" : localTime(at)));
  const facts: [label: string, value: string][] = [
    ["received", [`${sums.received}`, `${sums.distinct} distinct`, ...recurrenceCounts(sums)].join(" · ")],
    ["first", span[0] ?? "-"],
    ["last", span[1] ?? "-"],
    ["signatures", listed(sums.signatures)],
    ["answers", listed(sums.answers)],
    ...(sums.slowAnswers === 0
      ? []
      : [["slow answers", `${sums.slowAnswers} after more than ${SLOW_ANSWER}`] satisfies [string, string]]),
  ];
  if (app.attempts + app.replays > 0) {
    const pace =
      app.medianMs === null || app.p95Ms === null
        ? []
        : [["app answers in", `${duration(app.medianMs)} (median), ${duration(app.p95Ms)} (p95)`] as [string, string]];
    const replays = app.replays === 0 ? [] : [`${app.replays} ${app.replays === 1 ? "replay" : "replays"}`];
    const undelivered =
      app.undelivered === 0 ? [] : [`${app.undelivered} ${app.undelivered === 1 ? "event" : "events"} undelivered`];
    facts.push(["app", [`${app.forwarded} forwarded`, `${app.failed} failed`, ...replays, ...undelivered].join(" · ")]);
    if (app.attempts > 0) facts.push(["attempts", `${app.attempts} · ${listed(app.outcomes)}`], ...pace);
  }
  const rows = sums.events.map(({ event, received, retries, duplicates, badSignatures, failed }) => [
    clean(event ?? "(no event name)"),
    ...[received, retries, duplicates, badSignatures, failed].map((number) => (number === 0 ? "-" : String(number))),
  ]);
  const columns = [{ title: "EVENT", fit: fitEvent }, "RECEIVED", "RETRIES", "DUPLICATES", "BAD SIGNATURE", "FAILED"];
  return `${fields(facts, style)}\n${table(columns, rows, style)}`;
}

function groupByEvent(rows: readonly DeliveryCount[]): Map<string | null, DeliveryCount[]> {
  const groups = new Map<string | null, DeliveryCount[]>();
  for (const row of rows) groups.set(row.event, [...(groups.get(row.event) ?? []), row]);
  return groups;
}

function className(statusClass: number | null): string {
  if (statusClass === 0) return "hungUp";
  return statusClass === null ? "none" : `${statusClass}xx`;
}

function tally(counts: readonly (readonly [name: string, count: number])[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count);
  return Object.fromEntries([...sums].toSorted(([, one], [, other]) => other - one));
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name === "hungUp" ? "hung up" : name}`)
    .join(" · ");
}
