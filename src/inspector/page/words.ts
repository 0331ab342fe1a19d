// The texts for outcomes, as in `events list` and `events show`.
import type { Answer, AttemptCause, LastForward, Recurrence, Row, TimelineEntry, Verdict } from "../contract.ts";

export type Tone = "plain" | "good" | "warn" | "bad" | "dim";

interface Words {
  readonly text: string;
  readonly tone: Tone;
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

/** Whether the sender's answer was not 2xx, or the sender closed the connection before. */
export function isFailed({ answer }: Pick<Row, "answer">): boolean {
  return answer !== null && (answer.status === null || !isAccepted(answer.status));
}

/** Whether the sender of an event of a timeline got another status than 2xx. */
export function isRefused({ answer }: TimelineEntry): boolean {
  return answer !== undefined && !("status" in answer && isAccepted(answer.status));
}

/** Whether something about an event of a timeline needs attention. */
export function isBadEntry(entry: TimelineEntry): boolean {
  return isRefused(entry) || isBadVerdict(entry.signature.verdict);
}

export function repeatWords({ kind, attempt }: Recurrence): string {
  if (kind === "first") return "";
  return kind === "retry" ? `retry ${attempt}` : `duplicate ${attempt}`;
}

/** The relevant status: the answer to the sender, or the result of a later attempt. */
export function statusWords(answer: Answer | null, forward: LastForward | null): Words {
  if (answer === null && forward === null) return { text: "…", tone: "dim" };
  const status = answer === null ? forward?.status : answer.status;
  if (status === null || status === undefined) return { text: answer === null ? "no answer" : "hung up", tone: "bad" };
  return { text: String(status), tone: isAccepted(status) ? "plain" : "bad" };
}

/** Whether a later attempt was accepted after the first one was not. */
export function isRecovered({ answer, forward }: Pick<Row, "answer" | "forward">): boolean {
  return isFailed({ answer }) && forward?.status !== null && forward !== null && isAccepted(forward.status);
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
  /** The word that it adds to the filter; empty for all. */
  readonly word: string;
  readonly counted: "all" | "failed" | "badSignature" | "repeated";
}

export const CHIPS: readonly Chip[] = [
  { name: "All", word: "", counted: "all" },
  { name: "Failed", word: "status:failed", counted: "failed" },
  { name: "Bad signature", word: "signature:bad", counted: "badSignature" },
  { name: "Repeated", word: "is:repeated", counted: "repeated" },
];

export function chipOf(q: string): Chip {
  const words = splitWords(q);
  return CHIPS.find(({ word }) => word !== "" && words.includes(word)) ?? (CHIPS[0] as Chip);
}

/** Replaces the filter's current chip by this one and keeps all other words. */
export function withChip(q: string, chip: Chip): string {
  const others = splitWords(q).filter((word) => !CHIPS.some((each) => each.word === word));
  return [...others, chip.word].filter((word) => word !== "").join(" ");
}
