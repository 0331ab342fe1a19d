import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openStore, type WebhookChange, type WebhookState } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";

const STATE: WebhookState = {
  name: "orders",
  url: "https://example.test/hooks",
  events: ["order.*"],
  status: "ACTIVE",
  description: null,
};
const planned = (given: Partial<WebhookChange> = {}) => ({
  kind: "session" as const,
  environment: "sandbox",
  baseUrl: "https://api.test/v1",
  webhookId: "wh_1",
  before: STATE,
  after: { ...STATE, url: "https://tunnel.test/hooks" },
  onExit: "restore" as const,
  ...given,
});

it("a planned change is stored after the store is opened again", async () => {
  const folder = tempFolder();
  let change: WebhookChange;
  {
    await using store = await openStore({ folder, now: () => 1_000 });
    change = await store.changes.plan(planned());
  }
  expect(change).toMatchObject({ ...planned(), state: "planned", outcome: null, createdAt: 1_000, updatedAt: 1_000 });
  await using store = await openStore({ folder });
  expect(await store.changes.pending()).toEqual([change]);
});

it("a change goes from planned to applied to settled, and is pending until then", async () => {
  let now = 1_000;
  await using store = await openStore({ folder: tempFolder(), now: () => now });
  const { id } = await store.changes.plan(planned({ webhookId: null, before: null }));
  now = 2_000;
  const after = { ...STATE, name: "renamed" };
  await store.changes.update(id, { state: "applied", webhookId: "wh_9", after });
  expect(await store.changes.pending()).toMatchObject([
    { id, state: "applied", webhookId: "wh_9", before: null, after, createdAt: 1_000, updatedAt: 2_000 },
  ]);
  await store.changes.update(id, { state: "settled", outcome: "restored" });
  expect(await store.changes.pending()).toEqual([]);
  expect(await store.changes.list(10)).toMatchObject([{ id, state: "settled", outcome: "restored" }]);
});

it("pending changes are listed oldest first and can be filtered", async () => {
  await using store = await openStore({ folder: tempFolder(), now: () => 1_000 });
  const a = await store.changes.plan(planned());
  const b = await store.changes.plan(planned({ environment: "production", webhookId: "wh_2" }));
  const c = await store.changes.plan(planned({ webhookId: null, baseUrl: "https://other.test" }));
  const ids = (changes: WebhookChange[]) => changes.map((change) => change.id);
  expect(ids(await store.changes.pending())).toEqual([a.id, b.id, c.id]);
  expect(ids(await store.changes.pending({ environment: "sandbox" }))).toEqual([a.id, c.id]);
  expect(ids(await store.changes.pending({ webhookId: "wh_2" }))).toEqual([b.id]);
  expect(ids(await store.changes.pending({ baseUrl: "https://other.test", environment: "sandbox" }))).toEqual([c.id]);
  expect(ids(await store.changes.list(2))).toEqual([c.id, b.id]);
});

it("the latest change of a kind is found, settled or not", async () => {
  await using store = await openStore({ folder: tempFolder() });
  await store.changes.plan(planned({ kind: "promote", webhookId: "wh_1" }));
  const second = await store.changes.plan(planned({ kind: "promote", webhookId: "wh_2" }));
  await store.changes.plan(planned({ kind: "session" }));
  await store.changes.update(second.id, { state: "settled" });
  const where = { kind: "promote", environment: "sandbox", baseUrl: "https://api.test/v1" } as const;
  expect((await store.changes.latest(where))?.id).toBe(second.id);
  expect((await store.changes.latest({ ...where, webhookId: "wh_1" }))?.webhookId).toBe("wh_1");
  expect(await store.changes.latest({ ...where, environment: "production" })).toBeUndefined();
});

it("only the known fields of a webhook are stored, not a secret", async () => {
  const folder = tempFolder();
  await using store = await openStore({ folder });
  const leaky = { ...STATE, secret: "whsec_must-not-be-stored" };
  const { id } = await store.changes.plan(planned({ before: leaky, after: leaky }));
  await store.changes.update(id, { after: leaky });
  expect((await store.changes.list(1))[0]).toMatchObject({ before: STATE, after: STATE });
  const files = ["store.db", "store.db-wal"].map((file) => readFileSync(join(folder, file), "latin1")).join("");
  expect(files).toContain("https://example.test/hooks");
  expect(files).not.toContain("must-not-be-stored");
});

it("an unknown change cannot be updated", async () => {
  await using store = await openStore({ folder: tempFolder() });
  await expect(store.changes.update("chg_none", { state: "settled" })).rejects.toMatchObject({ code: "internal" });
});
