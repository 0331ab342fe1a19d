import { afterEach, expect, it, vi } from "vitest";
import type { Fact, NewFact } from "../../../src/core/facts.ts";
import { FactBus } from "../../../src/delivery/bus.ts";
import { createSummary } from "../../../src/delivery/summary.ts";
import { createPipeline } from "../../../src/delivery/pipeline.ts";

afterEach(() => {
  vi.useRealTimers();
});

const full = { type: "warning", code: "store_unavailable", message: "the disk is full", hint: "Free some." } as const;
const elsewhere = { type: "refused", status: 404, method: "POST", path: "/a", bytes: 2, message: "refused" } as const;
const stopped: NewFact = {
  type: "stopped",
  reason: "quit",
  summary: {
    received: 0,
    distinct: 0,
    retries: 0,
    duplicates: 0,
    badSignatures: 0,
    forwarded: 0,
    failed: 0,
    replays: 0,
    hungUp: 0,
    notStored: 0,
    refused: 0,
    medianMs: null,
    p95Ms: null,
  },
};

function start() {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const bus = new FactBus({ now: () => 0 });
  const facts: Fact[] = [];
  bus.subscribe((fact) => facts.push(fact));
  return { bus, facts };
}

it("an identical warning is published once, and then with its count", async () => {
  const { bus, facts } = start();
  for (let at = 0; at < 34; at += 1) bus.publish(full);
  await bus.flush();
  expect(facts).toEqual([{ ...full, at: 0 }]);
  await vi.advanceTimersByTimeAsync(5_000);
  await bus.flush();
  expect(facts.slice(1)).toEqual([{ ...full, at: 0, count: 34 }]);
});

it("a warning that repeats is published less and less often", async () => {
  const { bus, facts } = start();
  for (let minute = 0; minute < 60; minute += 1) {
    bus.publish(full);
    await vi.advanceTimersByTimeAsync(60_000);
  }
  await bus.flush();
  expect(facts.length).toBeGreaterThan(2);
  expect(facts.length).toBeLessThan(16);
});

it("different warnings are published each", async () => {
  const { bus, facts } = start();
  for (const message of ["one", "two", "one"]) bus.publish({ ...full, message });
  await bus.flush();
  expect(facts.map((fact) => fact.type === "warning" && fact.message)).toEqual(["one", "two"]);
});

it("refused requests are published once for each kind, with any paths, and counted", async () => {
  const { bus, facts } = start();
  for (let at = 0; at < 2_000; at += 1) bus.publish({ ...elsewhere, path: `/${at}` });
  bus.publish({ ...elsewhere, method: "GET" });
  bus.publish({ ...elsewhere, status: 413 });
  await bus.flush();
  expect(facts).toMatchObject([
    { path: "/0", count: 1 },
    { method: "GET", count: 1 },
    { status: 413, count: 1 },
  ]);
  bus.publish(stopped);
  await bus.flush();
  // Counted facts are published before the end.
  expect(facts.slice(3)).toMatchObject([{ path: "/1999", count: 2_000 }, { type: "stopped" }]);
});

it("deliveries that a full disk refuses are one warning, and then a number", async () => {
  const { bus, facts } = start();
  const summary = createSummary();
  const noSpace = () => Promise.reject(new Error("no space left on device"));
  const pipeline = createPipeline({
    log: {
      accept: noSpace,
      recordForward: () => {},
      recordAnswer: () => {},
    },
    bus,
    clock: { now: () => 0 },
    environment: "sandbox",
    secrets: () => [],
    requireSignature: false,
    onNotStored: () => summary.countUnpublished("notStored"),
  });
  const statuses: number[] = [];
  const request = { method: "POST", path: "/", headers: [], body: Buffer.from("{}"), receivedAt: 0 };
  for (let at = 0; at < 34; at += 1) {
    await pipeline.handle(request, ({ status }) => {
      statuses.push(status);
      return { status, durationMs: 1 };
    });
  }
  bus.publish(stopped);
  await bus.flush();
  expect(statuses).toEqual(statuses.map(() => 503));
  expect(facts.map(({ type }) => type)).toEqual(["warning", "warning", "stopped"]);
  expect(facts[1]).toMatchObject({ code: "store_unavailable", count: 34 });
  expect(summary.read()).toMatchObject({ received: 0, notStored: 34 });
});
