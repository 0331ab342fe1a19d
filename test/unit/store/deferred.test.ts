import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadDriver } from "../../../src/store/driver.ts";
import { openStore } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery, VERIFIED } from "./support.ts";

it("a deferred delivery comes back with its answer, its attempts, and how it relates to earlier ones", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const [first, again] = ["dlv_1", "dlv_2"].map((id) => makeDelivery({ id, eventId: "evt_1" }));
  if (first === undefined || again === undefined) throw new Error("unreachable");
  for (const delivery of [first, again]) {
    const { durable, defer } = store.accept(delivery, VERIFIED, "sandbox");
    await durable;
    store.recordForward({
      deliveryId: delivery.id,
      cause: "live",
      url: "http://localhost:3000/",
      outcome: { kind: "failed", reason: "refused", message: "nobody", startedAt: 1, durationMs: 1 },
    });
    store.recordAnswer(delivery, { status: 502, durationMs: 2 });
    defer();
  }
  const taken = [...(await store.takeDeferred(1)), ...(await store.takeDeferred(10))];
  expect(taken).toMatchObject([
    {
      delivery: { id: "dlv_1", body: first.body, recurrence: { kind: "first" }, answer: { status: 502 } },
      attempts: [{ deliveryId: "dlv_1", cause: "live", outcome: { reason: "refused" } }],
    },
    {
      delivery: { id: "dlv_2", recurrence: { kind: "retry", duplicateOf: "dlv_1" } },
      attempts: [{ deliveryId: "dlv_2" }],
    },
  ]);
});

it("a deferred delivery that the tables refuse comes back as null, in its place", async () => {
  await using store = await openStore({ folder: tempFolder() });
  await store.append(makeDelivery({ id: "dlv_taken" }), VERIFIED, "sandbox");
  const accepted = ["dlv_1", "dlv_2", "dlv_3"].map((id) => {
    const isRefused = id === "dlv_2";
    return store.accept(
      { ...makeDelivery({ id }), ...(isRefused ? { receivedAt: Number.NaN } : {}) },
      VERIFIED,
      "sandbox",
    );
  });
  await Promise.all(accepted.map(({ durable }) => durable));
  for (const { defer } of accepted) defer();
  const taken = [];
  while (taken.length < 3) taken.push(...(await store.takeDeferred(10)));
  expect(taken.map((each) => each?.delivery.id ?? null)).toEqual(["dlv_1", null, "dlv_3"]);
});

it("a row that cannot be read holds up none of the others", async () => {
  const folder = tempFolder();
  await using store = await openStore({ folder });
  for (const id of ["dlv_1", "dlv_2", "dlv_3"]) {
    const { durable, defer } = store.accept(makeDelivery({ id }), VERIFIED, "sandbox");
    await durable;
    defer();
  }
  await store.flush();
  const database = (await loadDriver()).open(join(folder, "store.db"));
  database.exec("UPDATE deliveries SET head = 'damaged' WHERE id = 'dlv_2'");
  database.close();
  const taken = [];
  while (taken.length < 3) taken.push(...(await store.takeDeferred(10)));
  expect(taken.map((each) => each?.delivery.id ?? null)).toEqual(["dlv_1", null, "dlv_3"]);
});

it("who waits for a deferred delivery is told when the store is closed", async () => {
  const store = await openStore({ folder: tempFolder() });
  const taken = store.takeDeferred(10);
  taken.catch(() => {});
  await store[Symbol.asyncDispose]();
  await expect(taken).rejects.toMatchObject({ code: "store_unavailable" });
});

it("what is let go of after the end leaves nothing behind", async () => {
  const folder = tempFolder();
  const store = await openStore({ folder });
  const { durable, defer } = store.accept(makeDelivery(), VERIFIED, "sandbox");
  await durable;
  await store[Symbol.asyncDispose]();
  defer();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(readdirSync(join(folder, "log"))).toEqual([]);
});
