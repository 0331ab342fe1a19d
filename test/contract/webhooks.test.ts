import { expect, it } from "vitest";
import { decodeEventTypes } from "../../src/bluum/wire/decode-event-type.ts";
import { decodeWebhook, decodeWebhookPage } from "../../src/bluum/wire/decode-webhook.ts";
import { matchesPattern } from "../../src/core/events.ts";
import { newId } from "../../src/platform/ids.ts";
import { INVESTOR_SCOPED_ACCESS } from "../../src/emulator/access.ts";
import { ask, codeOf } from "./ask.ts";
import { published, publishedHere } from "./page.ts";

const DOCUMENTED_EVENTS = [
  "account.created",
  "account.updated",
  "order.accepted",
  "order.filled",
  "order.partially_filled",
  "order.canceled",
  "order.rejected",
  "transfer.deposit.initiated",
  "transfer.deposit.completed",
  "transfer.deposit.failed",
  "transfer.withdrawal.initiated",
  "transfer.withdrawal.completed",
  "transfer.withdrawal.failed",
  "document.approved",
  "document.rejected",
];

const URL_OF_APP = "https://example.com/webhooks/bluum";

published("api-reference/webhooks/create-a-new-webhook", (asked) => {
  it("a webhook is created with a secret, listed, changed field by field, stopped and deleted", async () => {
    const { api } = asked();
    const name = `contract ${newId("t")}`;
    const created = await api.createWebhook({ name, url: URL_OF_APP, events: ["order.*"], description: "of a test" });
    const find = async () => (await api.listWebhooks()).find(({ id }) => id === created.id);
    try {
      expect(created).toMatchObject({ url: URL_OF_APP, events: ["order.*"], status: "ACTIVE" });
      expect(created.secret).toEqual(expect.any(String));
      expect(await find()).toMatchObject({ name, description: "of a test" });
      const changes = { url: "https://example.com/other", events: ["transfer.*"], status: "INACTIVE" } as const;
      await api.updateWebhook(created.id, changes);
      expect(await find()).toMatchObject({ name, ...changes });
    } finally {
      await api.deleteWebhook(created.id);
    }
    expect(await find()).toBeUndefined();
  });
});

published("api-reference/webhooks/update-a-webhook", (asked) => {
  it("a webhook that does not exist cannot be changed: 404, with a request ID", async () => {
    await expect(asked().api.updateWebhook("wh_does_not_exist", { status: "INACTIVE" })).rejects.toMatchObject({
      code: "api_not_found",
      requestId: expect.any(String) as string,
    });
  });
});

published("platform/webhooks", (asked) => {
  it("every documented event type is in the catalogue", async () => {
    const names = (await asked().api.listEventTypes()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(DOCUMENTED_EVENTS));
  });
});

published("concepts/webhooks", (asked) => {
  it("the field is eventTypeNames: events is refused", async () => {
    const body = { name: "contract", url: URL_OF_APP, events: ["order.filled"] };
    const refused = await ask(asked().target, { method: "POST", path: "/webhooks", body });
    expect([refused.status, codeOf(refused)]).toEqual([400, "BLUM-400-002"]);
  });

  it("keys of a single investor are rejected", async ({ skip }) => {
    const { target } = asked();
    skip(target.keepsOwners, "no such key is given");
    const { apiKey, apiSecret } = INVESTOR_SCOPED_ACCESS;
    const scoped = { ...target, credentials: { apiKey, apiSecret } };
    expect((await ask(scoped, { path: "/webhooks" })).status).toBe(403);
  });
});

// The published answers of each edition, as this program reads them.
publishedHere("get-started/journey/webhooks", () => {
  it("a webhook is a resource of its own, with event_type_names", () => {
    const answer = {
      id: "wh_5e6f7g8h9i0j1k2l",
      object: "webhook",
      url: URL_OF_APP,
      event_type_names: ["order.filled"],
      status: "active",
      created_at: "2026-07-01T15:10:00Z",
    };
    expect(decodeWebhook(answer)).toMatchObject({
      id: answer.id,
      events: ["order.filled"],
      status: "ACTIVE",
      createdAt: answer.created_at,
    });
    const list = { object: "list", url: "/v1/webhooks", has_more: true, data: [answer] };
    expect(decodeWebhookPage(list)).toMatchObject({ hasMore: true, items: [{ id: answer.id }] });
  });
});

publishedHere("api-reference/webhooks/create-a-new-webhook", () => {
  it("a webhook is in an envelope, with a secret, and its event types may be missing", () => {
    const webhook = {
      id: "123e4567-e89b-12d3-a456-426614174000",
      name: "Production webhook",
      url: URL_OF_APP,
      status: "ACTIVE",
      eventTypes: [],
      secret: "whsec_1",
      createdAt: "2026-01-15T10:00:00Z",
    };
    const answer = { status: "success", message: "Webhook created successfully", data: { webhook } };
    expect(decodeWebhook(answer)).toMatchObject({ id: webhook.id, events: null, status: "ACTIVE", secret: "whsec_1" });
  });
});

publishedHere("example-neo-bank/docs/api/external-api-contract.md", () => {
  it("a webhook has a webhook_id and eventTypeNames, and an event type has a version", () => {
    const webhook = {
      webhook_id: "wh_a1b2c3d4e5f6",
      name: "Account Events",
      url: URL_OF_APP,
      eventTypeNames: ["account.created", "order.filled"],
      status: "ACTIVE",
      created_at: "2025-01-15T10:00:00Z",
    };
    const read = { id: webhook.webhook_id, events: webhook.eventTypeNames, createdAt: webhook.created_at };
    expect(decodeWebhookPage({ status: "success", data: { webhooks: [webhook] } }).items).toMatchObject([read]);
    const eventTypes = [{ name: "account.created", description: "Account created", version: "1.0" }];
    expect(decodeEventTypes({ status: "success", data: { eventTypes } })).toMatchObject([
      { name: "account.created", description: "Account created", unknown: { version: "1.0" } },
    ]);
  });
});

publishedHere("concepts/webhooks", () => {
  it.each([
    ["order.*", "order.filled", true],
    ["transfer.*", "transfer.deposit.completed", true],
    ["transfer.*", "order.filled", false],
    ["order.filled", "order.filled", true],
    ["kyc.verification.approved", "kyc.verification.approved", true],
  ])("a subscription to %s gets %s: %s", (pattern, event, gets) => {
    expect(matchesPattern(pattern, event)).toBe(gets);
  });
});
