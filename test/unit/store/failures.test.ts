import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadDriver } from "../../../src/store/driver.ts";
import { openStore } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery, VERIFIED } from "./support.ts";

it("a busy table delays no delivery: they are durable, and found later", async () => {
  const folder = tempFolder();
  await using store = await openStore({ folder, busyTimeoutMs: 100 });
  const hog = loadDriver().open(join(folder, "store.db"));
  hog.exec("BEGIN IMMEDIATE");
  await store.accept(makeDelivery({ id: "dlv_1" }), VERIFIED, "sandbox");
  expect(await store.list({})).toEqual([]);
  await expect(store.flush()).rejects.toMatchObject({
    code: "store_unavailable",
    message: expect.stringContaining("busy"),
  });
  hog.exec("ROLLBACK");
  hog.close();
  await expect.poll(() => store.list({})).toHaveLength(1);
});

it("deliveries that could not be indexed before the end are found after the next start", async () => {
  const folder = tempFolder();
  const store = await openStore({ folder, busyTimeoutMs: 100 });
  const hog = loadDriver().open(join(folder, "store.db"));
  hog.exec("BEGIN IMMEDIATE");
  await store.accept(makeDelivery({ id: "dlv_1" }), VERIFIED, "sandbox");
  await expect(store[Symbol.asyncDispose]()).rejects.toMatchObject({ code: "store_unavailable" });
  hog.exec("ROLLBACK");
  hog.close();
  await using again = await openStore({ folder });
  expect((await again.list({})).map(({ id }) => id)).toEqual(["dlv_1"]);
  expect(readdirSync(join(folder, "log"))).toEqual([]);
});

it("a delivery that the tables reject leaves nothing of its event behind, and does not block the others", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const delivery = makeDelivery({ eventId: "evt_1" });
  await store.append(delivery, VERIFIED, "sandbox");
  const sameId = makeDelivery({ id: delivery.id, eventId: "evt_2" });
  const [before, refused, after] = await Promise.allSettled([
    store.append(makeDelivery({ eventId: "evt_3" }), VERIFIED, "sandbox"),
    store.append(sameId, VERIFIED, "sandbox"),
    store.append(makeDelivery({ eventId: "evt_2" }), VERIFIED, "sandbox"),
  ]);
  expect(refused).toMatchObject({ status: "rejected", reason: { code: "store_unavailable" } });
  expect(before).toMatchObject({ status: "fulfilled" });
  expect(after).toMatchObject({ value: { recurrence: { kind: "first", attempt: 1 } } });
});

it("the log is gone once its deliveries are in the tables and the store is closed", async () => {
  const folder = tempFolder();
  {
    await using store = await openStore({ folder });
    await store.append(makeDelivery(), VERIFIED, "sandbox");
    expect(readdirSync(join(folder, "log"))).toHaveLength(1);
  }
  expect(readdirSync(join(folder, "log"))).toEqual([]);
  expect(existsSync(join(folder, "store.db"))).toBe(true);
});
