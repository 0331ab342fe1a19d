import { describe, expect, it } from "vitest";
import { readDelivery } from "../../src/core/delivery.ts";
import { EVENT_TYPES } from "../../src/core/events.ts";
import { PAYLOAD_FORMS, readEvent } from "../../src/core/payload-form.ts";
import { samplePayload, type PayloadStyle, type SamplePayload } from "../../src/core/samples.ts";
import { summarize } from "../../src/output/live/summaries.ts";
import { newIdLike } from "../../src/platform/ids.ts";

const NOW = Date.parse("2026-02-03T04:05:06.789Z");
const events = [...Object.keys(EVENT_TYPES), "deposit.completed", "withdrawal.completed", "kyc.verification.approved"];

/** Field names that belong to one generation only. */
const OWN_FIELDS = {
  current: ["investor_id", "quantity", "filled_quantity", "remaining_quantity", "cancelled_at", "initiated_at"],
  legacy: ["account_id", "qty", "filled_qty", "remaining_qty", "reject_reason", "canceled_at", "created_at"],
} as const;

const styles = PAYLOAD_FORMS.flatMap((form) =>
  (["current", "legacy"] as const).map((generation): PayloadStyle => ({ form, generation })),
);

const deliveryOf = (payload: SamplePayload) =>
  readDelivery("dlv_1", {
    method: "POST",
    path: "/",
    headers: [],
    body: Buffer.from(JSON.stringify(payload)),
    receivedAt: NOW,
  });

const idOf = (payload: SamplePayload) => readEvent(payload).resource?.text ?? "";

describe.each(styles)("the samples of the $generation API in the form $form", (style) => {
  const { form, generation } = style;
  const other = generation === "current" ? "legacy" : "current";

  it.each(events)("%s is read as the right event, with the current time and the requested resource", (event) => {
    const sample = samplePayload(event, style, { now: NOW, resourceId: "mine_1" });
    expect(readEvent(sample).name?.path).toBe(form);
    expect(deliveryOf(sample)).toMatchObject({
      event,
      resourceId: "mine_1",
      timestamp: "2026-02-03T04:05:06Z",
      identity: { source: "bytes" },
    });
  });

  it.each(events)("%s has the fields of its own generation, and decimals that are strings", (event) => {
    const { data } = samplePayload(event, style, { now: NOW });
    expect(Object.keys(data)).toContain(OWN_FIELDS[generation][0]);
    expect(Object.keys(data).filter((field) => (OWN_FIELDS[other] as readonly string[]).includes(field))).toEqual([]);
    expect(Object.values(data).filter((value) => typeof value !== "string" && value !== null)).toEqual([]);
  });

  it.each(events)("%s has a summary", (event) => {
    expect(summarize(deliveryOf(samplePayload(event, style, { now: NOW })))).toMatch(/\S/);
  });

  it("have one id for the whole life of an order, and a new one of the same format on request", () => {
    const ids = (resourceId?: typeof newIdLike) =>
      ["order.accepted", "order.filled"].map((event) => idOf(samplePayload(event, style, { now: NOW, resourceId })));
    const own = ids();
    expect(new Set(own).size).toBe(1);
    const fresh = ids(newIdLike);
    expect(new Set([...own, ...fresh]).size).toBe(3);
    for (const id of fresh) expect(id).toMatch(/^ord_[a-z0-9]{16}$/);
  });

  it("have times in their data that match their own", () => {
    expect(samplePayload("order.filled", style, { now: NOW }).data).toMatchObject({
      submitted_at: "2026-02-03T04:05:05Z",
      filled_at: "2026-02-03T04:05:06Z",
    });
  });

  it("concern the given owner; an account's event concerns that account", () => {
    const [field] = OWN_FIELDS[generation];
    const named = { now: NOW, ownerId: "owner_1", resourceId: newIdLike };
    const order = samplePayload("order.filled", style, named);
    expect(order.data).toMatchObject({ [field]: "owner_1" });
    expect(idOf(order)).not.toBe("owner_1");
    const account = samplePayload("account.updated", style, named);
    expect(account.data).toMatchObject({ [field]: "owner_1" });
    expect(idOf(account)).toBe("owner_1");
  });

  it("have a generic form for an undocumented name", () => {
    for (const event of ["order.imagined", "toString", "some.thing.new"]) {
      const sample = samplePayload(event, style, { now: NOW, resourceId: "mine_2" });
      expect(deliveryOf(sample)).toMatchObject({ event, resourceId: "mine_2" });
      expect(Object.keys(sample.data)).toContain(OWN_FIELDS[generation][0]);
    }
  });
});

// The reference of the current API (mid-2026) and the legacy one: the names of the fields, and the form of the ids.
describe("a sample has what the API reference publishes:", () => {
  const now = Date.parse("2025-06-15T14:30:15Z");
  const data = (event: string, generation: PayloadStyle["generation"], form: PayloadStyle["form"] = "event") =>
    samplePayload(event, { form, generation }, { now }).data;
  const shared = { symbol: "AAPL", side: "buy", type: "market", time_in_force: "day" };

  it("an order of the current API, before a fill", () => {
    expect(data("order.rejected", "current")).toEqual({
      id: "ord_x9y8z7a6b5c4d3e2",
      investor_id: "inv_01j9q4m8x7c5v2b3n6k1h0g9f8",
      ...shared,
      quantity: "10",
      status: "failed",
      filled_quantity: "0",
      remaining_quantity: "10",
      average_price: "0.00",
      submitted_at: "2025-06-15T14:30:14Z",
      failure_reason: "insufficient buying power",
    });
  });

  it("an order of the legacy API, whose owner alone is a UUID", () => {
    expect(data("order.rejected", "legacy")).toEqual({
      id: "ord_x9y8z7a6b5c4d3e2",
      account_id: "3f2b8c1e-7a64-4d0b-9c55-1e8f6a2d4b70",
      ...shared,
      qty: "10",
      status: "rejected",
      filled_qty: "0",
      remaining_qty: "10",
      average_price: "0.00",
      submitted_at: "2025-06-15T14:30:14Z",
      reject_reason: "insufficient buying power",
    });
  });

  it("a canceled order is spelled with two l in the current API, with one in the legacy one", () => {
    expect(data("order.canceled", "current")).toMatchObject({
      status: "cancelled",
      cancelled_at: "2025-06-15T14:30:15Z",
    });
    expect(data("order.canceled", "legacy")).toMatchObject({
      status: "canceled",
      canceled_at: "2025-06-15T14:30:15Z",
    });
  });

  it.each([
    ["transfer.withdrawal.failed", "current", "withdrawal_id", /^wd_/],
    ["transfer.withdrawal.failed", "legacy", "withdrawal_id", /^wdr_/],
    ["transfer.deposit.failed", "current", "deposit_id", /^dep_/],
    ["withdrawal.completed", "current", "withdrawal_id", /^wd_/],
    ["document.approved", "current", "document_id", /^doc_/],
    ["kyc.verification.approved", "current", "workflow_id", /^cw_/],
  ] as const)("the id of %s of the %s API", (event, generation, field, form) => {
    expect(data(event, generation)["id"]).toMatch(form);
    expect(data(event, generation, "event_type")[field]).toMatch(form);
  });

  it("a document is an identity verification", () => {
    expect(data("document.approved", "current")).toMatchObject({ document_type: "id_verification" });
  });
});
