import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { HeaderPair } from "../../src/core/delivery.ts";
import { encodeRecords, type LogRecord } from "../../src/store/log/record.ts";
import { markerOf } from "../../src/store/log/slots.ts";
import { openStore } from "../../src/store/store.ts";
import { tempFolder } from "../support/temp.ts";
import { scanAll } from "../unit/store/log/support.ts";

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
    unverified: fc.option(fc.record({ cutFrom: fc.option(fc.nat()) }), { nil: undefined }),
  }),
});
const answers: fc.Arbitrary<LogRecord> = fc.record({
  type: fc.constant("answers" as const),
  answers: fc.array(fc.tuple(text, fc.integer({ min: 100, max: 599 }), fc.integer({ min: 0, max: 9_999 }))),
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
const record = fc.oneof(delivery, answers, forward);

const MARKER = markerOf("0_test.1.log");
const encode = (records: readonly LogRecord[]) => records.map((each) => encodeRecords([each], MARKER));

/** The result of scanning a file with these bytes, with windows so small that records cross them. */
function scanBytes(log: Buffer, windowBytes = 64) {
  const file = join(tempFolder(), "0_test.1.log");
  writeFileSync(file, log);
  return scanAll(file, { windowBytes });
}

/** Whether these records occur among the others, in the same order. */
function isSubsequence(some: readonly LogRecord[], all: readonly LogRecord[]): boolean {
  const bytesOf = (each: LogRecord) => encodeRecords([each], Buffer.alloc(0)).toString("latin1");
  const among = all.map(bytesOf);
  let at = -1;
  return some.every((each) => (at = among.indexOf(bytesOf(each), at + 1)) !== -1);
}

it("everything that is written can be read", () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 6 }), (records) => {
      const scan = scanBytes(Buffer.concat(encode(records)));
      expect(scan).toEqual({ records, unreadable: { records: 0, bytes: 0 } });
    }),
  );
});

it("a log that ends anywhere, in zeros or in other bytes, yields the complete records before that", () => {
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
        const encoded = encode(records);
        const whole = Buffer.concat(encoded);
        const cut = cutAt % whole.length;
        const log = Buffer.concat([whole.subarray(0, cut), tail]);
        let [count, size] = [0, 0];
        for (const each of encoded) {
          if (size + each.length > cut) break;
          size += each.length;
          count += 1;
        }
        const read = scanBytes(log);
        expect(read.records.slice(0, count)).toEqual(records.slice(0, count));
        // A later record is only read if it is one, byte for byte.
        expect(isSubsequence(read.records, records)).toBe(true);
        const rest = log.subarray(size);
        const isSaid = read.unreadable.records > 0;
        expect(isSaid || read.records.length > count || rest.every((byte) => byte === 0)).toBe(true);
      },
    ),
  );
});

/** Bodies that look like a log: records without a marker, or with that of another segment. */
const disguised: fc.Arbitrary<LogRecord> = fc
  .tuple(delivery, record, fc.constantFrom(Buffer.alloc(0), markerOf("0_other.1.log")))
  .map(([outer, inner, marker]) =>
    outer.type === "delivery"
      ? { ...outer, delivery: { ...outer.delivery, body: encodeRecords([inner, inner], marker) } }
      : outer,
  );
const written = fc.array(fc.oneof(record, disguised), { minLength: 1, maxLength: 8 });

it("any number of flipped bits lose only the records that they hit, and create none that was not written", () => {
  fc.assert(
    fc.property(
      written,
      fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 32, max: 500 }),
      (records, flips, windowBytes) => {
        const encoded = encode(records);
        const log = Buffer.concat(encoded);
        const bits = new Set(flips.map((flip) => flip % (log.length * 8)));
        for (const bit of bits) log[bit >> 3] = (log[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        let begin = 0;
        const isHit = encoded.map(({ length }) => {
          const [from, to] = [begin * 8, (begin += length) * 8];
          return [...bits].some((bit) => bit >= from && bit < to);
        });
        const scan = scanBytes(log, windowBytes);
        expect(isSubsequence(scan.records, records)).toBe(true);
        expect(
          isSubsequence(
            records.filter((_, at) => !isHit[at]),
            scan.records,
          ),
        ).toBe(true);
        expect(scan.unreadable.records > 0).toBe(scan.records.length < records.length);
        expect(scan.unreadable.records).toBeLessThanOrEqual(isHit.filter(Boolean).length);
      },
    ),
    { numRuns: 300 },
  );
});

it("a missing or overwritten stretch loses only the records in it", () => {
  fc.assert(
    fc.property(
      written,
      fc.nat(),
      fc.nat({ max: 900 }),
      fc.oneof(
        fc.constant(Buffer.alloc(0)),
        fc.integer({ min: 1, max: 300 }).map((length) => Buffer.alloc(length)),
        fc.uint8Array({ minLength: 1, maxLength: 300 }).map((each) => Buffer.from(each)),
        fc.array(record, { minLength: 1, maxLength: 2 }).map((each) => encodeRecords(each, Buffer.alloc(0))),
      ),
      (records, startAt, length, instead) => {
        const encoded = encode(records);
        const whole = Buffer.concat(encoded);
        const start = startAt % whole.length;
        const stop = Math.min(start + length, whole.length);
        const log = Buffer.concat([whole.subarray(0, start), instead, whole.subarray(stop)]);
        let begin = 0;
        const untouched = records.filter((_, at) => {
          const from = begin;
          begin += encoded[at]?.length ?? 0;
          return begin <= start || from >= stop;
        });
        const scan = scanBytes(log);
        expect(isSubsequence(untouched, scan.records)).toBe(true);
        expect(isSubsequence(scan.records, records)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

it("the log of a killed process is indexed once, up to the partial record at its end", async () => {
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
        const name = "0_killed.1.log";
        const file = join(folder, "log", name);
        const whole = encodeRecords(records, markerOf(name));
        writeFileSync(file, whole.subarray(0, cutAt % (whole.length + 1)));
        const expected = scanAll(file).records;
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
