import type { Fact } from "../../core/facts.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Backlog } from "../../platform/sinks.ts";

type Erasure = "line" | "screen";

/** An output stream and its properties. `columns` applies only to a terminal. */
export interface Sink {
  /** Writes text without control characters and secrets, except `shown`, a secret that the user asked to see. */
  write(text: string, shown?: string): void;
  /** Erases the line, or the whole screen. */
  erase?(what: Erasure): void;
  /** Shows a line below all other output until it is replaced or cleared. Absent if nothing can be redrawn. */
  status?(text: string): void;
  readonly isTTY: boolean;
  readonly columns: number;
  /** Writes the queued output now, as far as that is possible without blocking. */
  hurry?(): void;
  /** The output that its reader has not consumed; absent if output is never buffered. */
  readonly backlog?: Backlog;
}

export interface RendererOptions {
  /** One JSON record for each fact, on stdout, instead of text. */
  readonly json: boolean;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Whether stdout is coloured. stderr is coloured too, unless only stdout is a terminal. */
  readonly color: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly clock: Clock;
}

export interface Renderer {
  fact(fact: Fact): void;
  /** Prints pending lines. Later facts are printed at once. */
  close(): void;
}

/** The secret that the user has asked to see. */
export function shownSecret(fact: Fact): string | undefined {
  return fact.type === "registered" ? fact.secret : undefined;
}

/** Sequences that erase the terminal's output. */
export const ERASURES: Readonly<Record<Erasure, string>> = {
  line: "\r\x1b[2K",
  screen: "\x1b[2J\x1b[3J\x1b[H",
};
