import { describe, expect, it } from "vitest";
import { openStore, type Store, type TeamDelivery } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery, VERIFIED } from "./support.ts";

const LOG = "0d9e7b52-6b1c-4d1e-9f58-0a4f1f3f6a10";
const LIMIT = { rows: 500, bytes: 4_000_000 };

function fromTeam(seq: number, more: Partial<TeamDelivery> = {}, id = `dlv_t${seq}`): TeamDelivery {
  return {
    delivery: makeDelivery({ id, resourceId: `ord_${seq}` }),
    verification: VERIFIED,
    environment: "sandbox",
    answer: { status: 200, durationMs: 1 },
    seq,
    member: "ana@laptop",
    isDue: true,
    ...more,
  };
}

const ids = (deliveries: readonly { id: string }[]) => deliveries.map(({ id }) => id);

async function acceptShared(store: Store, ...names: string[]): Promise<void> {
  for (const id of names) {
    const delivery = makeDelivery({ id, resourceId: id });
    await store.accept(delivery, VERIFIED, "sandbox", false, { log: LOG, isDue: false });
    store.recordAnswer(delivery, { status: 200, durationMs: 1 });
  }
  await store.flush();
}

describe("deliveries of a team's log", () => {
  it("are stored with their position, once, and known as a member's", async () => {
    const folder = tempFolder();
    {
      await using store = await openStore({ folder });
      expect(await store.team.progress(LOG, 7)).toEqual({ position: 7, shipped: 0 });
      await store.team.receive(LOG, 9, [fromTeam(8), fromTeam(9)]);
      await store.team.receive(LOG, 10, [fromTeam(9), fromTeam(10), fromTeam(10)]);
      const [newest] = await store.list({ limit: 1, afterSeq: 0, order: "oldest" });
      expect(newest).toMatchObject({ id: "dlv_t8", origin: { member: "ana@laptop" }, answer: { status: 200 } });
    }
    await using store = await openStore({ folder });
    expect(await store.team.progress(LOG, 0)).toEqual({ position: 10, shipped: 0 });
    expect(ids(await store.list({ afterSeq: 0 }))).toEqual(["dlv_t8", "dlv_t9", "dlv_t10"]);
  });

  it("appear in the session's own feed, between deliveries that are received at the same time", async () => {
    await using store = await openStore({ folder: tempFolder() });
    await store.team.progress(LOG, 0);
    const seen: string[] = [];
    for (let at = 1; at <= 20; at += 1) {
      void store.accept(makeDelivery({ id: `dlv_own${at}`, resourceId: "x" }), VERIFIED, "sandbox");
      await store.team.receive(LOG, at, [fromTeam(at)]);
    }
    await store.flush();
    while (seen.length < 40) {
      const page = await store.own.next(100);
      for (const entry of page?.entries ?? []) if (entry.type === "delivery") seen.push(entry.delivery.id);
    }
    expect(new Set(seen).size).toBe(40);
    expect(seen.filter((id) => id.startsWith("dlv_t"))).toEqual(
      Array.from({ length: 20 }, (_, at) => `dlv_t${at + 1}`),
    );
  });

  it("count as repeated if the same event was received before", async () => {
    await using store = await openStore({ folder: tempFolder() });
    const again = makeDelivery({ id: "dlv_again", eventId: "dlv_t1" });
    await store.team.receive(LOG, 2, [fromTeam(1), fromTeam(2, { delivery: again })]);
    expect(await store.find("dlv_again")).toMatchObject({ recurrence: { kind: "duplicate", duplicateOf: "dlv_t1" } });
  });

  it("are due until the app has answered them", async () => {
    await using store = await openStore({ folder: tempFolder() });
    await store.team.progress(LOG, 0);
    await store.team.receive(LOG, 4, [fromTeam(1), fromTeam(2, { isDue: false }), fromTeam(3), fromTeam(4)]);
    const due = async (afterSeq: number) =>
      ids(await store.list({ dueIn: { log: LOG, afterSeq }, isForwarded: false, afterSeq: 0 }));
    expect(await due(0)).toEqual(["dlv_t1", "dlv_t3", "dlv_t4"]);
    expect(await due(3)).toEqual(["dlv_t4"]);
    const attempt = { cause: "catch-up", url: "http://localhost:3000/" } as const;
    const time = { startedAt: 1, durationMs: 1 };
    store.recordForward({
      ...attempt,
      deliveryId: "dlv_t1",
      outcome: { kind: "answered", status: 500, headers: [], body: Buffer.alloc(0), bodyBytes: 0, ...time },
    });
    store.recordForward({
      ...attempt,
      deliveryId: "dlv_t3",
      outcome: { kind: "failed", reason: "refused", message: "connection refused", ...time },
    });
    store.recordForward({
      cause: "elsewhere",
      url: "http://localhost:4000/",
      deliveryId: "dlv_t4",
      outcome: { kind: "answered", status: 200, headers: [], body: Buffer.alloc(0), bodyBytes: 0, ...time },
    });
    await store.flush();
    expect(await due(0)).toEqual(["dlv_t3", "dlv_t4"]);
  });
});

