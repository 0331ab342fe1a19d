import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { FeedEntry } from "../../../src/core/facts.ts";
import { loadDriver } from "../../../src/store/driver.ts";
import { OwnFeed } from "../../../src/store/own-feed.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { keepBusy } from "../../support/keep-busy.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery, VERIFIED } from "./support.ts";

const REFUSED = { kind: "failed", reason: "refused", message: "nobody", startedAt: 1, durationMs: 1 } as const;

function attempt(deliveryId: string) {
  return { deliveryId, cause: "live", url: "http://localhost:3000/", outcome: REFUSED } as const;
}

const words = (entry: FeedEntry) => `${entry.type} ${entry.type === "delivery" ? entry.delivery.id : entry.subject.id}`;

/** Reads pages until none is left. */
async function readAll(store: Store, limit = 10): Promise<{ read: string[]; missing: number }> {
  await store.flush();
  const read: string[] = [];
  let missing = 0;
  for (;;) {
    const page = await Promise.race([store.own.next(limit), store.own.drained().then(() => undefined)]);
    if (page === undefined) return { read, missing };
    read.push(...page.entries.map(words));
    missing += page.missing;
  }
}

it("a process reads what it records in log order, with pages of any size", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const [first, again] = ["dlv_1", "dlv_2"].map((id) => makeDelivery({ id, eventId: "evt_1" }));
  if (first === undefined || again === undefined) throw new Error("unreachable");
  for (const delivery of [first, again]) {
    await store.accept(delivery, VERIFIED, "sandbox");
    store.recordForward(attempt(delivery.id));
    store.recordAnswer(delivery, { status: 502, durationMs: 2 });
  }
  const { read } = await readAll(store, 2);
  expect(read).toEqual([
    "delivery dlv_1",
    "forward dlv_1",
    "answer dlv_1",
    "delivery dlv_2",
    "forward dlv_2",
    "answer dlv_2",
  ]);
  expect(await store.find("dlv_2")).toMatchObject({ recurrence: { kind: "retry", duplicateOf: "dlv_1" } });
});

it("a process does not read records of others, nor of an earlier one", async () => {
  const folder = tempFolder();
  await using other = await openStore({ folder });
  await using store = await openStore({ folder });
  await other.append(makeDelivery({ id: "dlv_other" }), VERIFIED, "sandbox");
  await store.append(makeDelivery({ id: "dlv_own" }), VERIFIED, "sandbox");
  await other.append(makeDelivery({ id: "dlv_other_2" }), VERIFIED, "sandbox");
  store.recordForward(attempt("dlv_other"));
  expect((await readAll(store)).read).toEqual(["delivery dlv_own", "forward dlv_other"]);
  expect((await readAll(other)).read).toEqual(["delivery dlv_other", "delivery dlv_other_2"]);
});

it("a reader of the store reads what all processes record, each once, and continues after each page", async () => {
  const folder = tempFolder();
  await using one = await openStore({ folder });
  await using other = await openStore({ folder });
  await one.append(makeDelivery({ id: "dlv_before" }), VERIFIED, "sandbox");
  let after = await one.lastPlace();
  for (const [at, store] of [one, other, one, other].entries()) {
    const delivery = makeDelivery({ id: `dlv_${at}` });
    await store.append(delivery, VERIFIED, "sandbox");
    store.recordAnswer(delivery, { status: 200, durationMs: 1 });
    await store.flush();
  }
  const read: string[] = [];
  for (let isMore = true; isMore;) {
    const page = await one.feed({ after, limit: 3 });
    read.push(...page.entries.map(words));
    ({ reached: after, isMore } = page);
  }
  expect(read).toEqual([0, 1, 2, 3].flatMap((at) => [`delivery dlv_${at}`, `answer dlv_${at}`]));
});

it("a place is not reused, although its row was deleted", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const delivery = makeDelivery({ id: "dlv_1", receivedAt: 1_000 });
  await store.append(delivery, VERIFIED, "sandbox");
  store.recordAnswer(delivery, { status: 200, durationMs: 1 });
  await store.flush();
  const after = await store.lastPlace();
  await store.prune(2_000);
  await store.append(makeDelivery({ id: "dlv_2" }), VERIFIED, "sandbox");
  const { entries } = await store.feed({ after, limit: 10 });
  expect(entries.map(words)).toEqual(["delivery dlv_2"]);
});

it("a row that is unreadable, or deleted, is counted and blocks no other", async () => {
  const folder = tempFolder();
  await using store = await openStore({ folder });
  for (const id of ["dlv_1", "dlv_2", "dlv_3", "dlv_4"]) await store.accept(makeDelivery({ id }), VERIFIED, "sandbox");
  await store.flush();
  const database = loadDriver().open(join(folder, "store.db"));
  database.exec("UPDATE deliveries SET head = 'damaged' WHERE id = 'dlv_2'; DELETE FROM deliveries WHERE id = 'dlv_3'");
  database.close();
  expect(await readAll(store)).toEqual({ read: ["delivery dlv_1", "delivery dlv_4"], missing: 2 });
});

it("a record that cannot be stored is reported at once, and the others are read", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const notices: string[] = [];
  store.onNotice(({ message }) => notices.push(message));
  for (const id of ["dlv_1", "dlv_2", "dlv_3"]) {
    const delivery = { ...makeDelivery({ id }), ...(id === "dlv_2" ? { receivedAt: Number.NaN } : {}) };
    await store.accept(delivery, VERIFIED, "sandbox");
  }
  expect((await readAll(store)).read).toEqual(["delivery dlv_1", "delivery dlv_3"]);
  expect(notices).toEqual([expect.stringContaining("1 record of the delivery log could not be stored")]);
});

it("a reader that waits for an entry is released when the store is closed, and nothing remains", async () => {
  const folder = tempFolder();
  const store = await openStore({ folder });
  const next = store.own.next(10);
  await store[Symbol.asyncDispose]();
  expect(await next).toBeUndefined();
  expect(readdirSync(join(folder, "log"))).toEqual([]);
});

it("while this thread is busy with deliveries the feed uses little of its time, and is read to its end afterwards", async () => {
  let [accepted, pages] = [0, 0];
  const feed = new OwnFeed(
    ({ after }) => {
      pages += 1;
      for (const until = performance.now() + 5; performance.now() < until;);
      return { entries: [], reached: after + 1, isMore: after + 1 < 100 };
    },
    () => accepted,
  );
  feed.add({ first: 1, last: 100, deliveries: 0 });
  const reading = (async () => {
    while ((await feed.next(1)) !== undefined);
  })();
  const startedAt = performance.now();
  const stop = keepBusy(() => (accepted += 1));
  await expect.poll(() => accepted).toBeGreaterThan(200);
  const [pagesMeanwhile, busyMs] = [pages, performance.now() - startedAt];
  await stop();
  // A page takes at least 5 ms: without a pause, half of the time would be spent on pages.
  expect(pagesMeanwhile).toBeLessThan(busyMs / 60);
  await feed.drained();
  expect(pages).toBe(100);
  feed.close();
  await reading;
});
