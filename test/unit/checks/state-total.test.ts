import { expect, it } from "vitest";
import { formatUnits, totalOf } from "../../../src/checks/state-total.ts";

const told = (state: string) => {
  const total = totalOf(state);
  return total === undefined ? undefined : formatUnits(total);
};

it.each([
  ["7", "7"],
  ["0.1\n", "0.1"],
  ["-2.50", "-2.5"],
  ['{"accepted":3,"filled": 4}', "7"],
  ["accepted|3\nfilled|2\n", "5"],
  ["fills: 3, orders: 2.", "5"],
  ["fills:3 fills=2", "5"],
  ['{"total":"120.10","more":[1,2]}', "123.1"],
])("the numbers of %j add up to %s", (state, total) => {
  expect(told(state)).toBe(total);
});

it.each([
  ["", "nothing"],
  ["ord_123 a1b2 0f3a5c7e-1111-4222-8333-444455556666", "ids"],
  ["2026-11-24T10:20:30Z 10:20:30", "times"],
  ["2026-11-24", "a date"],
  ["1.2.3", "a version"],
])("%j contains no number: %s", (state) => {
  expect(told(state)).toBeUndefined();
});

it("adds decimals exactly", () => {
  const [before, after] = [totalOf("0.2") ?? 0n, totalOf("0.30000000000000004") ?? 0n];
  expect(formatUnits(after - before)).toBe("0.1");
  expect(told("0.7999999999999999")).toBe("0.8");
});
