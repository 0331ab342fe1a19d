import { expect, it } from "vitest";
import { openStore, type Store } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery, VERIFIED } from "./support.ts";

const append = (store: Store, eventId: string, receivedAt: number) =>
  store.append(makeDelivery({ eventId, receivedAt }), VERIFIED, "sandbox");

it("deletes what was received before, and says how much that was", async () => {
  await using store = await openStore({ folder: tempFolder() });
  for (const at of [100, 200, 300]) await append(store, `evt_${at}`, at);
  expect(await store.prune(300)).toBe(2);
  expect((await store.list({})).map((delivery) => delivery.receivedAt)).toEqual([300]);
  expect(await store.prune(300)).toBe(0);
});

it("deletes more than fits into one transaction, and lets appends through meanwhile", async () => {
  await using store = await openStore({ folder: tempFolder() });
  await Promise.all(Array.from({ length: 1_203 }, (_, index) => append(store, `evt_${index}`, index)));
  const pruning = store.prune(1_201);
  await append(store, "evt_new", 5_000);
  expect(await pruning).toBe(1_201);
  expect((await store.list({})).map((delivery) => delivery.receivedAt)).toEqual([5_000, 1_202, 1_201]);
});

it("an event that was acknowledged stays so while a later delivery of it is kept", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const first = await append(store, "evt_1", 100);
  store.recordAnswer(first, { status: 200, durationMs: 1 });
  await append(store, "evt_1", 200);
  await store.prune(150);
  const again = await append(store, "evt_1", 300);
  expect(again.recurrence).toEqual({ kind: "duplicate", attempt: 3, duplicateOf: first.id });
});

it("an event of which nothing is left is new again", async () => {
  await using store = await openStore({ folder: tempFolder() });
  await append(store, "evt_1", 100);
  await append(store, "evt_1", 200);
  await store.prune(1_000);
  expect((await append(store, "evt_1", 2_000)).recurrence).toEqual({ kind: "first", attempt: 1 });
});

it("places in the order of commits are not given twice", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const before = await append(store, "evt_1", 100);
  await store.prune(1_000);
  expect((await append(store, "evt_2", 2_000)).seq).toBeGreaterThan(before.seq);
});
