import { expect, it } from "vitest";
import { Tally } from "../../../../src/features/inspector/tally.ts";
import { Walk, type Read } from "../../../../src/features/inspector/walk.ts";
import type { Database } from "../../../../src/store/database.ts";
import { loadDriver } from "../../../../src/store/driver.ts";
import { migrate } from "../../../../src/store/migrations.ts";
import { findSeqs } from "../../../../src/store/rows-query.ts";

const driver = loadDriver();
const FILTER = { outcome: "failed" } as const;

/** Deliveries at the places 10, 20, … up to 90; those at 20, 40, … failed. */
function openTen(): Database {
  const store = driver.open(":memory:");
  migrate(store, "");
  for (let seq = 10; seq < 100; seq += 10) add(store, seq, seq % 20 === 0 ? 500 : 200);
  return store;
}

function add(store: Database, seq: number, status: number): void {
  store
    .prepare(
      "INSERT INTO deliveries VALUES (?, ?, 'sandbox', ?, NULL, NULL, NULL, 'verified', '{}', 'first', 1, NULL, '[]', x'')",
    )
    .run([seq, `dlv_${seq}`, seq]);
  store.prepare("INSERT INTO answers VALUES (?, ?, 1, ?)").run([seq, status, seq + 1]);
}

/** Reads one span for each call of `next`. */
function stepwise(store: Database) {
  const gates: (() => void)[] = [];
  let isOpen = false;
  const read: Read = async (work) => {
    if (!isOpen) await new Promise<void>((resolve) => gates.push(resolve));
    return work(store);
  };
  const next = async () => {
    await expect.poll(() => gates.length).toBeGreaterThan(0);
    gates.shift()?.();
  };
  const open = () => {
    isOpen = true;
    for (const gate of gates.splice(0)) gate();
  };
  return { read, next, open };
}

function walkOver(read: Read) {
  return new Walk(read, {
    filters: { found: FILTER },
    find: (database, span) => ({
      found: findSeqs(database, FILTER, span, { order: "newest", offset: 0, limit: -1, isFew: false }),
    }),
    spans: (_database, upTo) => [
      { after: 50, upTo },
      { after: 0, upTo: 50 },
    ],
  });
}

it("finds the newest first, says how much is searched, and finds the rest when it is asked again", async () => {
  const { read, next, open } = stepwise(openTen());
  const walk = walkOver(read);
  const asked = walk.search(91, 50);
  await next();
  await next();
  await asked;
  await expect.poll(() => walk.searched).toBeCloseTo(41 / 91);
  expect(walk.sets.found.find(91, 0, 10)).toEqual([80, 60]);
  open();
  await walk.search(91, 10_000);
  expect([walk.searched, walk.sets.found.find(91, 0, 10)]).toEqual([1, [80, 60, 40, 20]]);
});

it("includes what is new, and what was forwarded since it was searched", async () => {
  const store = openTen();
  const walk = walkOver(async (work) => work(store));
  await walk.search(91, 10_000);
  add(store, 100, 500);
  store.exec(`INSERT INTO forwards (seq, delivery_seq, cause, url, started_at, duration_ms, status)
    VALUES (102, 80, 'replay', '', 0, 1, 200), (103, 90, 'replay', '', 0, 1, 500)`);
  await walk.search(103, 0);
  expect(walk.sets.found.find(103, 0, 10)).toEqual([100, 90, 60, 40, 20]);
  // An earlier snapshot has the same deliveries as before.
  expect(walk.sets.found.countTo(91)).toBe(4);
});

it("rejects with the failure of a read, and continues after it", async () => {
  const store = openTen();
  let isBroken = false;
  const walk = walkOver(async (work) => {
    if (isBroken) throw new Error("busy");
    return work(store);
  });
  await walk.search(91, 0);
  isBroken = true;
  await expect(walk.search(91, 10_000)).rejects.toThrow("busy");
  isBroken = false;
  await walk.search(91, 10_000);
  expect(walk.searched).toBe(1);
});

it("counts again after deliveries were deleted", async () => {
  const store = openTen();
  const tally = new Tally(async (work) => work(store));
  expect(await tally.checked(91, 10_000)).toMatchObject({ all: 9, failed: 4, searched: 1 });
  add(store, 100, 500);
  expect(await tally.checked(101, 10_000)).toMatchObject({ all: 10, failed: 5, searched: 1 });
  store.exec("DELETE FROM deliveries WHERE seq < 50");
  expect(await tally.checked(101, 10_000)).toMatchObject({ all: 6, failed: 3, searched: 1 });
  expect(await tally.spansTo(95)).toEqual([{ after: 0, upTo: 95, count: 5 }]);
});

it("knows no spans of the list before everything is counted", async () => {
  const store = openTen();
  const tally = new Tally(async (work) => work(store));
  const counting = tally.upTo(91, 10_000);
  expect([tally.isComplete, await tally.spansTo(91)]).toEqual([false, undefined]);
  await counting;
  expect([tally.isComplete, await tally.spansTo(91)]).toEqual([true, [{ after: 0, upTo: 91, count: 9 }]]);
});
