import {
  isAcknowledged,
  isHungUp,
  type Answer,
  type StoredDelivery,
  type Recurrence,
  type Verdict,
} from "../../core/delivery.ts";
import type { Fact } from "../../core/facts.ts";
import type { ForwardCause } from "../../core/exchange.ts";
import { clean } from "../privacy/clean.ts";
import type { Paint, Tone } from "../color.ts";
import { summarize } from "./summaries.ts";
import { columnsOf, duration, fit, fitEvent, pad, timeOfDay, wrap } from "../text.ts";

export interface LineStyle {
  /** Width of the terminal; null without a terminal, and then nothing is cut. */
  readonly columns: number | null;
  readonly paint: Paint;
}

interface Layout {
  readonly fromColumns: number;
  readonly eventWidth: number;
  /** 0 leaves the resource id out. */
  readonly idWidth: number;
}

const LAYOUTS: readonly Layout[] = [
  { fromColumns: 95, eventWidth: 29, idWidth: 20 },
  { fromColumns: 76, eventWidth: 22, idWidth: 11 },
  { fromColumns: 0, eventWidth: 21, idWidth: 0 },
];
const WIDEST = LAYOUTS[0] as Layout;

const TIME_WIDTH = 8;
const GAP = 2;
/** `✓ 200   12 ms`. */
const OUTCOME_WIDTH = 12;
const SUMMARY_WIDTH = 20;
const MIN_EVENT_WIDTH = 8;
const MIN_SUMMARY_WIDTH = 6;
/** Maximum length of text from a sender on one line, even in a file. */
const MAX_FIELD_LENGTH = 200;

/** The text for a verdict. A valid signature has none, so that a bad one stands out. */
const VERDICTS: Readonly<Record<Verdict, readonly [words: string, tone: Tone]>> = {
  verified: ["", "good"],
  mismatch: ["bad signature", "bad"],
  stale: ["stale signature", "bad"],
  unsigned: ["unsigned", "warn"],
  "no-secret": ["not verified", "dim"],
};

const CAUSES: Readonly<Record<ForwardCause, string>> = {
  live: "app",
  "catch-up": "catch-up",
  replay: "replay",
  elsewhere: "replay elsewhere",
  edited: "edited replay",
};

/** The beginning of every line about an event. */
interface Subject {
  readonly at: number;
  readonly event: string | null;
  readonly resourceId: string | null;
  readonly summary?: string;
  readonly summaryTone?: Tone;
}

/** What a line shows of a delivery: neither its body nor its payload, since it may wait long for its answer. */
export interface Summarized extends Pick<
  StoredDelivery,
  "id" | "event" | "resourceId" | "receivedAt" | "verification" | "recurrence"
> {
  readonly summary: string;
  readonly isJson: boolean;
}

export function summarized(delivery: StoredDelivery): Summarized {
  const { id, event, resourceId, receivedAt, verification, recurrence, payload } = delivery;
  const summary = summarize(delivery).slice(0, MAX_FIELD_LENGTH);
  return { id, event, resourceId, receivedAt, verification, recurrence, summary, isJson: payload.kind === "json" };
}

/**
 * One delivery with its answer as one line, without its line break. A pending answer is `…`, with the number of
 * further pending deliveries that are not shown.
 */
export function deliveryLine(
  { event, resourceId, receivedAt, verification, recurrence, summary, isJson }: Summarized,
  answer: Answer | undefined,
  style: LineStyle,
  moreWaiting = 0,
): string {
  const [words, tone] = VERDICTS[verification.verdict];
  const { paint } = style;
  return eventLine(
    { at: receivedAt, event, resourceId, summary, summaryTone: isJson ? "plain" : "warn" },
    [paint(tone, words), paint("warn", repeatText(recurrence))],
    answer === undefined ? paint("dim", moreWaiting === 0 ? "…" : `… +${moreWaiting}`) : outcomeOf(answer, paint),
    style,
  );
}

/** The answer to a delivery whose line was already printed, if nothing can be redrawn. */
export function lateAnswerLine(
  delivery: Pick<StoredDelivery, "event" | "resourceId">,
  answer: Answer & { readonly at: number },
  style: LineStyle,
): string {
  const { paint } = style;
  return eventLine({ ...delivery, at: answer.at }, [paint("dim", "answered")], outcomeOf(answer, paint), style);
}

/** A later attempt to forward a delivery, or one whose sender did not wait for it. */
export function forwardLine(fact: Pick<Forwarded, AttemptField>, style: LineStyle): string {
  const { paint } = style;
  const { status, durationMs } = fact;
  const end = status === undefined ? noOutcome(durationMs, paint) : outcomeOf({ status, durationMs }, paint);
  return eventLine(fact, [paint("dim", CAUSES[fact.cause])], end, style);
}

/** An attempt that would be made. */
export function plannedLine(subject: Pick<Forwarded, "at" | "event" | "resourceId">, style: LineStyle): string {
  return eventLine(subject, [], style.paint("dim", "not sent"), style);
}

type Forwarded = Extract<Fact, { type: "forward" }>;
type AttemptField = "at" | "event" | "resourceId" | "cause" | "status" | "durationMs";

/**
 * Time, event, resource id, summary, remarks, and result: the same format for everything that happens to an event. On
 * a narrow terminal the result stays and the rest is shortened.
 */
