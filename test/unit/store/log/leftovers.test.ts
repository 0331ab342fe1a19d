import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { loadDriver } from "../../../../src/store/driver.ts";
import { encodeRecords } from "../../../../src/store/log/record.ts";
import { markerOf } from "../../../../src/store/log/slots.ts";
import { openStore } from "../../../../src/store/store.ts";
import { tempFolder } from "../../../support/temp.ts";
import { delivery } from "./support.ts";
import type { Warning } from "../../../../src/core/errors.ts";

const NAME = "0_killed.1.log";

/** A record with the correct checksum around any text. */
function rawRecord(type: number, json: string, name = NAME): Buffer {
  const rest = Buffer.concat([Buffer.from([type]), Buffer.alloc(4), Buffer.from(json)]);
  rest.writeUInt32LE(Buffer.byteLength(json), 1);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(rest.length, 0);
  head.writeUInt32LE(crc32(rest, crc32(markerOf(name))), 4);
  return Buffer.concat([markerOf(name), head, rest]);
}

const recordOf = (id: string, name = NAME) =>
  encodeRecords([{ type: "delivery", delivery: delivery(id) }], markerOf(name));

/** Opens a store with these files in its log; returns what it lists, and its notices. */
async function openOver(files: Readonly<Record<string, Buffer>>, folder = tempFolder()) {
  const log = join(folder, "log");
  mkdirSync(log, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(log, name), bytes);
  await using store = await openStore({ folder });
  const notices: Warning[] = [];
  store.onNotice((notice) => notices.push(notice));
  const ids = (await store.list({ order: "oldest" })).map(({ id }) => id);
  const { keptFiles } = await store.examine();
  return { folder, log, ids, notices, keptFiles };
}

const notOfItsType = [
  ["JSON that is cut off", rawRecord(0, '["dlv_x"')],
  ["JSON that is no list", rawRecord(0, "{}")],
  ["no text at all", rawRecord(0, "")],
  ["a delivery without most of its fields", rawRecord(0, '["dlv_x"]')],
  [
    "a delivery with a number for its id",
    rawRecord(0, '[1,"sandbox",1,null,null,null,{"verdict":"unsigned"},"POST","/",[]]'),
  ],
  ["headers that are none", rawRecord(0, '["dlv_x","sandbox",1,null,null,null,{"verdict":"unsigned"},"POST","/",[1]]')],
  ["an answer that is none", rawRecord(1, "[[1,2,3]]")],
  ["an attempt that is none", rawRecord(2, '["dlv_x"]')],
  ["a type that a newer version writes", rawRecord(200, "[]")],
] as const;

describe("a record with the correct checksum", () => {
  it.each(notOfItsType)("and %s is skipped; the records around it are kept", async (_what, bytes) => {
    const { ids, log, notices, keptFiles } = await openOver({
      [NAME]: Buffer.concat([recordOf("dlv_1"), bytes, recordOf("dlv_2"), Buffer.alloc(5_000)]),
    });
    expect(ids).toEqual(["dlv_1", "dlv_2"]);
    expect(readdirSync(log)).toEqual([`${NAME}.damaged`]);
    expect(readFileSync(join(log, `${NAME}.damaged`)).includes(bytes)).toBe(true);
    expect(keptFiles.map(({ path }) => path)).toEqual([join(log, `${NAME}.damaged`)]);
    expect(notices).toMatchObject([
      { code: "log_damaged", message: expect.stringContaining(`1 record (${bytes.length} bytes)`) },
    ]);
  });
});

it("a record of a type that early versions wrote is skipped without a notice", async () => {
  const bytes = Buffer.concat([recordOf("dlv_1"), rawRecord(3, '["dlv_1"]'), recordOf("dlv_2")]);
  const { ids, log, notices } = await openOver({ [NAME]: bytes });
  expect(ids).toEqual(["dlv_1", "dlv_2"]);
  expect(readdirSync(log)).toEqual([]);
  expect(notices).toEqual([]);
});

it("a kept file is reported once, and never read or deleted afterwards", async () => {
  const damaged = Buffer.concat([recordOf("dlv_1"), Buffer.from("garbage"), recordOf("dlv_2")]);
  const { folder, log } = await openOver({ [NAME]: damaged });
  const again = await openOver({}, folder);
  expect(again.notices).toEqual([]);
  expect(again.ids).toEqual(["dlv_1", "dlv_2"]);
  // Restoring the file causes no duplicates and loses no file.
  const third = await openOver({ [NAME]: damaged }, folder);
  expect(third.ids).toEqual(["dlv_1", "dlv_2"]);
  expect(readdirSync(log)).toEqual([`${NAME}.damaged`, `${NAME}.damaged-2`]);
});

it("zeros in the middle of a log are damage, and at its end they are not", async () => {
  const { ids, notices } = await openOver({
    [NAME]: Buffer.concat([recordOf("dlv_1"), Buffer.alloc(4_096), recordOf("dlv_2"), Buffer.alloc(4_096)]),
  });
  expect(ids).toEqual(["dlv_1", "dlv_2"]);
  expect(notices).toHaveLength(1);
  const clean = await openOver({ [NAME]: Buffer.concat([recordOf("dlv_1"), Buffer.alloc(4_096)]) });
  expect([clean.ids, clean.notices, readdirSync(clean.log)]).toEqual([["dlv_1"], [], []]);
});

