import { assert, boolean, property, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeRecord, encodeRecord, RecordUnreadable, type TeamRecord } from "../../../src/team/record.ts";
import { newTeamKey, seal, SealBroken, teamKey, unseal } from "../../../src/team/seal.ts";

const key = newTeamKey();
const place = { log: "0d9e7b52-6b1c-4d1e-9f58-0a4f1f3f6a10", id: "dlv_one" };

const record: TeamRecord = {
  receivedAt: 1_750_000_000_000,
  environment: "sandbox",
  method: "POST",
  path: "/webhooks/bluum?x=1",
  headers: [["X-Name", "J\u00fcrgen"]],
  event: "order.filled",
  resourceId: null,
  identity: { source: "bytes", key: "ab" },
  verification: { verdict: "verified" },
  answer: { status: 200, durationMs: 1.5 },
  member: "ana@laptop",
  body: Buffer.from([0, 255, 1]),
};

describe("a sealed record", () => {
  it("opens to the same bytes, whatever they are", () => {
    assert(
      property(uint8Array({ maxLength: 5_000 }), boolean(), (bytes, isRepeated) => {
        const plain = isRepeated ? Buffer.concat([Buffer.from(bytes), Buffer.alloc(5_000, 7)]) : Buffer.from(bytes);
        expect(unseal(seal(plain, key, place), key, place).equals(plain)).toBe(true);
      }),
    );
  });

  it("is smaller than its content if that compresses, and at most 30 bytes larger if not", () => {
    expect(seal(Buffer.alloc(10_000), key, place).length).toBeLessThan(100);
    expect(seal(key.bytes, key, place).length).toBe(key.bytes.length + 30);
  });

  it("differs each time, so that equal deliveries cannot be recognized", () => {
    const plain = Buffer.from("the same");
    expect(seal(plain, key, place).equals(seal(plain, key, place))).toBe(false);
  });

  it("does not open with another key, in another log, or for another delivery", () => {
    const sealed = seal(Buffer.from("content"), key, place);
    for (const [otherKey, otherPlace] of [
      [newTeamKey(), place],
      [key, { ...place, log: "another" }],
      [key, { ...place, id: "dlv_two" }],
    ] as const) {
      expect(() => unseal(sealed, otherKey, otherPlace)).toThrow(SealBroken);
    }
  });

  it("does not open if any byte is altered or missing", () => {
    const sealed = seal(Buffer.from("content"), key, place);
    for (let at = 0; at < sealed.length; at += 1) {
      const altered = Buffer.from(sealed);
      altered[at]! ^= 1;
      expect(() => unseal(altered, key, place)).toThrow(SealBroken);
      expect(() => unseal(sealed.subarray(0, at), key, place)).toThrow(SealBroken);
    }
  });
});

describe("a team key", () => {
  it("has a name that depends on it alone", () => {
    expect(teamKey(key.bytes).id).toBe(key.id);
    expect(key.id).toMatch(/^[\da-f]{8}$/);
    expect(newTeamKey().id).not.toBe(key.id);
  });

  it("cannot have another length", () => {
    expect(() => teamKey(Buffer.alloc(16))).toThrow(RangeError);
  });
});

describe("a record", () => {
  it("keeps every field and every byte", () => {
    expect(decodeRecord(encodeRecord(record))).toEqual(record);
    const { answer: _answer, ...unanswered } = record;
    expect(decodeRecord(encodeRecord({ ...unanswered, body: Buffer.alloc(0) }))).toMatchObject({
      ...unanswered,
      body: Buffer.alloc(0),
    });
  });

  it("may have fields of a newer version", () => {
    const newer = { ...record, shade: "blue" } as TeamRecord;
    expect(decodeRecord(encodeRecord(newer))).toMatchObject(record);
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["a length beyond its end", Buffer.from([0, 0, 1, 0, 1])],
    ["text that is not JSON", Buffer.concat([Buffer.from([0, 0, 0, 2]), Buffer.from("{]")])],
    ["a list", Buffer.concat([Buffer.from([0, 0, 0, 2]), Buffer.from("[]")])],
    ["a missing field", encodeRecord({ ...record, method: undefined } as unknown as TeamRecord)],
    ["a header that is not a pair", encodeRecord({ ...record, headers: [["X"]] } as unknown as TeamRecord)],
  ])("cannot be read from %s", (_what, bytes) => {
    expect(() => decodeRecord(bytes)).toThrow(RecordUnreadable);
  });
});