describe("deliveries that were received for a team", () => {
  it("wait in order until they are shipped, also after a crash", async () => {
    const folder = tempFolder();
    {
      await using store = await openStore({ folder });
      await store.team.progress(LOG, 0);
      await acceptShared(store, "dlv_1", "dlv_2", "dlv_3");
      await store.accept(makeDelivery({ id: "dlv_private" }), VERIFIED, "sandbox");
    }
    await using store = await openStore({ folder });
    const outbox = await store.team.outbox(LOG, 0, LIMIT);
    expect(ids(outbox)).toEqual(["dlv_1", "dlv_2", "dlv_3"]);
    expect(await store.team.waiting(LOG)).toBe(3);
    await store.team.shipped(LOG, outbox[1]!.seq);
    await store.team.shipped(LOG, outbox[0]!.seq);
    expect(await store.team.waiting(LOG)).toBe(1);
    const { shipped } = await store.team.progress(LOG, 0);
    expect(ids(await store.team.outbox(LOG, shipped, LIMIT))).toEqual(["dlv_3"]);
    expect(await store.team.waiting("another log")).toBe(0);
  });

  it("are read in batches limited by number and size", async () => {
    await using store = await openStore({ folder: tempFolder() });
    await acceptShared(store, "dlv_1", "dlv_2", "dlv_3");
    expect(ids(await store.team.outbox(LOG, 0, { rows: 2, bytes: 1_000_000 }))).toEqual(["dlv_1", "dlv_2"]);
    expect(ids(await store.team.outbox(LOG, 0, { rows: 500, bytes: 1 }))).toEqual(["dlv_1"]);
  });

  it("leave out requests that were refused", async () => {
    await using store = await openStore({ folder: tempFolder() });
    const refused = makeDelivery({ id: "dlv_refused", resourceId: "a" });
    await store.accept(refused, { verdict: "mismatch" }, "sandbox", true, { log: LOG, isDue: false });
    store.recordAnswer(refused, { status: 401, durationMs: 1 });
    await acceptShared(store, "dlv_1");
    expect(ids(await store.team.outbox(LOG, 0, LIMIT))).toEqual(["dlv_1"]);
    expect(await store.team.waiting(LOG)).toBe(1);
  });

  it("are not stored twice when they come back, and are shipped again if the log has lost them", async () => {
    await using store = await openStore({ folder: tempFolder() });
    await store.team.progress(LOG, 0);
    await acceptShared(store, "dlv_1", "dlv_2", "dlv_3");
    const outbox = await store.team.outbox(LOG, 0, LIMIT);
    await store.team.shipped(LOG, outbox.at(-1)!.seq);
    await store.team.receive(
      LOG,
      3,
      [1, 2, 3].map((seq) => fromTeam(seq, {}, `dlv_${seq}`)),
    );
    expect(await store.count({})).toBe(3);
    expect((await store.find("dlv_1")).origin).toBeUndefined();
    // A backup of the database is restored that ends at 1.
    await store.team.rewind(LOG, 1);
    const { position, shipped } = await store.team.progress(LOG, 0);
    expect(position).toBe(1);
    expect(ids(await store.team.outbox(LOG, shipped, LIMIT))).toEqual(["dlv_2", "dlv_3"]);
  });

  it("are forgotten when they are deleted here", async () => {
    await using store = await openStore({ folder: tempFolder() });
    await acceptShared(store, "dlv_1");
    await store.prune(Date.now() + 1_000_000);
    expect(await store.team.waiting(LOG)).toBe(0);
  });
});
