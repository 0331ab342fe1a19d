import { join } from "node:path";
import { expect, it } from "vitest";
import { prepareAnswer, prepareAppend } from "../../../src/store/append.ts";
import { loadDriver } from "../../../src/store/driver.ts";
import { storeFailure } from "../../../src/store/failures.ts";
import { openStoreFile } from "../../../src/store/file.ts";
import { GroupCommit } from "../../../src/store/group-commit.ts";
import { openStore } from "../../../src/store/store.ts";
import { inTransaction } from "../../../src/store/transaction.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery, VERIFIED } from "./support.ts";

/** The writing half of a store, on a file whose size can be capped: to SQLite that is a full disk. */
async function openCapped(folder: string) {
  const driver = await loadDriver();
  const file = join(folder, "store.db");
  const database = await openStoreFile(driver, file);
  const append = prepareAppend(database);
  const answer = prepareAnswer(database);
  const group = new GroupCommit({
    transaction: (work) => inTransaction(database, work),
    failure: (error) => storeFailure(driver, file, error),
  });
  return {
    group,
    append: () => group.add(() => append(makeDelivery({ body: Buffer.alloc(20_000) }), VERIFIED, "sandbox")),
    answer,
    capAt: (pages: number) => database.exec(`PRAGMA max_page_count = ${pages}`),
    close: () => database.close(),
  };
}

it("a full disk refuses the deliveries of that commit, and takes the next once there is room", async () => {
  const folder = tempFolder();
  const writer = await openCapped(folder);
  await writer.append();
  writer.capAt(1);
  for (const refused of await Promise.allSettled([writer.append(), writer.append()])) {
    expect(refused).toMatchObject({
      status: "rejected",
      reason: { code: "store_unavailable", hint: expect.stringContaining("prune") },
    });
  }
  writer.capAt(1_000_000);
  const taken = await writer.append();
  writer.close();
  await using store = await openStore({ folder });
  expect((await store.list({})).map((delivery) => delivery.id)).toContain(taken.id);
  expect(await store.list({})).toHaveLength(2);
});

it("an answer outlives the commit that failed with it", async () => {
  const folder = tempFolder();
  const writer = await openCapped(folder);
  const delivery = await writer.append();
  writer.capAt(1);
  writer.group.addUnattended(() => writer.answer(delivery, { status: 200, durationMs: 1 }));
  await expect(writer.append()).rejects.toMatchObject({ code: "store_unavailable" });
  writer.capAt(1_000_000);
  await writer.group.flush();
  writer.close();
  await using store = await openStore({ folder });
  expect((await store.find(delivery.id)).answer).toEqual({ status: 200, durationMs: 1 });
});

it("a writer that is in the way for too long refuses, and later appends work", { timeout: 60_000 }, async () => {
  const folder = tempFolder();
  await using store = await openStore({ folder });
  const hog = (await loadDriver()).open(join(folder, "store.db"));
  hog.exec("BEGIN IMMEDIATE");
  await expect(store.append(makeDelivery(), VERIFIED, "sandbox")).rejects.toMatchObject({
    code: "store_unavailable",
    message: expect.stringContaining("busy"),
  });
  expect(await store.list({})).toEqual([]);
  hog.exec("ROLLBACK");
  hog.close();
  await store.append(makeDelivery(), VERIFIED, "sandbox");
  expect(await store.list({})).toHaveLength(1);
});

it("a delivery that cannot be written leaves nothing of its event behind", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const delivery = makeDelivery({ eventId: "evt_1" });
  await store.append(delivery, VERIFIED, "sandbox");
  const sameId = makeDelivery({ id: delivery.id, eventId: "evt_2" });
  await expect(store.append(sameId, VERIFIED, "sandbox")).rejects.toMatchObject({ code: "store_unavailable" });
  const next = await store.append(makeDelivery({ eventId: "evt_2" }), VERIFIED, "sandbox");
  expect(next.recurrence).toEqual({ kind: "first", attempt: 1 });
});
