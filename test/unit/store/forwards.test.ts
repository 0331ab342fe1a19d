import { expect, it } from "vitest";
import type { ExchangeOutcome, ForwardCause } from "../../../src/core/exchange.ts";
import { openStore, type DeliveryFilter } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery, VERIFIED } from "./support.ts";

const URL = "http://localhost:3000/webhooks/bluum";
const REFUSED: ExchangeOutcome = {
  kind: "failed",
  reason: "refused",
  message: "connection refused",
  startedAt: 200,
  durationMs: 1.5,
};

function answered(status: number, body = "thanks"): ExchangeOutcome {
  const bytes = Buffer.from(body, "latin1");
  return {
    kind: "answered",
    status,
    headers: [
      ["Set-Cookie", "a=1"],
      ["set-cookie", "b=\u00ff"],
    ],
    body: bytes,
    bodyBytes: bytes.length,
    startedAt: 100,
    durationMs: 12.25,
  };
}

async function seeded(ids: readonly string[]) {
  const store = await openStore({ folder: tempFolder() });
  for (const [at, id] of ids.entries()) {
    const recorded = await store.append(makeDelivery({ id, receivedAt: 100 + at }), VERIFIED, "sandbox");
    store.recordAnswer(recorded, { status: 200, durationMs: 1 });
  }
  return {
    store,
    forward: (deliveryId: string, outcome: ExchangeOutcome, cause: ForwardCause = "live") =>
      store.recordForward({ deliveryId, cause, url: URL, outcome }),
    ids: async (filter: DeliveryFilter) => (await store.list({ order: "oldest", ...filter })).map(({ id }) => id),
  };
}

it("every attempt is stored completely, the oldest first", async () => {
  const { store, forward } = await seeded(["dlv_1", "dlv_2"]);
  forward("dlv_1", REFUSED);
  forward("dlv_1", answered(500, "\x00\xff\xfe"), "replay");
  expect(await store.forwards("dlv_1")).toEqual([
    { deliveryId: "dlv_1", cause: "live", url: URL, outcome: REFUSED },
    { deliveryId: "dlv_1", cause: "replay", url: URL, outcome: answered(500, "\x00\xff\xfe") },
  ]);
  expect(await store.forwards("dlv_2")).toEqual([]);
  await store[Symbol.asyncDispose]();
});

it("a delivery shows the result of its last attempt, and is found by it", async () => {
  const { store, forward, ids } = await seeded(["dlv_ok", "dlv_down", "dlv_mended", "dlv_unsent"]);
  forward("dlv_ok", answered(204));
  forward("dlv_down", answered(200));
  forward("dlv_down", REFUSED, "replay");
  forward("dlv_mended", answered(500));
  forward("dlv_mended", answered(200), "replay");
  const shown = (await store.list({ order: "oldest" })).map(({ forwardStatus }) => forwardStatus);
  expect(shown).toEqual([204, null, 200, undefined]);
  expect((await store.find("dlv_down")).forwardStatus).toBeNull();
  expect(await ids({ outcome: "ok" })).toEqual(["dlv_ok", "dlv_mended", "dlv_unsent"]);
  expect(await ids({ outcome: "failed" })).toEqual(["dlv_down"]);
  await store[Symbol.asyncDispose]();
});

it("a replay to another URL or with another payload does not change whether a delivery failed", async () => {
  const { store, forward, ids } = await seeded(["dlv_failed", "dlv_ok", "dlv_unsent"]);
  forward("dlv_failed", answered(500));
  forward("dlv_ok", answered(200));
  for (const id of ["dlv_failed", "dlv_ok", "dlv_unsent"]) {
    const outcome = answered(id === "dlv_ok" ? 500 : 200);
    forward(id, outcome, "edited");
    forward(id, outcome, "elsewhere");
  }
  const shown = (await store.list({ order: "oldest" })).map(({ forwardStatus, outcome }) => [forwardStatus, outcome]);
  expect(shown).toEqual([
    [500, "failed"],
    [200, "ok"],
    [undefined, "ok"],
  ]);
  expect(await ids({ outcome: "failed" })).toEqual(["dlv_failed"]);
  const { deliveries } = await store.stats({});
  expect(deliveries.map(({ outcome, count }) => [outcome, count])).toEqual([
    ["failed", 1],
    ["ok", 2],
  ]);
  await store[Symbol.asyncDispose]();
});

it("an event counts as forwarded once its app has accepted any delivery of it, unedited", async () => {
  const { store, forward, ids } = await seeded(["dlv_1", "dlv_2", "dlv_3", "dlv_4"]);
  const again = makeDelivery({ eventId: "dlv_1", id: "dlv_again", receivedAt: 500 });
  await store.append(again, VERIFIED, "sandbox");
  forward("dlv_1", answered(500));
  forward("dlv_again", answered(201));
  forward("dlv_2", answered(200), "edited");
  forward("dlv_4", answered(200), "elsewhere");
  expect(await ids({ isForwarded: true })).toEqual(["dlv_1", "dlv_again"]);
  expect(await ids({ isForwarded: false })).toEqual(["dlv_2", "dlv_3", "dlv_4"]);
  await store[Symbol.asyncDispose]();
});

it("statistics of the app leave out replays to another URL and edited ones", async () => {
  const { store, forward } = await seeded(["dlv_1", "dlv_2"]);
  forward("dlv_1", answered(500));
  for (const cause of ["edited", "elsewhere"] as const) {
    for (const id of ["dlv_1", "dlv_2"]) forward(id, { ...answered(200), durationMs: 900 }, cause);
  }
  expect(await store.stats({})).toMatchObject({
    attempts: [{ outcome: 5, count: 1 }],
    replays: 4,
    undelivered: 1,
    medianMs: 12.25,
    p95Ms: 12.25,
  });
  await store[Symbol.asyncDispose]();
});

it("a body that is not an event counts by itself", async () => {
  const { store, forward, ids } = await seeded([]);
  for (const id of ["dlv_1", "dlv_2", "dlv_3"]) {
    await store.append(makeDelivery({ id, body: Buffer.from("\xff", "latin1") }), VERIFIED, "sandbox");
  }
  forward("dlv_2", answered(200));
  forward("dlv_3", answered(200), "elsewhere");
  expect(await ids({ isForwarded: false })).toEqual(["dlv_1", "dlv_3"]);
  await store[Symbol.asyncDispose]();
});

it("attempts are deleted with their delivery, and one for a deleted delivery is ignored", async () => {
  const { store, forward } = await seeded(["dlv_1", "dlv_2"]);
  forward("dlv_1", answered(200));
  await store.flush();
  expect(await store.prune(101)).toBe(1);
  forward("dlv_1", answered(200));
  expect(await store.forwards("dlv_1")).toEqual([]);
  expect(await store.list({})).toHaveLength(1);
  await store[Symbol.asyncDispose]();
});
