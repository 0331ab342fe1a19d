import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { AppError } from "../../../../src/core/errors.ts";
import { DeliveryLog } from "../../../../src/store/log/delivery-log.ts";
import type { IndexRunner } from "../../../../src/store/log/runner.ts";
import { scanSegment } from "../../../../src/store/log/scan.ts";
import { markerOf } from "../../../../src/store/log/slots.ts";
import { keepBusy } from "../../../support/keep-busy.ts";
import { tempFolder } from "../../../support/temp.ts";
import type { PlaceRange } from "../../../../src/store/apply.ts";
import type { LoggedDelivery } from "../../../../src/store/log/record.ts";
import { delivery, typesOf } from "./support.ts";

interface FakeOptions {
  readonly fails?: (() => boolean) | undefined;
  readonly stepMs?: number | undefined;
  /** How many deliveries it indexes at a time. */
  readonly perStep?: (() => number) | undefined;
}

/** An indexer that reads the log like the real one, and records its requests. */
function fakeRunner(folder: string, { fails = () => false, stepMs = 0, perStep = () => Infinity }: FakeOptions) {
  const positions = new Map<string, number>();
  const unreadable = new Map<string, number>();
  const calls: string[] = [];
  const ids: string[] = [];
  const runner: IndexRunner = {
    async step(name, range) {
      calls.push("step");
      await new Promise((resolve) => (stepMs > 0 ? setTimeout(resolve, stepMs) : setImmediate(resolve)));
      if (fails()) throw new Error("no room");
      const from = positions.get(name) ?? 0;
      const windowBytes = perStep() === Infinity ? undefined : 4_096;
      const scan = scanSegment(join(folder, name), markerOf(name), { ...range, from }, { windowBytes });
      let [{ position }, deliveries] = [scan, 0];
      for (const { record, next } of scan.records) {
        if (record.type !== "delivery") continue;
        ids.push(record.delivery.id);
        deliveries += 1;
        if (deliveries < perStep()) continue;
        position = next;
        break;
      }
      positions.set(name, position);
      unreadable.set(name, (unreadable.get(name) ?? 0) + scan.unreadable.records);
      const places = [{ first: ids.length - deliveries + 1, last: ids.length, deliveries }];
      return { position, places, refused: 0, unreadable: scan.unreadable };
    },
    async seal(name) {
      calls.push(`seal ${name}`);
      return { records: unreadable.get(name) ?? 0, bytes: 0 };
    },
    forget: async (name) => void calls.push(`forget ${name}`),
    close: async () => void calls.push("close"),
  };
  return { runner, calls, ids };
}

function openLog(
  options: FakeOptions & { maxSegmentBytes?: number; folder?: string; claim?: () => Promise<string> } = {},
) {
  const folder = options.folder ?? tempFolder();
  const fake = fakeRunner(folder, options);
  const places: PlaceRange[] = [];
  const stuck: string[] = [];
  const damaged: string[] = [];
  const log = new DeliveryLog({
    folder,
    claim: options.claim ?? (async () => "0_test"),
    startRunner: () => fake.runner,
    onIndexed: (step) => places.push(...step.places),
    onDamaged: ({ path }) => damaged.push(path),
    onUnverified: () => {},
    onStuck: (failure) => stuck.push(failure.message),
    failure: (error) => new AppError("store_unavailable", error instanceof Error ? error.message : String(error)),
    ...(options.maxSegmentBytes === undefined ? {} : { maxSegmentBytes: options.maxSegmentBytes }),
  });
  onTestFinished(() => log.close().catch(() => {}));
  /** Resolves once the delivery is in the tables. */
  const index = async (each: LoggedDelivery) => {
    await log.accept(each);
    await log.caughtUp();
  };
  return { ...fake, log, index, folder, places, stuck, damaged };
}

it("each delivery gets its own place in the tables, in order of arrival", async () => {
  const { log, ids, places } = openLog();
  const wanted = Array.from({ length: 300 }, (_, at) => `dlv_${at}`);
  await Promise.all(wanted.map((id) => log.accept(delivery(id))));
  await log.caughtUp();
  expect(ids).toEqual(wanted);
  expect(places.reduce((sum, range) => sum + range.deliveries, 0)).toBe(300);
});

