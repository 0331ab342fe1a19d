import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { AppError } from "../../../src/core/errors.ts";
import { loadDriver } from "../../../src/store/driver.ts";
import { migrate, MIGRATIONS } from "../../../src/store/migrations.ts";
import { openStore } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery, VERIFIED } from "./support.ts";

const refusal = (folder: string) =>
  openStore({ folder }).then(
    () => expect.unreachable("the store was opened"),
    (error: unknown) => error as AppError,
  );

it.skipIf(process.platform === "win32")("folder and files are readable by their owner alone", async () => {
  const folder = join(tempFolder(), "deep", "data");
  await using store = await openStore({ folder });
  await store.append(makeDelivery(), VERIFIED, "sandbox");
  await using _lock = await store.tryLock("wh_1", { pid: 1, since: 1, what: "x" });
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  expect(mode(folder)).toBe("700");
  expect(mode(join(folder, "locks"))).toBe("700");
  for (const file of ["store.db", "store.db-wal", "store.db-shm"]) expect(mode(join(folder, file))).toBe("600");
});

it("every commit is flushed to the disk, in a write-ahead log", async () => {
  const folder = tempFolder();
  await using _store = await openStore({ folder });
  const driver = loadDriver();
  const database = driver.open(join(folder, "store.db"));
  expect(database.prepare("PRAGMA journal_mode").get([])).toEqual({ journal_mode: "wal" });
  expect(database.prepare("PRAGMA user_version").get([])).toEqual({ user_version: MIGRATIONS.length });
  database.close();
});

it("several stores that open an empty folder at the same moment all succeed", async () => {
  const folder = tempFolder();
  const stores = await Promise.all(Array.from({ length: 5 }, () => openStore({ folder })));
  await Promise.all(stores.map((store) => store.append(makeDelivery(), VERIFIED, "sandbox")));
  expect(await stores[0]?.list({})).toHaveLength(5);
  for (const store of stores) await store[Symbol.asyncDispose]();
});

it("an older file is migrated to the newest schema and keeps its rows", async () => {
  const file = join(tempFolder(), "old.db");
  const database = loadDriver().open(file);
  const steps = ["CREATE TABLE notes (text TEXT)", "ALTER TABLE notes ADD COLUMN at INTEGER NOT NULL DEFAULT 7"];
  migrate(database, file, steps.slice(0, 1));
  database.exec("INSERT INTO notes (text) VALUES ('kept')");
  migrate(database, file, steps);
  migrate(database, file, steps);
  expect(database.prepare("SELECT text, at FROM notes").all([])).toEqual([{ text: "kept", at: 7 }]);
  database.close();
});

it("a migration that fails leaves the file unchanged", async () => {
  const file = join(tempFolder(), "old.db");
  const database = loadDriver().open(file);
  expect(() => migrate(database, file, ["CREATE TABLE notes (text TEXT)", "NONSENSE"])).toThrow();
  expect(database.prepare("SELECT count(*) AS tables FROM sqlite_master").get([])).toEqual({ tables: 0 });
  database.close();
});

it("a file of a later version is refused, and nothing in it is changed", async () => {
  const folder = tempFolder();
  await (await openStore({ folder }))[Symbol.asyncDispose]();
  const database = loadDriver().open(join(folder, "store.db"));
  database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
  database.close();
  expect(await refusal(folder)).toMatchObject({ code: "store_too_new", hint: expect.stringContaining("Update") });
});

it("a file that is not a database is refused with a remedy, and left unchanged", async () => {
  const folder = tempFolder();
  const file = join(folder, "store.db");
  writeFileSync(file, "these are my notes, not a database\n".repeat(200));
  const error = await refusal(folder);
  expect(error).toMatchObject({ code: "store_unavailable", hint: expect.stringContaining("Move it") });
  expect(error.message).toContain(file);
  expect(statSync(file).size).toBe(35 * 200);
});

it("a folder that cannot be created is refused with its path", async () => {
  const file = join(tempFolder(), "a-file");
  writeFileSync(file, "");
  const error = await refusal(join(file, "data"));
  expect(error).toMatchObject({ code: "store_unavailable", hint: expect.stringContaining("BLUUM_HOOKS_HOME") });
  expect(error.message).toContain("a-file");
});

it("a folder in place of the file is refused", async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, "store.db"));
  expect(await refusal(folder)).toMatchObject({ code: "store_unavailable" });
});

it.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
  "a folder without permissions is refused",
  async () => {
    const folder = tempFolder();
    chmodSync(folder, 0o500);
    expect(await refusal(folder)).toMatchObject({ code: "store_unavailable" });
    expect(existsSync(join(folder, "store.db"))).toBe(false);
  },
);

it("a closed store refuses appends instead of losing them, and can be closed again", async () => {
  const store = await openStore({ folder: tempFolder() });
  await store[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await expect(store.append(makeDelivery(), VERIFIED, "sandbox")).rejects.toMatchObject({ code: "store_unavailable" });
  await expect(store.list({})).rejects.toMatchObject({ code: "store_unavailable" });
});

it("closing waits for pending work", async () => {
  const folder = tempFolder();
  const store = await openStore({ folder });
  const appends = Array.from({ length: 600 }, () => store.append(makeDelivery(), VERIFIED, "sandbox"));
  await store[Symbol.asyncDispose]();
  await Promise.all(appends);
  await using again = await openStore({ folder });
  expect(await again.list({})).toHaveLength(600);
});
