import stringWidth from "string-width";
import { isHungUp, type Answer, type RecordedDelivery, type Recurrence, type Verdict } from "../core/delivery.ts";
import type { Fact } from "../core/facts.ts";
import type { ForwardCause } from "../core/forward.ts";
import { clean } from "./clean.ts";
import type { Paint, Tone } from "./color.ts";
import { summarize } from "./summaries.ts";
import { duration, fit, fitEvent, pad, timeOfDay } from "./text.ts";

export interface LineStyle {
  /** Width of the terminal; null where there is none and nothing needs to be cut. */
  readonly columns: number | null;
  readonly paint: Paint;
}

interface Layout {
  readonly fromColumns: number;
  readonly eventWidth: number;
  /** 0 leaves the resource id out. */
  readonly idWidth: number;
  /** Whether the verdict is a word even where all is well, in a column of its own beside one for repetitions. */
  readonly isWordy: boolean;
}

const LAYOUTS: readonly Layout[] = [
  { fromColumns: 118, eventWidth: 29, idWidth: 20, isWordy: true },
  { fromColumns: 95, eventWidth: 29, idWidth: 20, isWordy: false },
  { fromColumns: 76, eventWidth: 22, idWidth: 11, isWordy: false },
  { fromColumns: 0, eventWidth: 21, idWidth: 0, isWordy: false },
];
const WIDEST = LAYOUTS[0] as Layout;

const TIME_WIDTH = 8;
const GAP = 2;
/** `✓ verified`, `duplicate ×2`. */
const VERDICT_WIDTH = 11;
const REPEAT_WIDTH = 12;
/** `200   12 ms`. */
const ANSWER_WIDTH = 10;
const SUMMARY_WIDTH = 20;
const MIN_EVENT_WIDTH = 8;
const MIN_SUMMARY_WIDTH = 6;
/** Nothing a sender wrote makes a line longer than this, even in a file. */
const MAX_FIELD_LENGTH = 200;

const VERDICTS: Readonly<Record<Verdict, { readonly mark: string; readonly words: string; readonly tone: Tone }>> = {
  verified: { mark: "✓", words: "verified", tone: "good" },
  mismatch: { mark: "✗", words: "mismatch", tone: "bad" },
  stale: { mark: "✗", words: "stale", tone: "bad" },
  unsigned: { mark: "!", words: "unsigned", tone: "warn" },
  "no-secret": { mark: "?", words: "no secret", tone: "dim" },
};
/** Verdicts that nobody must overlook for want of columns. The mark of an unsigned one is like no other and will do. */
const ALARMING = new Set<Verdict>(["mismatch", "stale"]);

/**
 * One delivery as one line, without its line break: time, event, resource id, summary, verdict, repetition, and the answer
 * (`…` while there is none).
 */
export function deliveryLine(delivery: RecordedDelivery, answer: Answer | undefined, style: LineStyle): string {
  const { columns, paint } = style;
  const layout = LAYOUTS.find(({ fromColumns }) => columns !== null && columns >= fromColumns) ?? WIDEST;
  const tail = [
    ...verdictAndRepeat(delivery, layout, paint),
    answer === undefined ? pad(paint("dim", "…"), ANSWER_WIDTH) : answerText(answer, paint),
  ].join(" ".repeat(layout.isWordy ? GAP : 1));

  const event = clean(delivery.event?.slice(0, MAX_FIELD_LENGTH) ?? "(no event name)");
  const id = clean(delivery.resourceId?.slice(0, MAX_FIELD_LENGTH) ?? "");
  const summary = summarize(delivery).slice(0, MAX_FIELD_LENGTH);
  const tone: Tone = delivery.payload.kind === "json" ? "plain" : "warn";
  const time = paint("dim", timeOfDay(delivery.receivedAt));
  const gap = " ".repeat(GAP);
  if (columns === null) {
    const cells = [pad(event, layout.eventWidth), pad(id, layout.idWidth), pad(summary, SUMMARY_WIDTH)];
    return [time, ...cells, tail].join(gap).trimEnd();
  }
  // The tail is what must be seen; the rest gets the columns that are left, the most telling part first.
  let room = columns - stringWidth(tail) - GAP;
  const take = (width: number, least = width): number => {
    const taken = room >= least ? Math.min(width, room) : 0;
    if (taken > 0) room -= taken + GAP;
    return taken;
  };
  const hasTime = room >= TIME_WIDTH + GAP + MIN_EVENT_WIDTH && take(TIME_WIDTH) > 0;
  const eventColumn = take(layout.eventWidth, 1);
  const eventText = fitEvent(event, eventColumn);
  const idWidth = take(layout.idWidth);
  // Columns line up, but not for the price of a summary that is cut beside blank cells.
  const blank = layout.isWordy ? 0 : eventColumn - stringWidth(eventText);
  const lent = Math.max(0, Math.min(blank, stringWidth(summary) - room));
  const eventWidth = eventColumn - lent;
  room += lent;
  const summaryWidth = take(Infinity, MIN_SUMMARY_WIDTH);
  const cells = [
    ...(hasTime ? [time] : []),
    ...(eventWidth > 0 ? [pad(paint("strong", eventText), eventWidth)] : []),
    ...(idWidth > 0 ? [pad(paint("dim", fit(id, idWidth)), idWidth)] : []),
    ...(summaryWidth > 0 ? [paint(tone, fit(summary, summaryWidth))] : []),
  ];
  return (pad(cells.join(gap), columns - stringWidth(tail)) + tail).trimEnd();
}

