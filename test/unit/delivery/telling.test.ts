import { expect, it } from "vitest";
import type { RecordedDelivery } from "../../../src/core/delivery.ts";
import type { NewFact } from "../../../src/core/facts.ts";
import { createTelling } from "../../../src/delivery/telling.ts";
import { makeDelivery, VERIFIED } from "../store/support.ts";

const ANSWER = { status: 200, durationMs: 1 };

function recorded(id: string): RecordedDelivery {
  const recurrence = { kind: "first" as const, attempt: 1 };
  return { ...makeDelivery({ id }), verification: VERIFIED, recurrence, environment: "sandbox" };
}

/** A telling whose store hands back what is pushed to it. */
function rig(ack?: "app" | "now") {
  const facts: NewFact[] = [];
  const handedBack: { delivery: RecordedDelivery; attempts: [] }[] = [];
  const telling = createTelling({
    ack,
    bus: { publish: (fact) => facts.push(fact), flush: async () => {} },
    log: {
      async takeDeferred(limit) {
        while (handedBack.length === 0) await new Promise((resolve) => setImmediate(resolve));
        return handedBack.splice(0, limit);
      },
    },
  });
  const told = (type: string) => facts.filter((fact) => fact.type === type).length;
  return { telling, told, handedBack, facts };
}

const never = () => new Promise<never>(() => {});

it("what waits for the app alone is told as it comes, however much it is", async () => {
  const { telling, told } = rig("now");
  for (let at = 0; at < 1_500; at += 1) {
    telling.tell({ stored: async () => recorded(`dlv_${at}`), defer: () => {} }, never(), ANSWER);
    if (at % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => told("delivery")).toBe(1_500);
  expect(told("answer")).toBe(1_500);
});

it("beyond a hundred that are not stored, deliveries are let go of, and told when they are handed back", async () => {
  const { telling, told, handedBack, facts } = rig();
  const stores: (() => void)[] = [];
  let deferred = 0;
  for (let at = 0; at < 1_200; at += 1) {
    const delivery = recorded(`dlv_${at}`);
    const stored = () => new Promise<RecordedDelivery>((resolve) => stores.push(() => resolve(delivery)));
    const defer = () => {
      deferred += 1;
      handedBack.push({ delivery: { ...delivery, answer: ANSWER }, attempts: [] });
    };
    telling.tell({ stored, defer }, undefined, ANSWER);
  }
  expect([stores.length, deferred]).toEqual([100, 1_100]);
  for (const store of stores) store();
  await telling.idle();
  expect([told("delivery"), told("answer")]).toEqual([1_200, 1_200]);
  const ids = facts.flatMap((fact) => (fact.type === "delivery" ? [fact.delivery.id] : []));
  expect(new Set(ids).size).toBe(1_200);
});

it("what the app does not answer soon is told while it waits, also in a flood", async () => {
  const { telling, told, handedBack } = rig("app");
  let answerAll = () => {};
  const late = new Promise<typeof ANSWER>((resolve) => (answerAll = () => resolve(ANSWER)));
  let deferred = 0;
  for (let at = 0; at < 300; at += 1) {
    const delivery = recorded(`dlv_${at}`);
    const defer = () => {
      deferred += 1;
      handedBack.push({ delivery: { ...delivery, answer: ANSWER }, attempts: [] });
    };
    const isQuick = at % 2 === 0;
    telling.tell({ stored: async () => delivery, defer }, undefined, isQuick ? Promise.resolve(ANSWER) : late);
  }
  await expect.poll(() => told("delivery")).toBe(300);
  expect([deferred, told("answer")]).toEqual([100, 150]);
  answerAll();
  await telling.idle();
  expect([told("delivery"), told("answer")]).toEqual([300, 300]);
});

it("all that cannot be told is said once, with their number", async () => {
  const { telling, facts } = rig();
  const stored = () => Promise.reject(new Error("the store has been closed"));
  for (let at = 0; at < 90; at += 1) telling.tell({ stored, defer: () => {} }, undefined, ANSWER);
  await telling.idle();
  await expect.poll(() => facts.length).toBe(1);
  expect(facts[0]).toMatchObject({ type: "warning", message: expect.stringMatching(/^90 deliveries are safe/) });
});
