import type { Fact } from "../../core/facts.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Backlog } from "../../platform/sinks.ts";

export type Erasure = "line" | "screen";

/** A stream to write to, and what it is. `columns` counts only on a terminal. */
export interface Sink {
  /** Writes text without its control characters and without secrets, but for `shown`, which the user asked to see. */
  write(text: string, shown?: string): void;
  /** Removes what stands on the line, or on the whole screen. */
  erase?(what: Erasure): void;
  /** Shows a line below all that is written, until another one or nothing takes its place. Absent where nothing can be redrawn. */
  status?(text: string): void;
  readonly isTTY: boolean;
  readonly columns: number;
  /** Writes at once what was written in this turn, as far as that goes without waiting. */
  hurry?(): void;
  /** What its reader makes wait; absent where nothing ever waits. */
  readonly backlog?: Backlog;
}

export interface RendererOptions {
  /** One JSON record for each fact, on stdout, instead of text. */
  readonly json: boolean;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Whether stdout is coloured. stderr follows it, unless it is no terminal while stdout is one. */
  readonly color: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly clock: Clock;
}

export interface Renderer {
  fact(fact: Fact): void;
  /** Prints what was held back. Facts that come later are printed at once. */
  close(): void;
}

/** The secret that the user has asked to see. */
export function shownSecret(fact: Fact): string | undefined {
  return fact.type === "registered" ? fact.secret : undefined;
}
