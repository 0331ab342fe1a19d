import { describe, expect, it } from "vitest";
import { decodeEventTypes } from "../../../src/bluum/wire/decode-event-type.ts";
import { decodeOrder } from "../../../src/bluum/wire/decode-order.ts";
import { decodeTransfer } from "../../../src/bluum/wire/decode-transfer.ts";
import { decodeWebhook, decodeWebhookPage } from "../../../src/bluum/wire/decode-webhook.ts";
import { parseJson } from "../../../src/core/json-text.ts";
import { WEBHOOK } from "../../support/webhook.ts";

const invalid = (...words: string[]) =>
  expect.objectContaining({
    code: "api_invalid_response",
    message: expect.stringMatching(new RegExp(words.join(".*"))),
  });

const WIRE = { id: "wh_1", name: "mine", url: "https://a.example", eventTypeNames: ["order.*"], status: "ACTIVE" };
const { eventTypeNames: _, ...BARE } = WIRE;

describe("a webhook", () => {
  it.each([
    ["enveloped", { status: "success", message: "ok", data: { webhook: WIRE } }],
    ["bare", WIRE],
    ["directly in data", { status: "success", data: WIRE }],
  ])("is decoded when %s", (_name, answer) => {
    expect(decodeWebhook(answer)).toEqual(WEBHOOK);
  });

  it.each([
    [{ eventTypeNames: ["order.*"] }],
    [{ event_type_names: ["order.*"] }],
    [{ eventTypes: ["order.*"] }],
    [{ eventTypes: [{ id: "1", name: "order.*", category: "order", description: "", displayName: "" }] }],
    [{ eventTypeNames: ["order.*"], eventTypes: [] }],
    [{ eventTypeNames: [], eventTypes: [{ name: "order.*" }] }],
    [{ eventTypeNames: null, eventTypes: ["order.*"] }],
  ])("has its events in any spelling: %o", (spelling) => {
    expect(decodeWebhook({ ...BARE, ...spelling })).toEqual(WEBHOOK);
  });

  it("returns null for an empty list of events", () => {
    expect(decodeWebhook({ ...BARE, eventTypes: [] }).events).toBeNull();
  });

  it.each([
    [{ createdAt: "2025-06-15T14:30:15Z" }],
    [{ created_at: "2025-06-15T14:30:15Z" }],
    [{ created: 1749997815 }],
  ])("has its times in any spelling: %o", (spelling) => {
    const at = Date.parse(decodeWebhook({ ...WIRE, ...spelling }).createdAt ?? "");
    expect(at).toBe(Date.parse("2025-06-15T14:30:15Z"));
  });

  it.each([
    ["active", "ACTIVE"],
    ["inactive", "INACTIVE"],
    ["suspended", "SUSPENDED"],
  ])("that is %s has status %s", (sent, read) => {
    expect(decodeWebhook({ ...WIRE, status: sent }).status).toBe(read);
  });

  it("keeps any id as text, digit for digit", () => {
    expect(decodeWebhook({ ...WIRE, id: 17 }).id).toBe("17");
    const long = parseJson(JSON.stringify({ ...WIRE, id: 0 }).replace('"id":0', '"id":1152921506151679042'));
    expect(decodeWebhook(long).id).toBe("1152921506151679042");
    expect(decodeWebhook({ ...WIRE, id: undefined, webhook_id: "u-u-i-d" }).id).toBe("u-u-i-d");
  });

  it("keeps fields that it does not decode, and a secret only if there is one", () => {
    expect(decodeWebhook({ ...WIRE, livemode: false, metadata: { a: 1 } }).unknown).toEqual({
      livemode: false,
      metadata: { a: 1 },
    });
    expect(decodeWebhook({ ...WIRE, secret: "whsec_1" }).secret).toBe("whsec_1");
    expect(decodeWebhook({ ...WIRE, secret: null })).not.toHaveProperty("secret");
  });

  it.each([
    ["url is missing", { ...WIRE, url: undefined }],
    ["url is not as documented", { ...WIRE, url: 5 }],
    ["id or webhook_id is missing", { ...WIRE, id: null }],
    ["id or webhook_id is not as documented", { ...WIRE, id: "" }],
    ["eventTypeNames or event_type_names or eventTypes is missing", BARE],
    ["createdAt or created_at or created is not as documented", { ...WIRE, created: 1e300 }],
    ["not an object", "wh_1"],
    ["not an object", null],
  ])("is refused if %s", (words, answer) => {
    expect(() => decodeWebhook(answer)).toThrow(invalid(words));
  });
});

