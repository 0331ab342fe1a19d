import { expect, it } from "vitest";
import { matchesPattern } from "../../../src/core/events.ts";

it.each([
  ["order.*", "order.filled", true],
  ["order.*", "order", false],
  ["order.*", "reorder.filled", false],
  ["transfer.*", "transfer.deposit.completed", true],
  ["transfer.*.completed", "transfer.deposit.completed", true],
  ["*", "anything.at.all", true],
  ["order.filled", "order.filled", true],
  ["order.filled", "order_filled", false],
  ["order.f(.+)*", "order.filled", false],
])("the pattern %s matches %s: %s", (pattern, event, covers) => {
  expect(matchesPattern(pattern, event)).toBe(covers);
});
