// The texts for outcomes, as in `events list` and `events show`.
import type { AttemptCause, Recurrence, Row, TimelineEntry, Verdict } from "../contract.ts";

export type Tone = "plain" | "good" | "warn" | "bad" | "dim";

interface Words {
  readonly text: string;
  readonly tone: Tone;
  readonly about?: string;
}

const VERDICTS: Readonly<Record<Verdict, Words>> = {
  verified: { text: "✓", tone: "dim" },
  mismatch: { text: "mismatch", tone: "bad" },
  stale: { text: "stale", tone: "bad" },
  unsigned: { text: "unsigned", tone: "warn" },
  "no-secret": { text: "no secret", tone: "dim" },
};

export const CAUSES: Readonly<Record<AttemptCause, string>> = {
  live: "on arrival",
  "catch-up": "catch-up",
  replay: "replay",
  elsewhere: "replay to another URL",
  edited: "edited replay",
};

export function verdictWords(verdict: Verdict): Words {
  return VERDICTS[verdict];
}

export function isBadVerdict(verdict: Verdict): boolean {
  return ["mismatch", "stale", "unsigned"].includes(verdict);
}

export function isAccepted(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Whether something about an event of a timeline needs attention. */
export function isBadEntry({ outcome, signature }: TimelineEntry): boolean {
  return outcome === "failed" || isBadVerdict(signature.verdict);
}

/** What `retry 2` means. */
export function repeatAbout({ kind, attempt }: Pick<Recurrence, "kind" | "attempt">): string {
  return `Delivery ${attempt} of this event: sent again after ${kind === "retry" ? "a failure" : "a success"}`;
}

export function repeatWords({ kind, attempt }: Pick<Recurrence, "kind" | "attempt">): string {
  if (kind === "first") return "";
  return kind === "retry" ? `retry ${attempt}` : `duplicate ${attempt}`;
}

/** The answer to the sender, or the app's result where that decides otherwise: accepted later, or refused after 2xx. */
export function statusWords({ answer, forward, outcome }: Pick<Row, "answer" | "forward" | "outcome">): Words {
  if (outcome === null) return { text: "…", tone: "dim" };
  const sent = answer === null ? null : String(answer.status ?? "hung up");
  const app = String(forward?.status ?? "no answer");
  const isOk = outcome === "ok";
  const tone = isOk ? "plain" : "bad";
  if (sent !== null && isAccepted(answer?.status ?? 0) === isOk) return { text: sent, tone };
  if (sent === null) return { text: app, tone };
  return { text: isOk ? `↻ ${app}` : app, tone, about: `${sent} to the sender, ${app} from your app` };
}

/** The filter's keywords, for suggestions. */
export const FILTER_WORDS: readonly { readonly word: string; readonly about: string }[] = [
  { word: "event:", about: "event name or pattern, such as order.*" },
  { word: "resource:", about: "ID of an order, transfer, account or document" },
  { word: "status:failed", about: "not answered with 2xx" },
  { word: "status:ok", about: "answered with 2xx" },
  { word: "signature:bad", about: "mismatch, stale or unsigned" },
  { word: "signature:verified", about: "signed with a known secret" },
  { word: "is:repeated", about: "retries and duplicates" },
  { word: "is:retry", about: "sent again after a failure" },
  { word: "is:duplicate", about: "sent again after a success" },
  { word: "since:1h", about: "received at or after this time" },
  { word: "until:", about: "received before this time" },
  { word: "env:", about: "emulator, sandbox or production" },
];

/** Splits a filter into words: quoted ones may contain spaces. */
export function splitWords(q: string): string[] {
  return q.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
}

export interface Chip {
  readonly name: string;
  /** The word in the filter; empty for all. */
  readonly word: string;
  readonly counted: "all" | "failed" | "badSignature" | "repeated";
}

export const CHIPS: readonly Chip[] = [
  { name: "All", word: "", counted: "all" },
  { name: "Failed", word: "status:failed", counted: "failed" },
  { name: "Bad signature", word: "signature:bad", counted: "badSignature" },
  { name: "Repeated", word: "is:repeated", counted: "repeated" },
];

export function isChosen(q: string, { word }: Chip): boolean {
  return word === "" ? q === "" : splitWords(q).includes(word);
}

/** Adds the chip's word to the filter in place of another one with its key, or removes it. All removes the filter. */
export function withChip(q: string, chip: Chip): string {
  if (chip.word === "") return "";
  const key = chip.word.replace(/:.*/, ":");
  const others = splitWords(q).filter((word) => !word.startsWith(key));
  return [...others, ...(isChosen(q, chip) ? [] : [chip.word])].join(" ");
}