describe("a list of webhooks", () => {
  it.each([
    ["enveloped", { status: "success", data: { webhooks: [WIRE] } }, false],
    ["a list object", { object: "list", url: "/v1/webhooks", has_more: true, data: [WIRE] }, true],
    ["a bare array", [WIRE], false],
    ["directly in the answer", { webhooks: [WIRE] }, false],
  ])("is decoded when %s", (_name, answer, hasMore) => {
    expect(decodeWebhookPage(answer)).toEqual({ items: [WEBHOOK], hasMore });
  });

  it.each([[{ status: "success", data: {} }], ["webhooks"], [null], [{ data: { webhooks: {} } }]])(
    "is refused if there is none: %o",
    (answer) => {
      expect(() => decodeWebhookPage(answer)).toThrow(invalid("contains no list"));
    },
  );
});

describe("the catalogue of event types", () => {
  const entry = { id: "1", name: "order.filled", category: "order", description: "d", displayName: "Filled" };
  it.each([
    ["enveloped", { status: "success", data: { eventTypes: [entry] } }],
    ["a list object", { object: "list", data: [entry] }],
    ["a bare array", [entry]],
  ])("is decoded when %s", (_name, answer) => {
    const { id, ...read } = entry;
    expect(decodeEventTypes(answer)).toEqual([{ ...read, unknown: { id } }]);
  });

  it("is decoded from its short form, and from bare names", () => {
    const nothing = { description: null, category: null, displayName: null };
    expect(decodeEventTypes([{ name: "a.b", description: null, version: 2 }, "c.d"])).toEqual([
      { name: "a.b", ...nothing, unknown: { version: 2 } },
      { name: "c.d", ...nothing, unknown: {} },
    ]);
  });
});

describe("an order", () => {
  const read = { id: "ord_1", quantity: "10", filledQuantity: "4", remainingQuantity: "6", averagePrice: "178.50" };
  it.each([
    [
      "current",
      { status: "failed", quantity: "10", filled_quantity: "4", remaining_quantity: 6, failure_reason: "closed" },
    ],
    ["legacy", { status: "rejected", qty: "10", filled_qty: "4", remaining_qty: "6", reject_reason: "closed" }],
  ])("of the %s generation is decoded", (_name, wire) => {
    const order = { id: "ord_1", symbol: "AAPL", average_price: "178.50", tier: 1, ...wire };
    for (const answer of [order, { status: "success", data: { order } }, { status: "success", data: order }]) {
      expect(decodeOrder(answer)).toMatchObject({
        ...read,
        status: wire.status,
        failureReason: "closed",
        unknown: { tier: 1 },
      });
    }
  });

  it("without an id is refused", () => {
    expect(() => decodeOrder({ status: "filled" })).toThrow(invalid("id or order_id is missing"));
  });
});

describe("a transfer", () => {
  // Current API reference (mid-2026).
  it.each(["pending", "processing", "completed", "cancelled", "failed"])(
    "of the current API is decoded with its fields, in the state %s",
    (status) => {
      const wire = {
        id: "dep_1",
        object: "deposit",
        created: 1750000000,
        livemode: false,
        investor_id: "inv_1",
        wallet_id: "wlt_1",
        funding_source_id: "fs_1",
        method: "manual_bank_transfer",
        status,
        amount: "100.00",
        currency: "NGN",
        method_details: { referenceCode: "BLUUM-7K2M", bankDetails: { bankName: "A Bank" } },
        destination_details: null,
        initiated_at: "2026-06-15T14:30:10Z",
        received_at: null,
        completed_at: "2026-06-15T14:30:20Z",
        expires_at: null,
        failure_reason: null,
      };
      expect(decodeTransfer(wire)).toMatchObject({
        id: "dep_1",
        status,
        currency: "NGN",
        fundingSourceId: "fs_1",
        createdAt: "2026-06-15T14:30:10Z",
        receivedAt: null,
        completedAt: "2026-06-15T14:30:20Z",
        referenceCode: "BLUUM-7K2M",
        unknown: { wallet_id: "wlt_1", method_details: wire.method_details },
      });
    },
  );

  it("of the legacy API has its reference code beside the other fields", () => {
    const wire = { deposit_id: "dep_1", status: "pending", reference_code: "BLUUM-1" };
    expect(decodeTransfer(wire)).toMatchObject({ referenceCode: "BLUUM-1" });
    expect(decodeTransfer({ ...wire, reference_code: undefined })).toMatchObject({ referenceCode: null });
  });

  it.each(["deposit_id", "withdrawal_id", "id"])("is identified by its %s, and keeps the bank's details", (idField) => {
    const wire = { [idField]: "dep_1", status: "pending", amount: "100.00", bank_details: { iban: "x" } };
    for (const answer of [wire, { data: { deposit: wire } }, { data: { withdrawal: wire } }]) {
      expect(decodeTransfer(answer)).toMatchObject({
        id: "dep_1",
        status: "pending",
        amount: "100.00",
        expiresAt: null,
        unknown: { bank_details: { iban: "x" } },
      });
    }
  });
});
