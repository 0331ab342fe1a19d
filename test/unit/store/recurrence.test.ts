import { expect, it } from "vitest";
import type { Delivery } from "../../../src/core/delivery.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery, VERIFIED } from "./support.ts";

const append = (store: Store, delivery: Delivery, environment = "sandbox") =>
  store.append(delivery, VERIFIED, environment);

it("the first delivery of an event is first, and later ones name it", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const first = await append(store, makeDelivery({ eventId: "evt_1" }));
  const second = await append(store, makeDelivery({ eventId: "evt_1" }));
  const third = await append(store, makeDelivery({ eventId: "evt_1" }));
  expect(first.recurrence).toEqual({ kind: "first", attempt: 1 });
  expect(second.recurrence).toEqual({ kind: "retry", attempt: 2, duplicateOf: first.id });
  expect(third.recurrence).toEqual({ kind: "retry", attempt: 3, duplicateOf: first.id });
});

it("a repetition is a duplicate once any delivery of the event was answered 2xx, and a retry before", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const first = await append(store, makeDelivery({ eventId: "evt_1" }));
  store.recordAnswer(first, { status: 500, durationMs: 3 });
  const second = await append(store, makeDelivery({ eventId: "evt_1" }));
  expect(second.recurrence.kind).toBe("retry");
  store.recordAnswer(second, { status: 204, durationMs: 3 });
  const third = await append(store, makeDelivery({ eventId: "evt_1" }));
  expect(third.recurrence.kind).toBe("duplicate");
  store.recordAnswer(third, { status: 500, durationMs: 3 });
  expect((await append(store, makeDelivery({ eventId: "evt_1" }))).recurrence.kind).toBe("duplicate");
});

it("an answer that comes late still counts for its event", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const first = await append(store, makeDelivery({ eventId: "evt_1" }));
  const second = await append(store, makeDelivery({ eventId: "evt_1" }));
  store.recordAnswer(second, { status: 500, durationMs: 3 });
  store.recordAnswer(first, { status: 200, durationMs: 9_000 });
  expect((await append(store, makeDelivery({ eventId: "evt_1" }))).recurrence.kind).toBe("duplicate");
});

it("repetitions that arrive together are numbered one after the other", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const recorded = await Promise.all(
    Array.from({ length: 300 }, () => append(store, makeDelivery({ eventId: "evt_1" }))),
  );
  expect(recorded.map((delivery) => delivery.recurrence.attempt)).toEqual(recorded.map((_, index) => index + 1));
  expect(recorded.filter((delivery) => delivery.recurrence.kind === "first")).toHaveLength(1);
});

it("the same event in two environments is two events", async () => {
  await using store = await openStore({ folder: tempFolder() });
  await append(store, makeDelivery({ eventId: "evt_1" }), "sandbox");
  expect((await append(store, makeDelivery({ eventId: "evt_1" }), "production")).recurrence.kind).toBe("first");
});

it("deliveries without an identity are always first", async () => {
  await using store = await openStore({ folder: tempFolder() });
  for (let count = 0; count < 3; count += 1) {
    const recorded = await append(store, makeDelivery({ body: Buffer.alloc(0) }));
    expect(recorded.recurrence).toEqual({ kind: "first", attempt: 1 });
  }
});

it("decisions and answers are stored after the store is opened again", async () => {
  const folder = tempFolder();
  const first = makeDelivery({ eventId: "evt_1" });
  {
    await using store = await openStore({ folder });
    store.recordAnswer(await append(store, first), { status: 201, durationMs: 12.5 });
  }
  await using store = await openStore({ folder });
  expect((await store.find(first.id)).answer).toEqual({ status: 201, durationMs: 12.5 });
  const again = await append(store, makeDelivery({ eventId: "evt_1" }));
  expect(again.recurrence).toEqual({ kind: "duplicate", attempt: 2, duplicateOf: first.id });
  expect((await store.find(again.id)).recurrence).toEqual(again.recurrence);
});

it("two stores on one folder agree on what is first", async () => {
  const folder = tempFolder();
  await using one = await openStore({ folder });
  await using other = await openStore({ folder });
  const first = await append(one, makeDelivery({ eventId: "evt_1" }));
  expect((await append(other, makeDelivery({ eventId: "evt_1" }))).recurrence).toMatchObject({
    kind: "retry",
    duplicateOf: first.id,
  });
  one.recordAnswer(first, { status: 200, durationMs: 1 });
  await one.flush();
  expect((await append(other, makeDelivery({ eventId: "evt_1" }))).recurrence.kind).toBe("duplicate");
});
