import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { loadDriver } from "../../../src/store/driver.ts";
import { encodeRecords } from "../../../src/store/log/record.ts";
import { markerOf } from "../../../src/store/log/slots.ts";
import { migrate, MIGRATIONS } from "../../../src/store/migrations.ts";
import { openReadOnly, openStoreReader } from "../../../src/store/open-reader.ts";
import { openStore, type StoreReader } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";
import { delivery } from "./log/support.ts";
import { makeDelivery, VERIFIED } from "./support.ts";
import type { Warning } from "../../../src/core/errors.ts";

/** The folder of copies, if any are created. */
let copies: string;
beforeEach(() => {
  copies = tempFolder();
  vi.stubEnv("TMPDIR", copies);
  return () => vi.unstubAllEnvs();
});

/** A store with these deliveries after a normal end: everything is in its one file. */
async function storeOf(...ids: string[]): Promise<string> {
  const folder = mkdtempSync(join(copies, "used-"));
  const store = await openStore({ folder });
  for (const id of ids) await store.append(makeDelivery({ id }), VERIFIED, "sandbox");
  await store[Symbol.asyncDispose]();
  const database = loadDriver().open(join(folder, "store.db"));
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  // libsql closes its files some time later.
  const closed = mkdtempSync(join(copies, "closed-"));
  cpSync(join(folder, "store.db"), join(closed, "store.db"));
  for (const name of ["log", "locks"]) mkdirSync(join(closed, name));
  return closed;
}

/** The folder of a store with these deliveries after its process was killed, without these files. */
async function killedStoreOf(ids: readonly string[], without: readonly string[] = []): Promise<string> {
  const folder = mkdtempSync(join(copies, "used-"));
  const left = mkdtempSync(join(copies, "killed-"));
  await using store = await openStore({ folder });
  for (const id of ids) await store.append(makeDelivery({ id }), VERIFIED, "sandbox");
  for (const file of ["store.db", "store.db-wal", "store.db-shm"]) {
    if (!without.includes(file)) cpSync(join(folder, file), join(left, file));
  }
  return left;
}

/** Every file in the folder, with its content. */
function contentOf(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      join(parentPath, name),
      // The index of a write-ahead log is temporary data, and records its readers.
      name.endsWith("-shm")
        ? ""
        : createHash("sha256")
            .update(readFileSync(join(parentPath, name)))
            .digest("hex"),
    ]),
  );
}

const idsIn = async (store: Pick<StoreReader, "list">) =>
  (await store.list({ order: "oldest" })).map(({ id }) => id).toSorted();

/** What a reader that cannot write returns and reports, and whether it has left everything unchanged. */
async function look(folder: string) {
  const before = contentOf(folder);
  const notices: Warning[] = [];
  await using store = await openReadOnly({ folder });
  store.onNotice((notice) => notices.push(notice));
  const [ids, { deliveries }] = [await idsIn(store), await store.examine()];
  expect(contentOf(folder)).toEqual(before);
  return { ids, deliveries, notices, copied: readdirSync(copies).some((name) => name.startsWith("bluum-hooks-")) };
}

describe("a store that cannot be written shows everything that was stored", () => {
  it("after a normal end, in place", async () => {
    const folder = await storeOf("dlv_1", "dlv_2");
    expect(await look(folder)).toEqual({ ids: ["dlv_1", "dlv_2"], deliveries: 2, notices: [], copied: false });
  });

  it("after its process was killed, in place", async () => {
    const folder = await killedStoreOf(["dlv_1", "dlv_2"]);
    expect(await look(folder)).toEqual({ ids: ["dlv_1", "dlv_2"], deliveries: 2, notices: [], copied: false });
  });

  it("without the index of its write-ahead log, from a copy", async () => {
    const folder = await killedStoreOf(["dlv_1", "dlv_2"], ["store.db-shm"]);
    expect(await look(folder)).toEqual({ ids: ["dlv_1", "dlv_2"], deliveries: 2, notices: [], copied: true });
  });

  const NAME = "0_killed.1.log";
  const recordOf = (id: string) => encodeRecords([{ type: "delivery", delivery: delivery(id) }], markerOf(NAME));
  const withLog = (folder: string, bytes: Buffer) => {
    mkdirSync(join(folder, "log"), { recursive: true });
    writeFileSync(join(folder, "log", NAME), Buffer.concat([bytes, Buffer.alloc(5_000)]));
    return folder;
  };

  it.each([
    ["closed", () => storeOf("dlv_1")],
    ["killed", () => killedStoreOf(["dlv_1"])],
  ])("with the log of a killed process (%s)", async (_how, make) => {
    const folder = withLog(await make(), recordOf("dlv_2"));
    expect(await look(folder)).toEqual({ ids: ["dlv_1", "dlv_2"], deliveries: 2, notices: [], copied: true });
  });

  it("with the readable part of a damaged log, and reports that there is more", async () => {
    const damaged = Buffer.concat([recordOf("dlv_2"), Buffer.from("garbage"), recordOf("dlv_3")]);
    const folder = withLog(await storeOf("dlv_1"), damaged);
    const { ids, notices } = await look(folder);
    expect(ids).toEqual(["dlv_1", "dlv_2", "dlv_3"]);
    expect(notices).toMatchObject([
      { code: "log_damaged", message: expect.stringContaining(join(folder, "log", NAME)) },
    ]);
  });

  it("except the log, which is reported, if no copy can be created", async () => {
    const folder = withLog(await storeOf("dlv_1"), recordOf("dlv_2"));
    vi.stubEnv("TMPDIR", join(copies, "none"));
    const { ids, notices } = await look(folder);
    expect(ids).toEqual(["dlv_1"]);
    expect(notices).toMatchObject([
      { code: "store_unavailable", message: expect.stringContaining("cannot be listed") },
    ]);
  });

  it("of an older version, from a copy", async () => {
    const folder = mkdtempSync(join(copies, "old-"));
    const file = join(folder, "store.db");
    const database = loadDriver().open(file);
    migrate(database, file, MIGRATIONS.slice(0, 2));
    database.exec(`
      INSERT INTO deliveries (id, environment, received_at, verdict, verification, recurrence, attempt, head, body)
      VALUES ('dlv_old', 'sandbox', 1, 'unsigned', '{"verdict":"unsigned"}', 'first', 1, '["POST","/",[]]', x'7b7d')
    `);
    database.close();
    expect(await look(folder)).toEqual({ ids: ["dlv_old"], deliveries: 1, notices: [], copied: true });
  });

  it("or gives the reason if it cannot: a copy is needed and cannot be created", async () => {
    const folder = await killedStoreOf(["dlv_1"], ["store.db-shm"]);
    vi.stubEnv("TMPDIR", join(copies, "none"));
    await expect(openReadOnly({ folder })).rejects.toMatchObject({
      code: "store_unavailable",
      hint: expect.stringContaining("TMPDIR") as string,
    });
  });

  it("or gives the reason if it cannot: a later version has written it", async () => {
    const folder = await storeOf("dlv_1");
    const database = loadDriver().open(join(folder, "store.db"));
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    database.close();
    await expect(openReadOnly({ folder })).rejects.toMatchObject({ code: "store_too_new" });
  });
});

