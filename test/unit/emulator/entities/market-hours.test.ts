import { expect, test } from "vitest";
import { MarketHours } from "../../../../src/emulator/entities/market-hours.ts";
import type { Clock } from "../../../../src/platform/clock.ts";

/** A clock that sleeping sets forward. */
function clockAt(time: string): Clock {
  let now = Date.parse(time);
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  };
}

const forever = new AbortController().signal;

test.each([
  ["a Tuesday in winter, before the opening", "2026-01-06T14:29:59Z", false],
  ["a Tuesday in winter, at the opening", "2026-01-06T14:30:00Z", true],
  ["a Tuesday in summer, at the opening", "2026-07-07T13:30:00Z", true],
  ["a Tuesday in summer, before the close", "2026-07-07T19:59:59Z", true],
  ["a Tuesday in summer, at the close", "2026-07-07T20:00:00Z", false],
  ["a Saturday", "2026-07-11T15:00:00Z", false],
  ["a Sunday", "2026-07-12T15:00:00Z", false],
  ["a Monday in New York that is a Tuesday in Auckland", "2026-07-13T18:00:00Z", true],
])("in market hours, %s", (_name, time, isOpen) => {
  expect(new MarketHours("hours", clockAt(time)).isOpen()).toBe(isOpen);
});

test.each([
  ["the same morning", "2026-07-07T05:00:00Z", "2026-07-07T13:30:00.000Z"],
  ["the next day", "2026-07-07T20:00:00Z", "2026-07-08T13:30:00.000Z"],
  ["Monday", "2026-07-10T23:59:59Z", "2026-07-13T13:30:00.000Z"],
  ["Monday, an hour earlier since summer time has begun", "2026-03-06T22:00:00Z", "2026-03-09T13:30:00.000Z"],
  ["Monday, an hour later since summer time has ended", "2026-10-30T21:00:00Z", "2026-11-02T14:30:00.000Z"],
])("a wait for market hours ends %s", async (_name, from, opening) => {
  const clock = clockAt(from);
  await new MarketHours("hours", clock).untilOpen(forever);
  expect(new Date(clock.now()).toISOString()).toBe(opening);
});

test("a closed market opens only when its mode changes, and a wait can be aborted", async () => {
  const hours = new MarketHours("closed", clockAt("2026-07-07T15:00:00Z"));
  const abort = new AbortController();
  const aborted = hours.untilOpen(abort.signal);
  const opened = hours.untilOpen(forever);
  abort.abort(new Error("enough"));
  await expect(aborted).rejects.toThrow("enough");
  hours.mode = "hours";
  await opened;
  expect(hours.isOpen()).toBe(true);
  hours.mode = "closed";
  expect(hours.isOpen()).toBe(false);
});

test("an open market does not wait", async () => {
  const clock = clockAt("2026-07-11T15:00:00Z");
  await new MarketHours("open", clock).untilOpen(forever);
  expect(clock.now()).toBe(Date.parse("2026-07-11T15:00:00Z"));
});