/** What is said when an answer comes after its delivery's line was printed as pending. */
export function lateAnswerLine(
  delivery: Pick<RecordedDelivery, "event" | "resourceId">,
  answer: Answer & { readonly at: number },
  { columns, paint }: LineStyle,
): string {
  const [said, tone] = isHungUp(answer)
    ? [answerWords(answer), "bad" as const]
    : [`answered ${answerWords(answer)}`, statusTone(answer.status)];
  const start = `${paint("dim", timeOfDay(answer.at))}  ${paint("dim", "↳")} ${paint(tone, said)}`;
  return withName(start, delivery, { columns, paint });
}

/** `200 after 4 ms`, `hung up after 1.0 s`. */
export function answerWords(answer: Answer): string {
  return isHungUp(answer)
    ? `hung up after ${duration(answer.hungUpAfterMs)}`
    : `${answer.status} after ${duration(answer.durationMs)}`;
}

type Forwarded = Extract<Fact, { type: "forward" }>;

const CAUSES: Readonly<Record<ForwardCause, string>> = {
  live: "app",
  "catch-up": "catch-up",
  replay: "replay",
  edited: "edited replay",
};

/** What the app made of a delivery whose sender was answered already, or had been long ago. */
export function forwardLine(fact: Forwarded, { columns, paint }: LineStyle): string {
  const took = duration(fact.durationMs);
  const end =
    fact.status === undefined
      ? `: ${paint("bad", noAnswer(fact))}`
      : ` ${paint(statusTone(fact.status), String(fact.status))} after ${took}`;
  const said = `${paint("dim", timeOfDay(fact.at))}  ${paint("dim", "↳")} ${CAUSES[fact.cause]}${end}`;
  return withName(said, fact, { columns, paint });
}

/** Below a delivery's line: why the app gave no answer, or the answer that its sender did not wait for. */
export function forwardNote(fact: Forwarded, { columns, paint }: LineStyle): string {
  const indent = " ".repeat(TIME_WIDTH + GAP);
  const { status, durationMs } = fact;
  const [tone, text] =
    status === undefined
      ? (["bad", `↳ app: ${noAnswer(fact)}`] as const)
      : ([statusTone(status), `↳ app ${answerWords({ status, durationMs })}`] as const);
  return indent + paint(tone, columns === null ? text : fit(text, columns - indent.length));
}

/** Why there was no answer and after how long, which a time that ran out says by itself. */
function noAnswer({ error = "no answer", durationMs }: Forwarded): string {
  return / within [\d.]+ s$/.test(error) ? clean(error) : `${clean(error)} after ${duration(durationMs)}`;
}

function withName(
  said: string,
  { event, resourceId }: { readonly event: string | null; readonly resourceId: string | null },
  { columns, paint }: LineStyle,
): string {
  const name = clean(event?.slice(0, MAX_FIELD_LENGTH) ?? "(no event name)");
  const what = `${name} ${clean(resourceId?.slice(0, MAX_FIELD_LENGTH) ?? "")}`.trimEnd();
  const room = columns === null ? Infinity : columns - stringWidth(said) - GAP;
  return room > MIN_SUMMARY_WIDTH ? `${said}  ${paint("dim", fit(what, room))}` : said;
}

function answerText(answer: Answer, paint: Paint): string {
  if (isHungUp(answer)) return paint("bad", `✗ ${answerWords(answer)}`);
  const { status, durationMs } = answer;
  return `${paint(statusTone(status), String(status))} ${pad(duration(durationMs), ANSWER_WIDTH - 4, "left")}`;
}

export function statusTone(status: number): Tone {
  if (status >= 200 && status < 300) return "good";
  return status >= 500 ? "bad" : "warn";
}

function verdictAndRepeat({ verification, recurrence }: RecordedDelivery, layout: Layout, paint: Paint): string[] {
  const { mark, words, tone } = VERDICTS[verification.verdict];
  const repeat = paint("warn", repeatText(recurrence));
  if (layout.isWordy) return [pad(paint(tone, `${mark} ${words}`), VERDICT_WIDTH), pad(repeat, REPEAT_WIDTH)];
  const verdict = paint(tone, ALARMING.has(verification.verdict) ? `${mark} ${words}` : mark);
  return recurrence.kind === "first" ? [verdict] : [verdict, repeat];
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

/** Tables narrower than this show no resource: an id that is cut off says little, and the delivery leads to it. */
export const WIDE = 100;
/** Below this only what tells one delivery from another, and how it ended. */
export const NARROW = 72;
/** Long enough to be unique among a million: 36⁸ are possible. */
const SHORT_ID = 8;

/** A delivery's id as a table has room for it; each form can be given back to a command. */
export function shortId(id: string, width: number): string {
  if (width === Infinity) return id;
  const prefix = id.indexOf("_") + 1;
  return id.slice(width < WIDE ? prefix : 0, prefix + SHORT_ID);
}

/**
 * `200`; `200 → app 500` where the app answered something else, `app 500` where it answered the same; `✗` for no answer of
 * the app, `hung up` where the sender waited for none. Where the terminal is narrow, `200→500`.
 */
export function answerCell(answer: Answer | undefined, app: number | null | undefined, width: number): string {
  const status = answer === undefined || isHungUp(answer) ? undefined : answer.status;
  const ours = answer === undefined ? "-" : (status?.toString() ?? "hung up");
  if (app === undefined) return ours;
  if (app === status) return `app ${app}`;
  return `${ours}${width < NARROW ? "→" : " → app "}${app ?? "✗"}`;
}
