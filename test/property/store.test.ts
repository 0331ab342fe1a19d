import * as fc from "fast-check";
import { expect, it } from "vitest";
import { readDelivery, type HeaderPair } from "../../src/core/delivery.ts";
import { newId } from "../../src/platform/ids.ts";
import { openStore } from "../../src/store/store.ts";
import { tempFolder } from "../support/temp.ts";

const latin1 = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
const anyText = fc.string({ unit: "binary", maxLength: 20 });
const loneSurrogate = fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => `x${String.fromCharCode(code)}`);
const jsonBody = fc
  .record({
    event: fc.oneof(anyText, loneSurrogate),
    timestamp: anyText,
    data: fc.record({ id: fc.oneof(anyText, loneSurrogate) }),
  })
  .map((value) => Buffer.from(JSON.stringify(value)));
const body = fc.oneof(
  fc.uint8Array({ maxLength: 3_000 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((text) => Buffer.from(text)),
  jsonBody,
);
const request = fc.record({
  method: fc.constantFrom("POST", "PUT"),
  path: latin1,
  headers: fc.array(fc.tuple(latin1, latin1), { maxLength: 8 }) as fc.Arbitrary<HeaderPair[]>,
  body,
  receivedAt: fc.integer({ min: 0, max: 4_000_000_000_000 }),
});

it("any bytes and headers that are stored can be read, also after opening the store again", async () => {
  const folder = tempFolder();
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 6 }), async (requests) => {
      const deliveries = requests.map((each) => readDelivery(newId("dlv"), each));
      {
        await using store = await openStore({ folder });
        await Promise.all(deliveries.map((each) => store.append(each, { verdict: "unsigned" }, "sandbox")));
      }
      await using store = await openStore({ folder });
      for (const delivery of deliveries) {
        const found = await store.find(delivery.id);
        expect(found).toMatchObject(delivery);
        expect(found.body.equals(delivery.body)).toBe(true);
        expect(found.headers).toEqual(delivery.headers);
        if (delivery.resourceId === null) continue;
        const sameResource = await store.list({ resourceId: delivery.resourceId });
        expect(sameResource.map((each) => each.id)).toContain(delivery.id);
        expect(new Set(sameResource.map((each) => each.resourceId))).toEqual(new Set([delivery.resourceId]));
      }
    }),
    { numRuns: 60 },
  );
});
