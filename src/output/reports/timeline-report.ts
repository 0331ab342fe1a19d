import type { StoredDelivery } from "../../core/delivery.ts";
import type { OrderRemark, Timeline, TimelineEntry } from "../../core/timeline.ts";
import type { Warning } from "../../core/errors.ts";
import { readEvent } from "../../core/payload-form.ts";
import { clean } from "../privacy/clean.ts";
import { createPaint } from "../color.ts";
import { answerCell, NARROW, repeatText, shortId, WIDE } from "../live/lines.ts";
import { table, type TableStyle } from "./table.ts";
import { duration, fitEvent, type timeColumn, wrap } from "../text.ts";

/** A delivery without its payload: a resource may have many. */
export type TimelineDelivery = Omit<StoredDelivery, "payload" | "body" | "headers"> & {
  readonly summary: string;
  /** The field that names the resource: `data.id`. */
  readonly resourceField: string;
};

type Note = Warning & { readonly hint: string };

/** A resource's history as lines: its deliveries with the gaps between them, then remarks. */
export function timelineText(
  resourceId: string,
  timeline: Timeline<TimelineDelivery>,
  when: ReturnType<typeof timeColumn>,
  style: TableStyle,
): string {
  const paint = createPaint(style.color === true);
  const { entries, distinct } = timeline;
  const width = style.width ?? Infinity;
  const isNarrow = width < NARROW;
  const hasVerdict = width >= WIDE || entries.some(({ delivery }) => delivery.verification.verdict !== "verified");
  const hasRepeats = entries.some(({ delivery }) => delivery.recurrence.kind !== "first");
  const columns = [
    { title: when.title, isRigid: true },
    { title: "GAP", isRigid: true },
    { title: "EVENT", fit: fitEvent },
    ...(isNarrow ? [] : ["WHAT"]),
    ...(hasVerdict ? [{ title: "SIGNATURE", isRigid: true }] : []),
    { title: "ANSWER", isRigid: true },
    ...(hasRepeats ? [{ title: "REPEAT", isRigid: true }] : []),
    { title: "ID", isRigid: true },
  ];
  const rows = entries.map(({ delivery, gapMs }) => [
    when.cell(delivery.receivedAt),
    gapMs === null ? "" : gapText(gapMs),
    delivery.event ?? "-",
    ...(isNarrow ? [] : [delivery.summary]),
    ...(hasVerdict ? [delivery.verification.verdict] : []),
    answerCell(delivery.answer, delivery.forwardStatus, width),
    ...(hasRepeats ? [repeatText(delivery.recurrence).replace("duplicate", "dup")] : []),
    shortId(delivery.id, width),
  ]);
  const [head = "", ...lines] = table(columns, rows, style).trimEnd().split("\n");
  const indent = " ".repeat(head.replace(ANSI, "").indexOf("EVENT"));
  const shown = lines.flatMap((line, index) => [
    line,
    ...lostNote(entries[index]).map((note) => `${indent}${paint("warn", note)}`),
  ]);
  const span = (entries.at(-1)?.delivery.receivedAt ?? 0) - (entries[0]?.delivery.receivedAt ?? 0);
  const sum = [
    count(distinct, "event"),
    ...(distinct === entries.length ? [] : [`${entries.length} deliveries`]),
    ...(entries.length < 2 ? [] : [`over ${spanText(span)}`]),
  ].join(" · ");
  const notes = notesOf(resourceId, timeline).map(
    ({ message, hint }) =>
      `\n${wrap(`${paint("warn", "note:")} ${clean(message)}`, width - 2).join("\n  ")}\n` +
      `  ${wrap(`${paint("dim", "next:")} ${clean(hint)}`, width - 2).join("\n  ")}\n`,
  );
  return `${paint("strong", clean(resourceId))}  ${sum}\n\n${[head, ...shown].join("\n")}\n${notes.join("")}`;
}

function lostNote(entry: TimelineEntry<TimelineDelivery> | undefined): string[] {
  if (entry?.isLostByDataId !== true) return [];
  return [`↳ would be dropped by a dedup on ${entry.delivery.resourceField}`];
}

