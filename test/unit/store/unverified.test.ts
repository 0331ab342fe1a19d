import { expect, it } from "vitest";
import { cutBody, type Verification } from "../../../src/core/delivery.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { UNVERIFIED_QUOTA } from "../../../src/store/unverified.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery, VERIFIED } from "./support.ts";
import type { Warning } from "../../../src/core/errors.ts";

const UNSIGNED: Verification = { verdict: "unsigned" };
const MB = 1024 * 1024;

async function open(folder = tempFolder()) {
  const store = await openStore({ folder });
  const notices: Warning[] = [];
  store.onNotice((notice) => notices.push(notice));
  return { store, notices };
}

/** Stores this number of deliveries without a valid signature, one after the other. */
async function acceptUnverified(store: Store, count: number, bytes: number, name = "x"): Promise<void> {
  for (let from = 0; from < count; from += 100) {
    const some = Array.from({ length: Math.min(100, count - from) }, (_, at) =>
      makeDelivery({ id: `dlv_${name}_${from + at}`, body: Buffer.alloc(bytes, `${name}${from + at} `) }),
    );
    await Promise.all(some.map((each) => store.accept(each, UNSIGNED, "sandbox", true)));
  }
  await store.flush();
}

it("a limited number of unverified deliveries is kept, the newest; verified ones stay, however old", async () => {
  const { store, notices } = await open();
  await using _store = store;
  const verified = await store.append(makeDelivery({ id: "dlv_good" }), VERIFIED, "sandbox");
  await store.append(makeDelivery({ id: "dlv_other" }), UNSIGNED, "sandbox");
  await acceptUnverified(store, UNVERIFIED_QUOTA.deliveries * 0.85, 50, "a");
  await acceptUnverified(store, UNVERIFIED_QUOTA.deliveries, 50, "b");
  const ids = (await store.list({})).map(({ id }) => id);
  expect(ids).toContain(verified.id);
  // Without a secret it could not be verified, so it is not counted.
  expect(ids).toContain("dlv_other");
  const unverified = ids.filter((id) => /^dlv_[ab]_/.test(id));
  expect(unverified.length).toBeLessThanOrEqual(UNVERIFIED_QUOTA.deliveries);
  expect(unverified.length).toBeGreaterThan(UNVERIFIED_QUOTA.deliveries / 2);
  expect(unverified).toContain(`dlv_b_${UNVERIFIED_QUOTA.deliveries - 1}`);
  expect(unverified).not.toContain("dlv_a_0");
  expect(notices.map(({ code }) => code)).toEqual(["unverified_quota", "unverified_quota"]);
  expect(notices[0]?.message).toMatch(/use 0\.\d MB; beyond 2000 deliveries or 20 MB the oldest/);
  expect(notices[1]?.message).toMatch(/^\d+ deliveries without a valid signature were deleted/);
});

it("their disk space is limited, and the number of deleted ones is reported at the end", async () => {
  const folder = tempFolder();
  const { store, notices } = await open(folder);
  await acceptUnverified(store, 45, MB);
  expect((await store.examine()).bytes).toBeLessThan(UNVERIFIED_QUOTA.bytes + 30 * MB);
  const left = await store.list({});
  expect(left.length).toBeLessThanOrEqual(UNVERIFIED_QUOTA.bytes / MB);
  expect(left.length).toBeGreaterThanOrEqual(10);
  await store[Symbol.asyncDispose]();
  expect(notices.at(-1)?.message).toContain(`${45 - left.length} deliveries without a valid signature were deleted`);
});

it("an event whose deliveries were all deleted is new again, and one with some left is not", async () => {
  const { store } = await open();
  await using _store = store;
  const append = async (id: string, eventId: string, isUnverified: boolean) => {
    const verification = isUnverified ? UNSIGNED : VERIFIED;
    await store.accept(makeDelivery({ id, eventId }), verification, "sandbox", isUnverified);
    await store.flush();
    return store.find(id);
  };
  await append("dlv_1", "evt_gone", true);
  await append("dlv_2", "evt_gone", true);
  await append("dlv_3", "evt_verified", false);
  await append("dlv_4", "evt_verified", true);
  await acceptUnverified(store, UNVERIFIED_QUOTA.deliveries, 10);
  const ids = (await store.list({})).map(({ id }) => id);
  expect(["dlv_1", "dlv_2", "dlv_3", "dlv_4"].filter((id) => ids.includes(id))).toEqual(["dlv_3"]);
  expect((await append("dlv_5", "evt_gone", true)).recurrence).toEqual({ kind: "first", attempt: 1 });
  expect((await append("dlv_6", "evt_verified", false)).recurrence).toMatchObject({ attempt: 3, duplicateOf: "dlv_3" });
});

it("the parsed properties and the length of a truncated body stay", async () => {
  const folder = tempFolder();
  const whole = makeDelivery({
    body: Buffer.from(JSON.stringify({ event: "order.filled", data: { id: "ord_9", note: "x".repeat(5_000) } })),
  });
  const cut = cutBody(whole, 1_000);
  {
    const { store } = await open(folder);
    await using _store = store;
    await store.accept(cut, UNSIGNED, "sandbox", true);
    await store.flush();
    expect(await store.find(cut.id)).toMatchObject({ cutFrom: whole.body.length });
  }
  const { store } = await open(folder);
  await using _store = store;
  const [found] = await store.list({ events: ["order.*"], resourceId: "ord_9" });
  expect(found).toMatchObject({
    cutFrom: whole.body.length,
    event: "order.filled",
    resourceId: "ord_9",
    identity: whole.identity,
    payload: {
      kind: "not-json",
      reason: `the first 1000 of ${whole.body.length} bytes are kept, because it was refused`,
    },
  });
  expect(found?.body.equals(whole.body.subarray(0, 1_000))).toBe(true);
  expect(cutBody(whole, whole.body.length)).toBe(whole);
});

it("pruned deliveries are no longer counted", async () => {
  const { store, notices } = await open();
  await using _store = store;
  await acceptUnverified(store, UNVERIFIED_QUOTA.deliveries * 0.7, 10, "a");
  await store.prune(Number.MAX_SAFE_INTEGER);
  await acceptUnverified(store, UNVERIFIED_QUOTA.deliveries * 0.7, 10, "b");
  expect(await store.list({})).toHaveLength(UNVERIFIED_QUOTA.deliveries * 0.7);
  expect(notices).toEqual([]);
});