function eventLine(subject: Subject, remarks: readonly string[], end: string, { columns, paint }: LineStyle): string {
  const layout = LAYOUTS.find(({ fromColumns }) => columns !== null && columns >= fromColumns) ?? WIDEST;
  const tail = [...remarks.filter((remark) => columnsOf(remark) > 0), pad(end, OUTCOME_WIDTH)].join(" ".repeat(GAP));
  const event = clean(subject.event?.slice(0, MAX_FIELD_LENGTH) ?? "(no event name)");
  const id = clean(subject.resourceId?.slice(0, MAX_FIELD_LENGTH) ?? "");
  const summary = (subject.summary ?? "").slice(0, MAX_FIELD_LENGTH);
  const time = paint("dim", timeOfDay(subject.at));
  const gap = " ".repeat(GAP);
  if (columns === null) {
    const cells = [pad(event, layout.eventWidth), pad(id, layout.idWidth), pad(summary, SUMMARY_WIDTH)];
    return [time, ...cells, tail].join(gap).trimEnd();
  }
  let room = columns - columnsOf(tail) - GAP;
  const take = (width: number, least = width): number => {
    const given = room >= least ? Math.min(width, room) : 0;
    if (given > 0) room -= given + GAP;
    return given;
  };
  const hasTime = room >= TIME_WIDTH + GAP + MIN_EVENT_WIDTH && take(TIME_WIDTH) > 0;
  const eventColumn = take(layout.eventWidth, 1);
  const eventText = fitEvent(event, eventColumn);
  const idWidth = take(layout.idWidth);
  // Columns are aligned, unless a summary would be cut next to blank cells.
  const lent = Math.max(0, Math.min(eventColumn - columnsOf(eventText), columnsOf(summary) - room));
  const eventWidth = eventColumn - lent;
  room += lent;
  const summaryWidth = take(Infinity, MIN_SUMMARY_WIDTH);
  const cells = [
    ...(hasTime ? [time] : []),
    ...(eventWidth > 0 ? [pad(paint("strong", eventText), eventWidth)] : []),
    ...(idWidth > 0 ? [pad(paint("dim", fit(id, idWidth)), idWidth)] : []),
    ...(summaryWidth > 0 ? [paint(subject.summaryTone ?? "plain", fit(summary, summaryWidth))] : []),
  ];
  return (pad(cells.join(gap), columns - columnsOf(tail)) + tail).trimEnd();
}

/** A note below a line, as wide as the terminal. */
export function noteLine(text: string, tone: Tone, { columns, paint }: LineStyle): string {
  const indent = " ".repeat(TIME_WIDTH + GAP);
  if (columns === null) return indent + paint(tone, `↳ ${text}`);
  const room = columns - indent.length - 2;
  const [first = ""] = wrap(text, room);
  const rest = fit(text.slice(first.length).trimStart(), room);
  return [`↳ ${first}`, ...(rest === "" ? [] : [`  ${rest}`])].map((line) => indent + paint(tone, line)).join("\n");
}

/** The mark beside a status shows whether it is 2xx. */
function outcomeOf(answer: Answer, paint: Paint): string {
  if (isHungUp(answer)) return paint("bad", `✗ ${answerWords(answer)}`);
  const { status, durationMs } = answer;
  const mark = isAcknowledged(answer) ? "✓" : "✗";
  return `${paint(statusTone(status), `${mark} ${status}`)} ${timeCell(durationMs)}`;
}

function noOutcome(durationMs: number, paint: Paint): string {
  return `${paint("bad", "✗ no answer")} ${timeCell(durationMs)}`;
}

function timeCell(durationMs: number): string {
  return pad(duration(durationMs), OUTCOME_WIDTH - 6, "left");
}

/** `200 after 4 ms`, `hung up after 1.0 s`. */
export function answerWords(answer: Answer): string {
  return isHungUp(answer)
    ? `hung up after ${duration(answer.hungUpAfterMs)}`
    : `${answer.status} after ${duration(answer.durationMs)}`;
}

export function statusTone(status: number): Tone {
  if (status >= 200 && status < 300) return "good";
  return status >= 500 ? "bad" : "warn";
}

/** `duplicate ×2`, `retry 3`; empty for a first delivery. */
export function repeatText({ kind, attempt }: Recurrence): string {
  switch (kind) {
    case "first":
      return "";
    case "retry":
      return `retry ${attempt}`;
    case "duplicate":
      return `duplicate ×${attempt}`;
    default:
      return kind satisfies never;
  }
}

/** Narrower tables show no resource: a truncated id is of little use, and the delivery's details contain it. */
export const WIDE = 100;
/** Narrower tables show only the id of a delivery and its result. */
export const NARROW = 72;
/** Long enough to be unique among a million: there are 36⁸ values. */
const SHORT_ID = 8;

/** A delivery's id in the form that fits the table; commands accept each form. */
export function shortId(id: string, width: number): string {
  if (width === Infinity) return id;
  const prefix = id.indexOf("_") + 1;
  return id.slice(width < WIDE ? prefix : 0, prefix + SHORT_ID);
}

/**
 * `200`; `200 → app 500` if the app answered with another status, `app 500` if it answered with the same; `✗` without
 * a response from the app, `hung up` if the sender closed the connection. On a narrow terminal, `200→500`.
 */
export function answerCell(answer: Answer | undefined, app: number | null | undefined, width: number): string {
  const status = answer === undefined || isHungUp(answer) ? undefined : answer.status;
  const ours = answer === undefined ? "-" : (status?.toString() ?? "hung up");
  if (app === undefined) return ours;
  if (app === status) return `app ${app}`;
  return `${ours}${width < NARROW ? "→" : " → app "}${app ?? "✗"}`;
}
