import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadDriver } from "../../../src/store/driver.ts";
import { migrate } from "../../../src/store/migrations.ts";
import { checkIntegrity } from "../../../src/store/integrity.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery, VERIFIED } from "./support.ts";

const append = (store: Store, eventId: string, receivedAt: number) =>
  store.append(makeDelivery({ eventId, receivedAt }), VERIFIED, "sandbox");

it("deletes deliveries received before the time, and returns their number", async () => {
  await using store = await openStore({ folder: tempFolder() });
  for (const at of [100, 200, 300]) await append(store, `evt_${at}`, at);
  expect(await store.prune(300)).toBe(2);
  expect((await store.list({})).map((delivery) => delivery.receivedAt)).toEqual([300]);
  expect(await store.prune(300)).toBe(0);
});

it("deletes more than fits into one transaction, and allows appends meanwhile", async () => {
  await using store = await openStore({ folder: tempFolder() });
  await Promise.all(Array.from({ length: 1_203 }, (_, index) => append(store, `evt_${index}`, index)));
  const pruning = store.prune(1_201);
  await append(store, "evt_new", 5_000);
  expect(await pruning).toBe(1_201);
  expect((await store.list({})).map((delivery) => delivery.receivedAt)).toEqual([5_000, 1_202, 1_201]);
});

it("an acknowledged event stays acknowledged while a later delivery of it is stored", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const first = await append(store, "evt_1", 100);
  store.recordAnswer(first, { status: 200, durationMs: 1 });
  await append(store, "evt_1", 200);
  await store.prune(150);
  const again = await append(store, "evt_1", 300);
  expect(again.recurrence).toEqual({ kind: "duplicate", attempt: 3, duplicateOf: first.id });
});

it("an event without stored deliveries is new again", async () => {
  await using store = await openStore({ folder: tempFolder() });
  await append(store, "evt_1", 100);
  await append(store, "evt_1", 200);
  await store.prune(1_000);
  expect((await append(store, "evt_1", 2_000)).recurrence).toEqual({ kind: "first", attempt: 1 });
});

it("places in commit order are not reused", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const before = await append(store, "evt_1", 100);
  await store.prune(1_000);
  expect((await append(store, "evt_2", 2_000)).seq).toBeGreaterThan(before.seq);
});

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const NOW = 1_795_000_000_000;

describe("the retention", () => {
  const retain = async (keepMs: number, ...agesMs: number[]) => {
    await using store = await openStore({ folder: tempFolder() });
    for (const age of agesMs) await append(store, `evt_${age}`, NOW - age);
    const { kind } = await store.applyRetention(NOW, keepMs);
    return [kind, (await store.list({})).map(({ receivedAt }) => NOW - receivedAt)];
  };

  it("deletes older deliveries, and continues while some arrive every week", async () => {
    expect(await retain(30 * DAY, 50 * DAY, 40 * DAY, 25 * DAY)).toEqual(["applied", [25 * DAY]]);
    expect(await retain(30 * DAY, 31 * DAY, 2 * DAY, HOUR)).toEqual(["applied", [HOUR, 2 * DAY]]);
    expect(await retain(12 * HOUR, 3 * DAY)).toEqual(["applied", []]);
    expect(await retain(30 * DAY)).toEqual(["applied", []]);
  });

  it("does not trust a clock that jumps past everything, nor at once what is received after the jump", async () => {
    expect(await retain(30 * DAY, 3_651 * DAY, 3_650 * DAY)).toEqual(["clock-doubted", [3_650 * DAY, 3_651 * DAY]]);
    expect(await retain(30 * DAY, 3_650 * DAY, HOUR)).toEqual(["clock-doubted", [HOUR, 3_650 * DAY]]);
    expect(await retain(HOUR, 8 * DAY)).toEqual(["clock-doubted", [8 * DAY]]);
  });

  it("trusts it once it has run for a day", async () => {
    expect(await retain(30 * DAY, 3_650 * DAY, 25 * HOUR, HOUR)).toEqual(["applied", [HOUR, 25 * HOUR]]);
  });

  it("is not affected by future dates of a clock that was ahead", async () => {
    expect(await retain(30 * DAY, 100 * DAY, -3_650 * DAY)).toEqual(["clock-doubted", [-3_650 * DAY, 100 * DAY]]);
  });
});

describe("the disk", () => {
  const LARGE = Buffer.alloc(20_000, "x");
  const fill = async (folder: string) => {
    await using store = await openStore({ folder });
    const bodies = Array.from({ length: 500 }, (_, at) => makeDelivery({ body: LARGE, receivedAt: at }));
    await Promise.all(bodies.map((each) => store.append(each, VERIFIED, "sandbox")));
  };
  const MB = 1024 * 1024;

  it.each(["a file that can give back a part", "a file of an early version"])(
    "gets back the space of deleted rows, with another process: %s",
    async (which) => {
      const folder = tempFolder();
      const file = join(folder, "store.db");
      if (which.includes("early")) {
        const database = loadDriver().open(file);
        migrate(database, file);
        database.close();
      }
      await fill(folder);
      await using other = await openStore({ folder });
      await using store = await openStore({ folder });
      expect(await store.prune(495)).toBe(495);
      expect(await store.releaseSpace()).toBeGreaterThan(9 * MB);
      expect(statSync(file).size).toBeLessThan(MB);
      expect(await other.list({})).toHaveLength(5);
      await other.append(makeDelivery(), VERIFIED, "sandbox");
      const { signal } = new AbortController();
      expect(await checkIntegrity((await store.examine()).openedFile, { signal })).toEqual({ kind: "sound" });
    },
  );

  it("keeps the space that another process reads, and gets it back later", async () => {
    const folder = tempFolder();
    await fill(folder);
    await using store = await openStore({ folder });
    const reader = loadDriver().open(join(folder, "store.db"));
    reader.exec("BEGIN");
    expect(reader.prepare("SELECT count(*) AS count FROM deliveries").get([])).toEqual({ count: 500 });
    await store.prune(495);
    await store.releaseSpace();
    expect(reader.prepare("SELECT count(*) AS count FROM deliveries").get([])).toEqual({ count: 500 });
    reader.exec("COMMIT");
    reader.close();
    expect(await store.releaseSpace()).toBeGreaterThan(9 * MB);
  });
});
