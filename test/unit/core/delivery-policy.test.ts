import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  ANSWER_TIMEOUT,
  ANSWER_TIMEOUT_MS,
  isAcknowledgement,
  RETRY_DELAYS_MS,
  RETRY_PERIOD_MS,
  RETRY_SCHEDULE,
} from "../../../src/core/delivery-policy.ts";

const page = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8").replace(/\s+/g, " ");

describe("Bluum's delivery policy", () => {
  it("equals what Bluum publishes", () => {
    expect([ANSWER_TIMEOUT_MS, ANSWER_TIMEOUT]).toEqual([30_000, "30 s"]);
    expect(RETRY_DELAYS_MS).toEqual([60_000, 300_000, 1_800_000, 7_200_000, 28_800_000]);
    expect(RETRY_PERIOD_MS).toBe((10 * 60 + 36) * 60_000);
    expect(RETRY_SCHEDULE).toBe("1 min, 5 min, 30 min, 2 h and 8 h");
    expect([199, 200, 204, 299, 300].filter(isAcknowledgement)).toEqual([200, 204, 299]);
  });

  it.each(["docs/emulator.md", "docs/going-live.md", "docs/daily-use.md"])("has its retry schedule in %s", (path) => {
    expect(page(path)).toContain(RETRY_SCHEDULE);
  });

  it.each(["docs/emulator.md", "docs/check.md"])("has its time limit in %s", (path) => {
    expect(page(path)).toContain(ANSWER_TIMEOUT);
  });
});