const ANSI = new RegExp(String.raw`\x1b\[[0-9;]*m`, "g");

/** A resource's history as one JSON document, without payloads. */
export function timelineDocument(resourceId: string, timeline: Timeline<TimelineDelivery>): Record<string, unknown> {
  return {
    resourceId,
    deliveries: timeline.entries.length,
    distinct: timeline.distinct,
    timeline: timeline.entries.map(entryDocument),
    notes: notesOf(resourceId, timeline),
  };
}

function entryDocument({ delivery, ...entry }: TimelineEntry<TimelineDelivery>): Record<string, unknown> {
  return {
    id: delivery.id,
    at: new Date(delivery.receivedAt).toISOString(),
    gapMs: entry.gapMs,
    event: delivery.event,
    timestamp: delivery.timestamp,
    summary: delivery.summary,
    environment: delivery.environment,
    signature: delivery.verification,
    attempt: delivery.recurrence.attempt,
    recurrence: delivery.recurrence.kind,
    ...(delivery.recurrence.duplicateOf === undefined ? {} : { duplicateOf: delivery.recurrence.duplicateOf }),
    isDistinct: entry.isDistinct,
    isLostByDataId: entry.isLostByDataId,
    ...(delivery.answer === undefined ? {} : { answer: delivery.answer }),
    ...(delivery.forwardStatus === undefined ? {} : { forwardStatus: delivery.forwardStatus }),
    ...(delivery.outcome === undefined ? {} : { outcome: delivery.outcome }),
  };
}

function notesOf(resourceId: string, timeline: Timeline<TimelineDelivery>): Note[] {
  const [start] = timeline.entries;
  const first = start?.delivery.event ?? "the first event";
  const field = start?.delivery.resourceField ?? "data.id";
  const lost = [...new Set(timeline.lost)];
  const trap: Note[] =
    timeline.lost.length === 0
      ? []
      : [
          {
            code: "shared_data_id",
            message: `${timeline.distinct} distinct events share the ${field} ${resourceId}. A handler that deduplicates on ${field} would process ${first} only, and drop ${joined(lost)}.`,
            hint: "Deduplicate on the event ID, or on the exact bytes of the body. See docs/deduplication.md.",
          },
        ];
  return [...trap, ...timeline.remarks.map(remarkNote)];
}

function remarkNote(remark: OrderRemark): Note {
  switch (remark.kind) {
    case "out-of-order": {
      const by = remark.byMs === null || remark.byMs <= 0 ? "" : ` by ${spanText(remark.byMs)}`;
      return {
        code: "out_of_order",
        message: `${remark.later} arrived before ${remark.earlier}, which happened first${by}.`,
        hint: "Compare timestamps in the handler, and never go back to an earlier state: the order of deliveries is not guaranteed.",
      };
    }
    case "missing":
      return {
        code: "missing_event",
        message: `${remark.event} has arrived, but ${remark.needs}, which comes before it, has not.`,
        hint: `Check that the webhook subscribes to ${remark.needs}: bluum-hooks webhooks list`,
      };
    default:
      return remark satisfies never;
  }
}

/** `+1.2 s`, `+3 h`. Negative if the clock was set back. */
function gapText(ms: number): string {
  return ms < 0 ? `-${spanText(-ms)}` : `+${spanText(ms)}`;
}

/** A duration of any length, in its largest unit. */
function spanText(ms: number): string {
  if (ms < 100 * 60_000) return duration(ms);
  return ms < 48 * 3_600_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

const NAMED = 5;

function joined(names: readonly string[]): string {
  const shown = names.slice(0, NAMED);
  if (names.length > NAMED) return `${shown.join(", ")} and ${names.length - NAMED} more`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** The part of a delivery that a timeline keeps. */
export function forTimeline(delivery: StoredDelivery, summary: string): TimelineDelivery {
  const { payload, body: _body, headers: _headers, ...rest } = delivery;
  const field = payload.kind === "json" ? readEvent(payload.value).resource?.path : undefined;
  return { ...rest, summary, resourceField: field ?? "data.id" };
}
