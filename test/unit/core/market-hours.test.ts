import { expect, it } from "vitest";
import { isMarketOpen, nextOpening, spellOpening } from "../../../src/core/market-hours.ts";

// Sandbox page: market orders outside 09:30 to 16:00 in New York queue until the next simulated open.
it.each([
  ["Monday in winter, one minute before the open", "2026-01-12T14:29:59Z", "Monday, 09:30 in New York"],
  ["at the open in winter", "2026-01-12T14:30:00Z", undefined],
  ["at the open in summer, when New York is four hours behind", "2026-07-13T13:30:00Z", undefined],
  ["one minute before it", "2026-07-13T13:29:00Z", "Monday, 09:30 in New York"],
  ["the last minute", "2026-07-13T19:59:59Z", undefined],
  ["at the close", "2026-07-13T20:00:00Z", "Tuesday, 09:30 in New York"],
  ["Friday evening", "2026-07-17T20:00:00Z", "Monday, 09:30 in New York"],
  ["Saturday", "2026-07-18T15:00:00Z", "Monday, 09:30 in New York"],
  ["Sunday, although it is Monday in London", "2026-07-20T00:30:00Z", "Monday, 09:30 in New York"],
  ["the Monday after clocks changed in New York, before they do in London", "2026-03-09T13:30:00Z", undefined],
  ["midnight", "2026-07-14T04:00:00Z", "Tuesday, 09:30 in New York"],
])("%s (%s): the next open is %s", (_when, at, expected) => {
  const now = Date.parse(at);
  expect(isMarketOpen(now) ? undefined : spellOpening(nextOpening(now))).toBe(expected);
});
