import type { Erasure } from "./sink.ts";

/** The sequence that makes a terminal remove what it shows. */
export const ERASURES: Readonly<Record<Erasure, string>> = {
  line: "\r\x1b[2K",
  screen: "\x1b[2J\x1b[3J\x1b[H",
};
