import { describe, expect, it } from "vitest";
import { readDelivery } from "../../src/core/delivery.ts";
import { EVENT_TYPES } from "../../src/core/events.ts";
import { genericSample, sampleOf, type SamplePayload } from "../../src/core/samples.ts";
import { summarize } from "../../src/output/live/summaries.ts";
import { newIdLike } from "../../src/platform/ids.ts";

const NOW = Date.parse("2026-02-03T04:05:06.789Z");
const events = Object.keys(EVENT_TYPES);

/** Field names that belong to one generation only. */
const OWN_FIELDS = {
  current: ["investor_id", "quantity", "filled_quantity", "remaining_quantity"],
  legacy: ["account_id", "qty", "filled_qty", "remaining_qty", "reject_reason"],
} as const;

const deliveryOf = (payload: SamplePayload) =>
  readDelivery("dlv_1", {
    method: "POST",
    path: "/",
    headers: [],
    body: Buffer.from(JSON.stringify(payload)),
    receivedAt: NOW,
  });

describe.each(["current", "legacy"] as const)("the samples of the %s API", (generation) => {
  const other = generation === "current" ? "legacy" : "current";

  it("exist for every documented event, and for no other", () => {
    expect(events.filter((event) => sampleOf(event, generation, { now: NOW }) === undefined)).toEqual([]);
    expect(sampleOf("order.imagined", generation, { now: NOW })).toBeUndefined();
    expect(sampleOf("toString", generation, { now: NOW })).toBeUndefined();
  });

  it.each(events)("%s is read as the right event, with the current time and the requested resource", (event) => {
    const sample = sampleOf(event, generation, { now: NOW, resourceId: "mine_1" }) as SamplePayload;
    expect(deliveryOf(sample)).toMatchObject({
      event,
      resourceId: "mine_1",
      timestamp: "2026-02-03T04:05:06Z",
      identity: { source: "bytes" },
    });
  });

  it.each(events)("%s has the fields of its own generation, and decimals that are strings", (event) => {
    const { data } = sampleOf(event, generation, { now: NOW }) as SamplePayload;
    expect(Object.keys(data)).toContain(OWN_FIELDS[generation][0]);
    expect(Object.keys(data).filter((field) => (OWN_FIELDS[other] as readonly string[]).includes(field))).toEqual([]);
    expect(Object.values(data).filter((value) => typeof value !== "string" && value !== null)).toEqual([]);
  });

  it.each(events)("%s has a summary", (event) => {
    const delivery = deliveryOf(sampleOf(event, generation, { now: NOW }) as SamplePayload);
    expect(summarize(delivery)).toMatch(/\S/);
  });

  it("have one id for the whole life of an order, and a new one of the same format on request", () => {
    const ids = (resourceId?: typeof newIdLike) =>
      ["order.accepted", "order.filled"].map((event) => sampleOf(event, generation, { now: NOW, resourceId })?.data.id);
    const own = ids();
    expect(new Set(own).size).toBe(1);
    const fresh = ids(newIdLike);
    expect(new Set([...own, ...fresh]).size).toBe(3);
    const form = generation === "current" ? /^ord_[a-z0-9]{16}$/ : /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    for (const id of fresh) expect(id).toMatch(form);
  });

  it("have times in their data that match their own", () => {
    expect(sampleOf("order.filled", generation, { now: NOW })?.data).toMatchObject({
      submitted_at: "2026-02-03T04:05:05Z",
      filled_at: "2026-02-03T04:05:06Z",
    });
  });

  it("concern the given owner; an account's event concerns that account", () => {
    const [field] = OWN_FIELDS[generation];
    const named = { now: NOW, ownerId: "owner_1", resourceId: newIdLike };
    const order = sampleOf("order.filled", generation, named);
    expect(order?.data).toMatchObject({ [field]: "owner_1" });
    expect(order?.data.id).not.toBe("owner_1");
    expect(sampleOf("account.updated", generation, named)?.data).toMatchObject({ [field]: "owner_1", id: "owner_1" });
  });

  it("have a generic form for an undocumented name", () => {
    const sample = genericSample("kyc.verification.approved", generation, { now: NOW, resourceId: "mine_2" });
    expect(deliveryOf(sample)).toMatchObject({ event: "kyc.verification.approved", resourceId: "mine_2" });
    expect(Object.keys(sample.data)).toContain(OWN_FIELDS[generation][0]);
  });
});

it("an order has the fields and states of its generation", () => {
  const shared = { symbol: "AAPL", side: "buy", type: "market", time_in_force: "day", average_price: null };
  const now = Date.parse("2025-06-15T14:30:15Z");
  expect(sampleOf("order.rejected", "current", { now })?.data).toEqual({
    id: "ord_x9y8z7a6b5c4d3e2",
    investor_id: "inv_01j9q4m8x7c5v2b3n6k1h0g9f8",
    ...shared,
    quantity: "10",
    status: "failed",
    filled_quantity: "0",
    remaining_quantity: "10",
    submitted_at: "2025-06-15T14:30:14Z",
    failure_reason: "insufficient buying power",
  });
  expect(sampleOf("order.rejected", "legacy", { now })?.data).toEqual({
    id: "b7d1a0c2-58e3-4f69-8a1d-2c94e7f03b16",
    account_id: "3f2b8c1e-7a64-4d0b-9c55-1e8f6a2d4b70",
    ...shared,
    qty: "10",
    status: "rejected",
    filled_qty: "0",
    remaining_qty: "10",
    submitted_at: "2025-06-15T14:30:14Z",
    reject_reason: "insufficient buying power",
  });
});