it("a copy is removed when it is closed", async () => {
  const folder = await killedStoreOf(["dlv_1"], ["store.db-shm"]);
  const before = readdirSync(copies);
  const store = await openReadOnly({ folder });
  expect(readdirSync(copies)).not.toEqual(before);
  await store[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  expect(readdirSync(copies)).toEqual(before);
  await expect(store.list({})).rejects.toMatchObject({ code: "store_unavailable" });
});

it("a missing store is empty, and is not created", async () => {
  const folder = join(copies, "none", "at", "all");
  await using store = await openStoreReader({ folder });
  expect(await idsIn(store)).toEqual([]);
  expect(await store.changes.pending()).toEqual([]);
  expect(await store.holderOf("wh_1")).toBeUndefined();
  expect(await store.examine()).toMatchObject({ exists: false, deliveries: 0, keptFiles: [] });
  await expect(store.find("last")).rejects.toMatchObject({ code: "delivery_not_found" });
  expect(existsSync(join(copies, "none"))).toBe(false);
});

it("a store in a place that cannot be read does not count as empty", async () => {
  const file = join(copies, "a-file");
  writeFileSync(file, "");
  await expect(openStoreReader({ folder: join(file, "data") })).rejects.toMatchObject({ code: "store_unavailable" });
});

describe("a reader continues to see what others write", () => {
  it("if there was no store yet", async () => {
    const folder = join(copies, "later");
    await using reader = await openStoreReader({ folder });
    expect(await idsIn(reader)).toEqual([]);
    await using writer = await openStore({ folder });
    await writer.append(makeDelivery({ id: "dlv_1" }), VERIFIED, "sandbox");
    expect(await idsIn(reader)).toEqual(["dlv_1"]);
    await writer.append(makeDelivery({ id: "dlv_2" }), VERIFIED, "sandbox");
    expect(await idsIn(reader)).toEqual(["dlv_1", "dlv_2"]);
  });

  it("if no process had it open", async () => {
    const folder = await storeOf("dlv_1");
    await using reader = await openReadOnly({ folder });
    expect(await idsIn(reader)).toEqual(["dlv_1"]);
    for (const id of ["dlv_2", "dlv_3"]) {
      await using writer = await openStore({ folder });
      await writer.append(makeDelivery({ id }), VERIFIED, "sandbox");
      expect(await idsIn(reader)).toContain(id);
    }
    expect(await idsIn(reader)).toEqual(["dlv_1", "dlv_2", "dlv_3"]);
  });

  it("and the holder of a lock, without creating one", async () => {
    const folder = await storeOf();
    await using reader = await openReadOnly({ folder });
    await using writer = await openStore({ folder });
    expect(await reader.holderOf("wh_1")).toBeUndefined();
    expect(readdirSync(join(folder, "locks"))).toEqual([]);
    const holder = { pid: 1, since: 2, what: "x" };
    const lock = await writer.tryLock("wh_1", holder);
    expect(await reader.holderOf("wh_1")).toEqual(holder);
    await lock?.[Symbol.asyncDispose]();
    expect(await reader.holderOf("wh_1")).toBeUndefined();
  });
});
