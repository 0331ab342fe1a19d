import { expect, it } from "vitest";
import { isKnownEvent, misspelledEvent, unknownEvent } from "../../../src/core/events.ts";

it.each([
  "order.filled",
  "order.*",
  "*",
  "transfer.*",
  "kyc.verification.approved",
  "kyc.*",
  "compliance.any",
  "deposit.*",
])("%s is known", (pattern) => {
  expect(isKnownEvent(pattern)).toBe(true);
  expect(misspelledEvent(pattern)).toBeUndefined();
});

it.each([
  ["order.filld", "order.filled"],
  ["order.fill", "order.filled"],
  ["ordr.filled", "order.filled"],
  ["ORDER.FILLED", "order.filled"],
  ["order.cancelled", "order.canceled"],
  ["ordr.*", "order.*"],
  ["Order.*", "order.*"],
  ["kcy.*", "kyc.*"],
])("%s is a misspelling of %s", (pattern, meant) => expect(misspelledEvent(pattern)).toBe(meant));

// One edition names transfers without their prefix.
it.each([
  ["deposit.completed", ["transfer.deposit.completed", "document.approved"], "transfer.deposit.completed"],
  ["deposit.*", ["transfer.deposit.completed", "document.approved"], "transfer.deposit.*"],
  ["transfer.withdrawal.failed", ["withdrawal.failed", "transfer.created"], "withdrawal.failed"],
])("%s means the name that another edition lists: %j", (pattern, names, meant) => {
  expect(isKnownEvent(pattern, names)).toBe(false);
  const { hint } = unknownEvent(pattern, { names, source: "the API lists" });
  expect(hint).toContain(`Did you mean ${meant}?`);
});

it.each(["order.expired", "order.replaced", "my.event", "x", "transfer.deposit.received", "dividend.*", "trade"])(
  "%s may be an event, though not a known one",
  (pattern) => {
    expect(isKnownEvent(pattern)).toBe(false);
    expect(misspelledEvent(pattern)).toBeUndefined();
    expect(unknownEvent(pattern, { source: "is documented" })).toMatchObject({
      code: "unknown_event",
      message: `${pattern} matches no event that is documented`,
    });
  },
);
