import { clean } from "../privacy/clean.ts";
import { fit } from "../text.ts";
import type { Sink } from "./sink.ts";

export interface Progress {
  /** Shows how far the work has come, in place of what was shown before. */
  show(done: number, total: number, what: string): void;
  clear(): void;
}

/** A line that is redrawn; on what is no terminal, nothing at all. */
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
