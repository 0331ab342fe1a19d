import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { HeaderPair } from "../../src/core/delivery.ts";
import { decodeRecord, encodeRecords, type LogRecord } from "../../src/store/log/record.ts";
import { openStore } from "../../src/store/store.ts";
import { tempFolder } from "../support/temp.ts";

const text = fc.string({ unit: "binary", maxLength: 20 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each));
const header = fc.tuple(text, text) as fc.Arbitrary<HeaderPair>;
const millis = fc.integer({ min: 0, max: 4_000_000_000_000 });

const delivery: fc.Arbitrary<LogRecord> = fc.record({
  type: fc.constant("delivery" as const),
  delivery: fc.record({
    id: fc.uuid().map((id) => `dlv_${id}`),
    environment: fc.constantFrom("sandbox", "emulator"),
    receivedAt: millis,
    event: fc.option(text),
    resourceId: fc.option(text),
    identityKey: fc.option(fc.constantFrom("aaaa", "bbbb")),
    verification: fc.constant({ verdict: "unsigned" as const }),
    method: fc.constant("POST"),
    path: text,
    headers: fc.array(header, { maxLength: 4 }),
    body: bytes,
  }),
});
const answers: fc.Arbitrary<LogRecord> = fc.record({
  type: fc.constant("answers" as const),
  answers: fc.array(fc.tuple(text, fc.integer({ min: 100, max: 599 }), fc.integer({ min: 0, max: 9_999 }))),
});
const deferred: fc.Arbitrary<LogRecord> = fc.record({
  type: fc.constant("deferred" as const),
  deliveryIds: fc.array(text),
});
const forward: fc.Arbitrary<LogRecord> = fc.record({
  type: fc.constant("forward" as const),
  attempt: fc.record({
    deliveryId: text,
    cause: fc.constantFrom("live" as const, "edited" as const),
    url: text,
    outcome: fc.oneof(
      fc.record({
        kind: fc.constant("failed" as const),
        reason: fc.constant("refused" as const),
        message: text,
        startedAt: millis,
        durationMs: fc.integer({ min: 0 }),
      }),
      fc.record({
        kind: fc.constant("answered" as const),
        status: fc.integer({ min: 200, max: 599 }),
        headers: fc.array(header, { maxLength: 3 }),
        body: bytes,
        bodyBytes: fc.integer({ min: 0, max: 1_000 }),
        startedAt: millis,
        durationMs: fc.integer({ min: 0 }),
      }),
    ),
  }),
});
const record = fc.oneof(delivery, answers, forward, deferred);

/** All records from the beginning, and where they end. */
function readAll(log: Buffer): { records: LogRecord[]; end: number } {
  const records: LogRecord[] = [];
  for (let at = 0; ;) {
    const decoded = decodeRecord(log, at);
    if (decoded === undefined) return { records, end: at };
    records.push(decoded.record);
    at = decoded.next;
  }
}

it("what is written is read again, whatever it is", () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 6 }), (records) => {
      expect(readAll(encodeRecords(records)).records).toEqual(records);
    }),
  );
});

it("a log that ends anywhere, in zeros or in anything else, gives the whole records before that", () => {
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 5 }),
      fc.nat(),
      fc.oneof(
        fc.constant(Buffer.alloc(0)),
        fc.constant(Buffer.alloc(64)),
        fc.uint8Array({ maxLength: 64 }).map((each) => Buffer.from(each)),
      ),
      (records, cutAt, tail) => {
        const encoded = records.map((each) => encodeRecords([each]));
        const whole = Buffer.concat(encoded);
        const cut = cutAt % whole.length;
        const log = Buffer.concat([whole.subarray(0, cut), tail]);
        let [count, size] = [0, 0];
        for (const each of encoded) {
          if (size + each.length > cut) break;
          size += each.length;
          count += 1;
        }
        const read = readAll(log);
        expect(read.records.slice(0, count)).toEqual(records.slice(0, count));
        // What follows is only read as a record if it is one, byte for byte.
        expect(read.records.length === count || log.subarray(0, read.end).equals(whole.subarray(0, read.end))).toBe(
          true,
        );
      },
    ),
  );
});

it("a byte that is not as it was written ends the log there", () => {
  fc.assert(
    fc.property(delivery, fc.nat(), fc.integer({ min: 1, max: 255 }), (each, at, change) => {
      const damaged = Buffer.from(encodeRecords([each]));
      const place = at % damaged.length;
      damaged[place] = (damaged[place] ?? 0) ^ change;
      const read = readAll(damaged);
      expect(read.records).toEqual([]);
    }),
  );
});

it("what a killed process left in its log is brought in once, up to the half record at its end", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(delivery, {
        minLength: 1,
        maxLength: 5,
        selector: (each) => (each.type === "delivery" ? each.delivery.id : ""),
      }),
      fc.nat(),
      async (records, cutAt) => {
        const folder = tempFolder();
        mkdirSync(join(folder, "log"), { recursive: true });
        const encoded = records.map((each) => encodeRecords([each]));
        const whole = Buffer.concat(encoded);
        const file = join(folder, "log", "0_killed.1");
        writeFileSync(file, whole.subarray(0, cutAt % (whole.length + 1)));
        const expected = readAll(readFileSync(file)).records;
        for (let turn = 0; turn < 2; turn += 1) {
          await using store = await openStore({ folder });
          const found = await store.list({});
          const ids = (each: LogRecord) => (each.type === "delivery" ? [each.delivery.id] : []);
          expect(found.map(({ id }) => id).toSorted()).toEqual(expected.flatMap(ids).toSorted());
        }
      },
    ),
    { numRuns: 25 },
  );
});
