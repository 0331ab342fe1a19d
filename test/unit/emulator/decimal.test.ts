import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  costOf,
  decimal,
  divide,
  formatDecimal,
  formatMoney,
  multiply,
  parseDecimal,
  round,
} from "../../../src/emulator/decimal.ts";

describe("decimals", () => {
  test.each(["", "-1", "+1", "1e3", "1.", ".5", "1,000", " 1", "0x1", "1.0000000001", "1234567890123", "NaN", "١"])(
    "%j is invalid",
    (text) => {
      expect(parseDecimal(text)).toBeUndefined();
    },
  );

  test.each([
    ["0", 0, "0"],
    ["10", 0, "10"],
    ["10", 2, "10.00"],
    ["178.50", 0, "178.5"],
    ["0.000000001", 2, "0.000000001"],
    ["007.10", 2, "7.10"],
  ])("%s with at least %i decimals is formatted as %s", (text, least, written) => {
    expect(formatDecimal(decimal(text), least)).toBe(written);
  });

  test("more decimals than are allowed are refused, not cut off", () => {
    expect(parseDecimal("1.001", 2)).toBeUndefined();
    expect(parseDecimal("1.00", 2)).toBe(decimal("1"));
  });

  test("a debt has a minus sign", () => {
    expect(formatMoney(-decimal("0.5"))).toBe("-0.50");
  });

  test("costs are whole cents, halves rounded up", () => {
    expect(formatMoney(costOf(decimal("0.5"), decimal("0.01")))).toBe("0.01");
    expect(formatMoney(costOf(decimal("0.4"), decimal("0.01")))).toBe("0.00");
    expect(formatMoney(costOf(decimal("3"), decimal("178.50")))).toBe("535.50");
    expect(formatDecimal(round(decimal("178.49995"), 4))).toBe("178.5");
  });

  const anyDecimal = fc.bigInt({ min: 0n, max: 10n ** 20n });

  test("every formatted value can be parsed", () => {
    fc.assert(
      fc.property(anyDecimal, fc.integer({ min: 0, max: 9 }), (value, least) => {
        expect(parseDecimal(formatDecimal(value, least))).toBe(value);
      }),
    );
  });

  test("the quantity that an amount of money buys never costs more than it", () => {
    fc.assert(
      fc.property(anyDecimal, fc.bigInt({ min: 1n, max: 10n ** 15n }), (money, price) => {
        expect(multiply(divide(money, price), price)).toBeLessThanOrEqual(money);
      }),
    );
  });
});
