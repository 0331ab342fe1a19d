import { describe, expect, test } from "vitest";
import { EVENT_TYPES } from "../../src/core/events.ts";
import { type Json, startRig } from "./emulator-support/client.ts";

const BODY = {
  name: "mine",
  url: "http://127.0.0.1:9/hook",
  eventTypeNames: ["order.*", "transfer.deposit.completed"],
};

describe("webhooks in the current format", () => {
  test("the response to the creation has the secret, and no later one has it", async () => {
    await using rig = await startRig();
    const created = await rig.call("POST", "/webhooks", { body: BODY });
    expect(created.status).toBe(201);
    const { eventTypeNames, ...sent } = BODY;
    expect(created.body).toMatchObject({
      ...sent,
      event_type_names: eventTypeNames,
      object: "webhook",
      description: null,
      status: "active",
    });
    expect(created.body["id"]).toMatch(/^wh_\w+$/);
    expect(created.body["secret"]).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);

    const listed = await rig.call("GET", "/webhooks");
    const { secret: _secret, ...rest } = created.body;
    expect(listed.body).toEqual({ object: "list", url: "/v1/webhooks", has_more: false, data: [rest] });
    const patched = await rig.call("PATCH", `/webhooks/${String(created.body["id"])}`, { body: {} });
    expect(patched.body).toEqual({ ...rest, updated_at: expect.any(String) as string });
  });

  test.each([
    [{ name: "other" }],
    [{ url: "https://example.test/hook" }],
    [{ description: "Production webhook" }],
    [{ description: null }],
    [{ eventTypeNames: ["*"] }, { event_type_names: ["*"] }],
    [{ status: "INACTIVE" }, { status: "inactive" }],
    [{ status: "inactive" }],
  ])("a PATCH of %j changes that field and no other", async (sent: Json, changed: Json = sent) => {
    await using rig = await startRig();
    const { secret: _secret, ...before } = (
      await rig.call("POST", "/webhooks", { body: { ...BODY, description: "old" } })
    ).body;
    const patched = await rig.call("PATCH", `/webhooks/${String(before["id"])}`, { body: sent });
    const after = { ...before, ...changed, updated_at: expect.any(String) as string };
    expect(patched).toMatchObject({ status: 200, body: after });
    expect((await rig.call("GET", "/webhooks")).body["data"]).toEqual([after]);
  });

  test("a PATCH with an invalid value is refused and changes nothing", async () => {
    await using rig = await startRig();
    const { body } = await rig.call("POST", "/webhooks", { body: BODY });
    const refused = await rig.call("PATCH", `/webhooks/${String(body["id"])}`, {
      body: { name: "new", status: "paused" },
    });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: "BLUM-400-004", param: "status" } } });
    expect((await rig.call("GET", "/webhooks")).body["data"]).toMatchObject([{ name: "mine" }]);
  });

  test("a name is optional, and a webhook without one can get one later", async () => {
    await using rig = await startRig();
    const { name: _name, ...unnamed } = BODY;
    const created = await rig.call("POST", "/webhooks", { body: unnamed });
    expect(created).toMatchObject({ status: 201, body: { name: null } });
    const path = `/webhooks/${String(created.body["id"])}`;
    expect((await rig.call("PATCH", path, { body: { name: "later" } })).body).toMatchObject({ name: "later" });
  });

  test("pages state whether there are more", async () => {
    await using rig = await startRig();
    for (const name of ["a", "b", "c"]) await rig.call("POST", "/webhooks", { body: { ...BODY, name } });
    const names = async (query: string) => {
      const { body } = await rig.call("GET", `/webhooks${query}`);
      return [(body["data"] as Json[]).map((each) => each["name"]), body["has_more"]];
    };
    expect(await names("?limit=2")).toEqual([["a", "b"], true]);
    expect(await names("?limit=2&offset=2")).toEqual([["c"], false]);
    expect(await names("?offset=9")).toEqual([[], false]);
  });

  test("a deleted webhook is gone, and the response says so", async () => {
    await using rig = await startRig();
    const { body } = await rig.call("POST", "/webhooks", { body: BODY });
    const path = `/webhooks/${String(body["id"])}`;
    const deleted = await rig.call("DELETE", path);
    expect(deleted).toMatchObject({ status: 200, body: { message: "Webhook deleted successfully" } });
    expect((await rig.call("GET", "/webhooks")).body["data"]).toEqual([]);
    expect((await rig.call("DELETE", path)).status).toBe(404);
  });

  test("the catalogue has every documented event", async () => {
    await using rig = await startRig();
    const { body } = await rig.call("GET", "/webhooks/event-types");
    expect((body["data"] as Json[]).map((each) => each["name"])).toEqual(Object.keys(EVENT_TYPES));
  });

  test("at most a hundred webhooks can exist", async () => {
    await using rig = await startRig();
    const answers = await Promise.all(Array.from({ length: 100 }, () => rig.call("POST", "/webhooks", { body: BODY })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect((await rig.call("POST", "/webhooks", { body: BODY })).status).toBe(400);
  });
});

describe("webhooks in the legacy format", () => {
  test("every response is in the envelope, and ids are UUIDs", async () => {
    await using rig = await startRig({ generation: "legacy" });
    const created = await rig.call("POST", "/webhooks", { body: BODY });
    expect(created.status).toBe(201);
    const { name: _name, ...unnamed } = BODY;
    const refused = await rig.call("POST", "/webhooks", { body: unnamed });
    expect(refused).toMatchObject({ status: 400, body: { code: "BLUM-400-002", details: { field: "name" } } });
    const { webhook } = created.body["data"] as { webhook: Json };
    expect(created.body["status"]).toBe("success");
    expect(webhook["id"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(webhook["secret"]).toMatch(/^whsec_/);
    expect((webhook["eventTypes"] as Json[]).map((each) => each["name"])).toEqual(BODY.eventTypeNames);

    const path = `/webhooks/${String(webhook["id"])}`;
    const patched = await rig.call("PATCH", path, { body: { status: "INACTIVE" } });
    expect(patched.body).toMatchObject({ status: "success", data: { webhook: { status: "INACTIVE", secret: null } } });
    const listed = await rig.call("GET", "/webhooks");
    expect(listed.body).toMatchObject({ status: "success", data: { webhooks: [{ id: webhook["id"], secret: null }] } });
    expect((await rig.call("DELETE", path)).body).toMatchObject({ status: "success", message: expect.any(String) });
    const catalogue = await rig.call("GET", "/webhooks/event-types");
    const { eventTypes } = catalogue.body["data"] as { eventTypes: Json[] };
    expect(eventTypes[0]).toEqual({
      id: "event_type_account_created",
      name: "account.created",
      category: "account",
      description: EVENT_TYPES["account.created"],
      displayName: "Account Created",
    });
    expect(eventTypes).toHaveLength(Object.keys(EVENT_TYPES).length);
  });
});
