import stringWidth from "string-width";
import { localIso, zoneName } from "../core/local-time.ts";

const ELLIPSIS = "…";
let segmenter: Intl.Segmenter | undefined;

/** Text of the characters that this program itself writes. Each is one grapheme, and one column wide. */
const PLAIN = /^[ -~→…✗✓·•×↳●–]*$/;

/** The width of a one-line text in terminal columns. */
export function columnsOf(text: string): number {
  // To measure other text, all emoji sequences must be compiled first, which takes as long as Node.js to start.
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

function graphemes(text: string): Iterable<{ readonly segment: string }> {
  if (PLAIN.test(text)) return Array.from(text, (segment) => ({ segment }));
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

/** The longest prefix of a one-line text that fits into `columns` terminal columns; `…` marks what was cut. */
export function fit(text: string, columns: number): string {
  if (columns <= 0) return "";
  // A grapheme of cleaned text is short, so text far beyond the edge need not be measured.
  const near = text.length > columns * 16 ? text.slice(0, columns * 16) : text;
  if (near === text && columnsOf(text) <= columns) return text;
  let kept = "";
  let width = 0;
  for (const { segment } of graphemes(near)) {
    width += columnsOf(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return kept.trimEnd() + ELLIPSIS;
}

/** Like `fit`, for a dotted event name: its last parts are the most informative, so the first are dropped. */
export function fitEvent(event: string, columns: number): string {
  if (columnsOf(event) <= columns) return event;
  const parts = event.split(".").slice(-8);
  for (let from = 1; from < parts.length; from += 1) {
    const shorter = ELLIPSIS + parts.slice(from).join(".");
    if (columnsOf(shorter) <= columns) return shorter;
  }
  return fit(event, columns);
}

/** Splits a one-line text into lines of at most `columns` terminal columns, at spaces, and in longer words. */
export function wrap(text: string, columns: number): string[] {
  const width = Math.max(1, columns);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/ +/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (columnsOf(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = "";
    for (const { segment } of graphemes(word)) {
      if (line !== "" && columnsOf(line + segment) > width) {
        lines.push(line);
        line = "";
      }
      line += segment;
    }
  }
  return [...lines, line];
}

/** Fills a one-line text with spaces to `columns` terminal columns. */
export function pad(text: string, columns: number, side: "left" | "right" = "right"): string {
  const space = " ".repeat(Math.max(0, columns - columnsOf(text)));
  return side === "right" ? text + space : space + text;
}

/** A duration for display, at most six columns wide below a quarter of an hour. */
export function duration(ms: number): string {
  if (ms < 1) return "<1 ms";
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 99_500 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}

/** The local time of day, `HH:MM:SS`. */
export function timeOfDay(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

/** The local time of day, with its date unless that is today. */
export function moment(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  if (then.toDateString() === today.toDateString()) return timeOfDay(at);
  return `${then.toLocaleDateString("sv")} ${timeOfDay(at)}`;
}

/** A column of times, with the time zone in its title: short on a terminal, complete for another program. */
export function timeColumn({ isTTY, now, isNarrow = false }: { isTTY: boolean; now: number; isNarrow?: boolean }): {
  readonly title: string;
  readonly cell: (at: number) => string;
} {
  if (!isTTY) return { title: "WHEN", cell: localIso };
  const zone = zoneName(now).replace(/UTC(?=.)/, "");
  if (!isNarrow) return { title: `WHEN ${zone}`, cell: (at) => moment(at, now) };
  return { title: zone, cell: (at) => moment(at, now).replace(/^\d{4}-(.*):\d\d$/, "$1") };
}

/** `2 retries`, `1 duplicate`: the repeated ones among the received deliveries. */
export function recurrenceCounts(counts: { readonly retries: number; readonly duplicates: number }): string[] {
  const { retries, duplicates } = counts;
  return [
    ...(retries === 0 ? [] : [`${retries} ${retries === 1 ? "retry" : "retries"}`]),
    ...(duplicates === 0 ? [] : [`${duplicates} ${duplicates === 1 ? "duplicate" : "duplicates"}`]),
  ];
}
