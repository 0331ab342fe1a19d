import { clean } from "../privacy/clean.ts";
import { fit } from "../text.ts";
import type { Sink } from "./sink.ts";

export interface Progress {
  /** Shows the progress of the work, in place of the previous one. */
  show(done: number, total: number, what: string): void;
  clear(): void;
}

/** A line that is redrawn; without a terminal, no output. */
export function createProgress(sink: Sink, isWanted = true): Progress {
  if (!sink.isTTY || !isWanted) return { show: () => {}, clear: () => {} };
  return {
    show(done, total, what) {
      // The last column stays free: some terminals break the line when it is filled.
      sink.erase?.("line");
      sink.write(fit(`  ${done + 1}/${total}  ${clean(what)} …`, sink.columns - 1));
    },
    clear: () => sink.erase?.("line"),
  };
}
