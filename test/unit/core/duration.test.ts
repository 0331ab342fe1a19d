import { expect, it } from "vitest";
import { spellDuration } from "../../../src/core/duration.ts";

it.each([
  [0, "0 ms"],
  [250, "250 ms"],
  [1_500, "1.5 s"],
  [30_000, "30 s"],
  [60_000, "1 min"],
  [300_000, "5 min"],
  [301_000, "5 min 1 s"],
  [3_600_000, "1 h"],
  [95_551_965_000, "1105 d 22 h"],
])("%i ms are formatted as %s", (ms, text) => expect(spellDuration(ms)).toBe(text));
