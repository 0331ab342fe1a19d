import { expect, it } from "vitest";
import type { Verdict } from "../../../src/core/delivery.ts";
import { openStore, type DeliveryFilter, type Store } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery } from "./support.ts";

const SEEDS: { id: string; event: string | null; resourceId: string; at: number; verdict: Verdict; env: string }[] = [
  { id: "dlv_a", event: "order.accepted", resourceId: "ord_1", at: 100, verdict: "verified", env: "sandbox" },
  { id: "dlv_b", event: "order.filled", resourceId: "ord_1", at: 200, verdict: "mismatch", env: "sandbox" },
  {
    id: "dlv_c",
    event: "transfer.deposit.completed",
    resourceId: "trf_1",
    at: 300,
    verdict: "verified",
    env: "sandbox",
  },
  { id: "dlv_d", event: "order.filled", resourceId: "ord_2", at: 400, verdict: "unsigned", env: "production" },
  { id: "dlv_e", event: null, resourceId: "ord_2", at: 500, verdict: "verified", env: "production" },
];

async function seeded(): Promise<Store> {
  const store = await openStore({ folder: tempFolder() });
  for (const { id, event, resourceId, at, verdict, env } of SEEDS) {
    const delivery = makeDelivery({ id, event, resourceId, receivedAt: at });
    const recorded = await store.append(delivery, { verdict }, env);
    if (id !== "dlv_e") store.recordAnswer(recorded, { status: id === "dlv_b" ? 500 : 200, durationMs: 1 });
  }
  return store;
}

const ROWS: [name: string, filter: DeliveryFilter, ids: string][] = [
  ["all, the newest first", {}, "e d c b a"],
  ["the oldest first if asked so", { order: "oldest" }, "a b c d e"],
  ["at most so many", { limit: 2 }, "e d"],
  ["none at a limit of zero", { limit: 0 }, ""],
  ["one environment", { environment: "sandbox" }, "c b a"],
  ["since a moment, inclusive", { sinceMs: 300 }, "e d c"],
  ["until a moment, exclusive", { untilMs: 300 }, "b a"],
  ["one event", { events: ["order.filled"] }, "d b"],
  ["a pattern of events", { events: ["order.*"] }, "d b a"],
  ["several patterns", { events: ["transfer.*", "order.accepted"] }, "c a"],
  ["a pattern that covers one event twice", { events: ["order.*", "order.filled"], limit: 2 }, "d b"],
  ["every name, but not a delivery without one", { events: ["*"] }, "d c b a"],
  ["events that never came", { events: ["document.*"] }, ""],
  ["events, the oldest first", { events: ["order.*"], order: "oldest", limit: 2 }, "a b"],
  ["one resource", { resourceId: "ord_1" }, "b a"],
  ["one resource and one event", { resourceId: "ord_1", events: ["order.filled"] }, "b"],
  ["some verdicts", { verdicts: ["mismatch", "unsigned"] }, "d b"],
  ["those answered 2xx", { outcome: "ok" }, "d c a"],
  ["those answered otherwise", { outcome: "failed" }, "b"],
  ["all conditions together", { environment: "sandbox", events: ["order.*"], sinceMs: 150, outcome: "failed" }, "b"],
];

it.each(ROWS)("lists %s", async (_name, filter, ids) => {
  await using store = await seeded();
  const listed = await store.list(filter);
  expect(listed.map((delivery) => delivery.id.slice(4)).join(" ")).toBe(ids);
});

it("lists only what was committed after a delivery, in that order, with any clocks", async () => {
  await using store = await seeded();
  await store.append(makeDelivery({ id: "dlv_f", receivedAt: 50 }), { verdict: "verified" }, "sandbox");
  const [after] = await store.list({ resourceId: "trf_1" });
  const tail = await store.list({ afterSeq: after?.seq });
  expect(tail.map((delivery) => delivery.id)).toEqual(["dlv_d", "dlv_e", "dlv_f"]);
  const orders = await store.list({ afterSeq: after?.seq, events: ["order.*"], limit: 1 });
  expect(orders.map((delivery) => delivery.id)).toEqual(["dlv_d"]);
});

it("lists first deliveries, retries and duplicates separately, and repeated ones together", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const first = await store.append(makeDelivery({ id: "dlv_1", eventId: "e" }), { verdict: "verified" }, "sandbox");
  await store.append(makeDelivery({ id: "dlv_2", eventId: "e" }), { verdict: "verified" }, "sandbox");
  store.recordAnswer(first, { status: 200, durationMs: 1 });
  await store.append(makeDelivery({ id: "dlv_3", eventId: "e" }), { verdict: "verified" }, "sandbox");
  const ids = async (filter: DeliveryFilter) => (await store.list(filter)).map((delivery) => delivery.id);
  expect(await ids({ recurrence: "first" })).toEqual(["dlv_1"]);
  expect(await ids({ recurrence: "retry" })).toEqual(["dlv_2"]);
  expect(await ids({ recurrence: "duplicate" })).toEqual(["dlv_3"]);
  expect(await ids({ isRepeated: true })).toEqual(["dlv_3", "dlv_2"]);
  expect(await ids({ isRepeated: false })).toEqual(["dlv_1"]);
});

it.each(["nul\0nul", "lone \ud800 high", "lone \udc00 low", "ünïcode \u{1f600}", 'quote " and \\ back'])(
  "names and resources with any text are found by exactly that text: %j",
  async (text) => {
    await using store = await openStore({ folder: tempFolder() });
    const body = Buffer.from(JSON.stringify({ event: text, data: { id: text } }));
    const near = Buffer.from(JSON.stringify({ event: "nul", data: { id: "lone \ufffd high" } }));
    await store.append(makeDelivery({ id: "dlv_near", body: near }), { verdict: "verified" }, "sandbox");
    await store.append(makeDelivery({ id: "dlv_it", body }), { verdict: "verified" }, "sandbox");
    for (const filter of [{ resourceId: text }, { events: [text] }]) {
      const [found, ...others] = await store.list(filter);
      expect(found).toMatchObject({ id: "dlv_it", event: text, resourceId: text });
      expect(others).toEqual([]);
    }
  },
);

it("shows an answer that was recorded just before", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const recorded = await store.append(makeDelivery(), { verdict: "verified" }, "sandbox");
  store.recordAnswer(recorded, { status: 200, durationMs: 7 });
  expect((await store.list({}))[0]?.answer).toEqual({ status: 200, durationMs: 7 });
});