it("a delivery is durable before it is in the tables, and stays so while they cannot be written", async () => {
  let isBroken = true;
  const { log, ids } = openLog({ fails: () => isBroken });
  await log.accept(delivery("dlv_1"));
  await expect(log.caughtUp()).rejects.toMatchObject({ code: "store_unavailable", message: "no room" });
  isBroken = false;
  await expect.poll(() => ids).toEqual(["dlv_1"]);
  await log.caughtUp();
});

it("tables that cannot be written for three seconds are reported once, and again if that repeats", async () => {
  let isBroken = true;
  const { log, stuck, ids } = openLog({ fails: () => isBroken });
  await log.accept(delivery("dlv_1"));
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(stuck).toEqual([]);
  await expect.poll(() => stuck).toEqual(["no room"]);
  isBroken = false;
  await expect.poll(() => ids).toEqual(["dlv_1"]);
  isBroken = true;
  await log.accept(delivery("dlv_2"));
  await expect.poll(() => stuck).toEqual(["no room", "no room"]);
  isBroken = false;
  await expect.poll(() => ids).toEqual(["dlv_1", "dlv_2"]);
}, 20_000);

it("a full segment is followed by a new one, and is deleted once it is indexed", async () => {
  const { log, index, calls, folder } = openLog({ maxSegmentBytes: 1_000 });
  for (let turn = 0; turn < 5; turn += 1) {
    await Promise.all(Array.from({ length: 10 }, (_, at) => index(delivery(`dlv_${turn}_${at}`))));
  }
  await expect.poll(() => readdirSync(folder)).toEqual(["0_test.5.log"]);
  const ends = calls.filter((call) => call !== "step");
  expect(ends).toEqual([1, 2, 3, 4].flatMap((number) => [`seal 0_test.${number}.log`, `forget 0_test.${number}.log`]));
  await log.close();
  expect(readdirSync(folder)).toEqual([]);
  expect(calls.slice(-3)).toEqual(["seal 0_test.5.log", "forget 0_test.5.log", "close"]);
});

it("a log that is damaged while it is written loses only the damaged part, and is kept", async () => {
  const { log, index, folder, ids, damaged } = openLog();
  await index(delivery("dlv_1"));
  // The tables are not written again so soon after the last time.
  await log.accept(delivery("dlv_2"));
  const file = join(folder, "0_test.1.log");
  const bytes = readFileSync(file);
  bytes.write("dlv_X", bytes.lastIndexOf("dlv_2"));
  writeFileSync(file, bytes);
  await index(delivery("dlv_3"));
  expect(ids).toEqual(["dlv_1", "dlv_3"]);
  await log.close();
  expect(damaged).toEqual([`${file}.damaged`]);
  expect(readFileSync(`${file}.damaged`).includes("dlv_X")).toBe(true);
});

it("records without a waiting caller are in the tables for the next query, and after the end", async () => {
  const { log, index, folder } = openLog();
  await index(delivery("dlv_1"));
  log.answered("dlv_1", { status: 200, durationMs: 1 });
  const sizeBefore = typesOf(join(folder, "0_test.1.log"));
  expect(sizeBefore).toEqual(["delivery"]);
  await log.caughtUp();
  expect(typesOf(join(folder, "0_test.1.log"))).toEqual(["delivery", "answers"]);
});

it("a folder that cannot be written refuses deliveries, and the notes wait for one that can", async () => {
  const folder = join(tempFolder(), "missing");
  const { log, index } = openLog({ folder });
  await expect(log.accept(delivery("dlv_1"))).rejects.toMatchObject({ code: "store_unavailable" });
  log.answered("dlv_0", { status: 200, durationMs: 1 });
  await expect(log.caughtUp()).rejects.toMatchObject({ code: "store_unavailable" });
  mkdirSync(folder);
  await index(delivery("dlv_2"));
  expect(typesOf(join(folder, readdirSync(folder)[0] ?? ""))).toEqual(["answers", "delivery"]);
});