it("the partial record of a process that was killed while writing is kept and reported", async () => {
  const { ids, log, notices } = await openOver({
    [NAME]: Buffer.concat([recordOf("dlv_1"), recordOf("dlv_2").subarray(0, 60), Buffer.alloc(4_096)]),
  });
  expect(ids).toEqual(["dlv_1"]);
  expect(notices).toMatchObject([{ code: "log_damaged" }]);
  expect(existsSync(join(log, `${NAME}.damaged`))).toBe(true);
});

it("a length that points beyond the next records does not lose them", async () => {
  const first = recordOf("dlv_1");
  first.writeUInt32LE(first.readUInt32LE(8) + first.length, 8);
  const { ids, notices } = await openOver({
    [NAME]: Buffer.concat([first, recordOf("dlv_2"), recordOf("dlv_3")]),
  });
  expect(ids).toEqual(["dlv_2", "dlv_3"]);
  expect(notices).toHaveLength(1);
});

it("a record that a sender hid in a body is never accepted, with any damage", async () => {
  const hidden = encodeRecords([{ type: "delivery", delivery: delivery("dlv_forged") }], Buffer.alloc(8));
  const outer = encodeRecords(
    [{ type: "delivery", delivery: { ...delivery("dlv_1"), body: Buffer.concat([hidden, hidden]) } }],
    markerOf(NAME),
  );
  outer[30] = (outer[30] ?? 0) ^ 1;
  const { ids } = await openOver({ [NAME]: Buffer.concat([outer, recordOf("dlv_2")]) });
  expect(ids).toEqual(["dlv_2"]);
});

it("an entry with a segment's name that is not a segment blocks nothing, and is kept", async () => {
  const folder = tempFolder();
  const log = join(folder, "log");
  mkdirSync(join(log, "0_folder.1.log"), { recursive: true });
  writeFileSync(join(log, "0_folder.1.log", "inside"), "x");
  symlinkSync(join(folder, "elsewhere"), join(log, "1_link.1.log"));
  const other = "2_other.1.log";
  const { ids, notices } = await openOver(
    { "0_foreign.3.log": Buffer.from("my notes"), "0_empty.1.log": Buffer.alloc(0), [other]: recordOf("dlv_1", other) },
    folder,
  );
  expect(ids).toEqual(["dlv_1"]);
  expect(readdirSync(log).toSorted()).toEqual([
    "0_folder.1.log.damaged",
    "0_foreign.3.log.damaged",
    "1_link.1.log.damaged",
  ]);
  expect(notices.map(({ code }) => code)).toEqual(["log_damaged", "log_damaged", "log_damaged"]);
  expect(readFileSync(join(log, "0_folder.1.log.damaged", "inside"), "utf8")).toBe("x");
});

it("a segment of an early version, whose records have no markers, is read up to its first damage", async () => {
  const record = (id: string) => encodeRecords([{ type: "delivery", delivery: delivery(id) }], Buffer.alloc(0));
  const whole = await openOver({ "0_early.1": Buffer.concat([record("dlv_1"), record("dlv_2"), Buffer.alloc(99)]) });
  expect([whole.ids, whole.notices, readdirSync(whole.log)]).toEqual([["dlv_1", "dlv_2"], [], []]);
  const damaged = await openOver({
    "0_early.1": Buffer.concat([record("dlv_1"), Buffer.from("x"), record("dlv_2")]),
  });
  expect([damaged.ids, damaged.notices.length]).toEqual([["dlv_1"], 1]);
  expect(readdirSync(damaged.log)).toEqual(["0_early.1.damaged"]);
});

it("a delivery that the tables reject is in the kept file", async () => {
  const { ids, notices, log } = await openOver({
    [NAME]: Buffer.concat([recordOf("dlv_1"), recordOf("dlv_1"), recordOf("dlv_2")]),
  });
  expect(ids).toEqual(["dlv_1", "dlv_2"]);
  expect(notices).toMatchObject([{ code: "log_damaged" }]);
  expect(readdirSync(log)).toEqual([`${NAME}.damaged`]);
});

it("records that cannot be indexed now are reported and kept, and the store opens; the next one indexes them", async () => {
  const { folder, log } = await openOver({});
  writeFileSync(join(log, NAME), recordOf("dlv_1"));
  const hog = loadDriver().open(join(folder, "store.db"));
  hog.exec("BEGIN IMMEDIATE");
  const notices: Warning[] = [];
  {
    await using store = await openStore({ folder, busyTimeoutMs: 50 });
    store.onNotice((notice) => notices.push(notice));
    expect(await store.list({})).toEqual([]);
  }
  hog.exec("ROLLBACK");
  hog.close();
  expect(notices).toMatchObject([{ code: "store_unavailable", message: expect.stringContaining("stored in its log") }]);
  expect((await openOver({}, folder)).ids).toEqual(["dlv_1"]);
});
