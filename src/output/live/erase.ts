import type { Erasure } from "./sink.ts";

/** Sequences that erase the terminal's output. */
export const ERASURES: Readonly<Record<Erasure, string>> = {
  line: "\r\x1b[2K",
  screen: "\x1b[2J\x1b[3J\x1b[H",
};
