import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bodyText, readDelivery } from "../../src/core/delivery.ts";
import { JsonText, parseJson, scalarText, stringify } from "../../src/core/json-text.ts";
import { newEmission } from "../../src/emulator/entities/emission.ts";
import { readableBody } from "../../src/output/reports/body-view.ts";
import { EXPORT_FORMATS } from "../../src/output/export/formats.ts";
import { recordLine } from "../../src/output/export/fact-record.ts";
import { Redactor } from "../../src/output/privacy/redact.ts";
import { summarize } from "../../src/output/live/summaries.ts";
import { editPayload } from "../../src/features/events/edit-payload.ts";
import { prepareEvent } from "../../src/features/events/send-event.ts";
import { readDocument } from "../../src/features/recipes/recipe-file.ts";
import { jsonText, numbersIn, numberText } from "../support/json-texts.ts";
import { AT, delivery } from "../unit/output/samples.ts";

const event = (data: string) => `{"event":"x","timestamp":"2025-06-15T14:30:15Z","data":${data}}`;
const stored = (text: string) => delivery(Buffer.from(text));
const send = (data: string, set: Parameters<typeof editPayload>[1] = []) =>
  prepareEvent(
    {
      event: "x",
      generation: "current",
      owner: undefined,
      data: new JsonText(data),
      set,
      variant: "signed",
      scheme: "hex",
    },
    { secret: "whsec_c2VjcmV0", now: AT },
  ).body.toString();

/** Everything that shows, sends or rewrites payloads: the payload's text → the result. */
const PATHS: Readonly<Record<string, (data: string) => string>> = {
  "events show": (data) => readableBody(Buffer.from(event(data))),
  "a record of --json": (data) => {
    const line = recordLine({ type: "delivery", at: AT, delivery: stored(event(data)) });
    return line.slice(line.indexOf('"payload":'));
  },
  "trigger event --data": (data) => send(`{"id":"a","value":${data}}`),
  "trigger event --set": (data) => send("{}", [{ path: "data.value", json: data }]),
  "replay --set": (data) => editPayload(event(data), [{ path: "data2.a", json: '"new"' }]).text,
  "a recipe": (data) => {
    const recipe = readDocument(`[{ "event": { "name": "x", "data": { "value": ${data.trim()} } } }]`);
    if (!("steps" in recipe)) throw new Error(recipe[0]?.message);
    return stringify(recipe.steps.map((step) => step.value));
  },
  "an event of the emulator": (data) =>
    newEmission("x", { value: parseJson(data) }, { clock: { now: () => 0 }, payload: "event" })
      .body.toString()
      .replace(/"timestamp":"[^"]*"/, ""),
  "an answer of the API": (data) => stringify(parseJson(data)),
};

describe("an unchanged number keeps its spelling in", () => {
  it.each(Object.keys(PATHS))("%s", (path) => {
    fc.assert(
      fc.property(jsonText, (data) => {
        const out = PATHS[path]?.(data) ?? "";
        expect(numbersIn(out)).toEqual(numbersIn(data));
      }),
      { numRuns: 300 },
    );
  });

  it("every format of an export, with the body unchanged", () => {
    fc.assert(
      fc.property(jsonText, (data) => {
        const text = event(data);
        for (const format of ["ndjson", "har"] as const) {
          const item = EXPORT_FORMATS[format]({ version: "1", isRedacted: false }).item(
            { delivery: stored(text), attempts: [] },
            0,
          );
          expect(item).toContain(JSON.stringify(text).slice(1, -1).replaceAll("\u2028", "\\u2028"));
        }
      }),
    );
  });

  it("a change of one value: all other bytes stay", () => {
    fc.assert(
      fc.property(jsonText, jsonText, numberText, (before, after, number) => {
        const text = `{"before":${before},"changed":{"a":[0, 1.0]},"after":${after}}`;
        const edited = editPayload(text, [{ path: "changed.a[1]", json: number }]).text;
        expect(edited).toBe(`{"before":${before},"changed":{"a":[0, ${number}]},"after":${after}}`);
      }),
    );
  });

  it("a redacted export, where it is an amount", () => {
    fc.assert(
      fc.property(numberText, (number) => {
        const text = `{"event":"x","data":{"amount":${number}, "prices":[${number}]}}`;
        expect(new Redactor().json(text)).toBe(text);
      }),
    );
  });

  it("a resource's id, a timestamp and a summary", () => {
    fc.assert(
      fc.property(numberText, (number) => {
        const text = `{"event":"order.filled","timestamp":${number},"data":{"id":${number},"quantity":${number},"average_price":${number}}}`;
        const read = readDelivery("dlv_1", {
          method: "POST",
          path: "/",
          headers: [],
          body: Buffer.from(text),
          receivedAt: 0,
        });
        expect([read.resourceId, read.timestamp]).toEqual([number, number]);
        expect(summarize(read)).toBe(`filled ${number} @ ${number}`);
      }),
    );
  });
});

it("the result equals that of JSON.parse, except for the spelling of numbers", () => {
  const plain = (value: unknown): unknown => {
    if (value instanceof JsonText) return Number(scalarText(value));
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
  };
  fc.assert(
    fc.property(jsonText, (text) => {
      expect(plain(parseJson(text))).toEqual(JSON.parse(text));
      expect(JSON.parse(stringify(parseJson(text)))).toEqual(JSON.parse(text));
      expect(bodyText(Buffer.from(text))).toBe(text);
    }),
    { numRuns: 500 },
  );
});