it("a name that cannot be claimed refuses deliveries, and is claimed again for the next ones", async () => {
  let isRefused = true;
  const { log, index } = openLog({
    claim: async () => {
      if (isRefused) throw new Error("no lock");
      return "0_later";
    },
  });
  await expect(log.accept(delivery("dlv_1"))).rejects.toMatchObject({ message: "no lock" });
  isRefused = false;
  await index(delivery("dlv_2"));
});

it("a delivery larger than a write, or than a segment, is stored completely", async () => {
  const { index, ids } = openLog({ maxSegmentBytes: 1_000 });
  await Promise.all([
    index(delivery("dlv_small")),
    index(delivery("dlv_large", 6_000_000)),
    index(delivery("dlv_other", 3_000_000)),
  ]);
  expect(ids).toEqual(["dlv_small", "dlv_large", "dlv_other"]);
});

it("attempts and answers are written in order, before later deliveries", async () => {
  const { log, index, folder } = openLog();
  await index(delivery("dlv_1"));
  const outcome = { kind: "failed", reason: "refused", message: "nobody", startedAt: 1, durationMs: 1 } as const;
  const attempt = { deliveryId: "dlv_1", cause: "live", url: "http://localhost:3000/", outcome } as const;
  log.answered("dlv_1", { status: 200, durationMs: 1 });
  log.forwarded(attempt);
  log.answered("dlv_1", { status: 200, durationMs: 1 });
  log.answered("dlv_1", { status: 200, durationMs: 1 });
  await index(delivery("dlv_2"));
  const written = typesOf(join(folder, "0_test.1.log"));
  expect(written).toEqual(["delivery", "answers", "forward", "answers", "delivery"]);
});

it("while this thread is busy indexing gets little of the time, and all of it afterwards", async () => {
  const { log, index, ids, calls } = openLog({ stepMs: 5 });
  await index(delivery("dlv_first"));
  let accepted = 1;
  const startedAt = performance.now();
  const stop = keepBusy(() => void log.accept(delivery(`dlv_${(accepted += 1)}`)));
  await expect.poll(() => accepted).toBeGreaterThan(250);
  const steps = calls.filter((call) => call === "step").length;
  const busyMs = performance.now() - startedAt;
  await stop();
  // There would be one in 25 ms if each began that long after the one before.
  expect(steps).toBeLessThan(busyMs / 60);
  await expect.poll(() => ids.length).toBe(accepted);
});

it("a query indexes everything at once, however busy this thread is", async () => {
  const { log, index, ids } = openLog({ stepMs: 100 });
  await index(delivery("dlv_first"));
  let accepted = 1;
  const stop = keepBusy(() => void log.accept(delivery(`dlv_${(accepted += 1)}`)));
  // Indexing waits now, for its maximum of five seconds.
  await expect.poll(() => accepted - ids.length).toBeGreaterThan(20);
  const wanted = accepted;
  await log.caughtUp();
  const meanwhile = accepted - wanted;
  await stop();
  expect(ids.length).toBeGreaterThanOrEqual(wanted);
  // A step takes some twenty turns of the busy thread; five seconds would be a thousand.
  expect(meanwhile).toBeLessThan(400);
});

it("a caller that waits for the tables waits for earlier records, not for later ones", async () => {
  const over = new AbortController();
  const { log, ids } = openLog({ perStep: () => (over.signal.aborted ? Infinity : 10), stepMs: 1 });
  let accepted = 0;
  const accept = (count: number) => {
    for (let each = 0; each < count; each += 1) void log.accept(delivery(`dlv_${(accepted += 1)}`));
  };
  accept(200);
  const caughtUp = log.caughtUp();
  const flood = (async () => {
    while (!over.signal.aborted) {
      accept(5);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await caughtUp;
  const [found, all] = [ids.length, accepted];
  over.abort();
  await flood;
  expect(found).toBeGreaterThanOrEqual(200);
  expect(found).toBeLessThan(all);
});
