import * as fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { clean, cleanBlock } from "../../src/output/privacy/clean.ts";
import { createPaint } from "../../src/output/color.ts";
import { deliveryLine, summarized } from "../../src/output/live/lines.ts";
import { recordLine } from "../../src/output/export/fact-record.ts";
import { Secrets } from "../../src/output/privacy/mask-secrets.ts";
import { columnsOf, fit } from "../../src/output/text.ts";
import { AT, delivery } from "../unit/output/samples.ts";

const CONTROL = new RegExp(String.raw`[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]`);

/** Malicious text: any code units, with many that terminals interpret. */
const hostile = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom(
        "\x1b",
        "\x1b[",
        "\x1b]8;;",
        "\x07",
        "\x9b",
        "\x9d",
        "\x1b\\",
        "\n",
        "\t",
        "\r",
        "\u202e",
        "😀",
        "a",
        ";",
        "m",
      ),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(""));

describe("for any input", () => {
  it("cleaned text contains nothing that a terminal interprets, and is well formed", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(cleanBlock(text)).not.toMatch(CONTROL);
        expect(clean(text)).not.toMatch(CONTROL);
        expect(clean(text)).not.toMatch(/[\t\n\u2028\u2029]/);
        expect(Buffer.from(clean(text)).toString()).toBe(clean(text));
      }),
    );
  });

  it("cleaning a clean text changes nothing", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(clean(clean(text))).toBe(clean(text));
      }),
    );
  });

  it("fitted text fills no more columns than allowed", () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 0, max: 60 }), (text, columns) => {
        expect(stringWidth(fit(clean(text), columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it("a delivery is one clean line within the terminal", () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, fc.integer({ min: 40, max: 160 }), (event, id, status, columns) => {
        const body = Buffer.from(JSON.stringify({ event, data: { id, status } }));
        const line = deliveryLine(
          summarized(delivery(body)),
          { status: 200, durationMs: 4 },
          { columns, paint: createPaint(false) },
        );
        expect(line).not.toMatch(CONTROL);
        expect(line).not.toContain("\n");
        expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it("a record is one line that can be parsed to what was sent", () => {
    fc.assert(
      fc.property(fc.jsonValue(), hostile, (value, text) => {
        const sent = JSON.parse(JSON.stringify({ event: text, value })) as unknown;
        const line = recordLine({ type: "delivery", at: AT, delivery: delivery(Buffer.from(JSON.stringify(sent))) });
        expect(line.slice(0, -1)).not.toMatch(/[\n\r\u2028\u2029]/);
        expect(line.slice(0, -1)).not.toMatch(CONTROL);
        expect(JSON.parse(line).payload).toStrictEqual(sent);
      }),
    );
  });

  it("masked text contains no secret", () => {
    const secret = fc.string({ minLength: 8, maxLength: 20 }).filter((text) => !text.endsWith("\\"));
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 3 }), fc.array(fc.string()), (secrets, around) => {
        const known = new Secrets();
        known.learn(secrets);
        const masked = known.mask(around.join(secrets.join(" ")));
        for (const each of secrets) expect(masked).not.toContain(each);
      }),
    );
  });
});

describe("columnsOf", () => {
  const own = fc.constantFrom(...Array.from("→…✗✓·•×↳●– ~aZ0"), "👍🏽", "é", "e\u0301", "✗\ufe0f", "日", "\x1b[31m");

  it("is the width that string-width measures", () => {
    fc.assert(
      fc.property(fc.string({ unit: own, maxLength: 20 }), (text) => {
        expect(columnsOf(text)).toBe(stringWidth(text));
      }),
    );
  });

  it("is the width that string-width measures, for each character of printable ASCII", () => {
    for (let code = 0x20; code < 0x7f; code += 1) {
      const text = String.fromCharCode(code);
      expect(columnsOf(text)).toBe(stringWidth(text));
    }
  });
});
