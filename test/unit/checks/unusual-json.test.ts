import * as fc from "fast-check";
import { expect, it } from "vitest";
import { unusualJson } from "../../../src/checks/signature-checks.ts";

it("has the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(JSON.parse(unusualJson(plain))).toEqual(plain);
    }),
  );
});

it("has a form that no serializer writes", () => {
  const event = { event: "order.filled", data: { id: "ord_1", count: 1, url: "a/b", none: null, list: [1, "x"] } };
  const text = unusualJson(event);
  expect(text).not.toBe(JSON.stringify(event));
  expect(text).toContain(String.raw`\u006Frder.filled`);
  expect(text).toContain(String.raw`\u0061\/b`);
  expect(text).toContain("1.0E0");
  expect(text.indexOf("data")).toBeLessThan(text.indexOf("event"));
  expect(text).toMatch(/\{\n\t/);
});
