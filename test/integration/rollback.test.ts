import { describe, expect, it } from "vitest";
import { planChange, promote } from "../../src/features/promotion/promote-webhook.ts";
import { planRollback, rollBack } from "../../src/features/promotion/roll-back.ts";
import type { WebhookChange, WebhookState } from "../../src/store/store.ts";
import { openJournal, type JournalFixture } from "../support/journal.ts";

const LIVE = "https://app.example/hooks";
const state = (url: string): WebhookState => ({
  name: "mine",
  url,
  events: ["order.*"],
  status: "ACTIVE",
  description: "Production webhook",
});

/** Records an earlier change. */
async function record({ journal, id }: JournalFixture, fields: Partial<WebhookChange>): Promise<WebhookChange> {
  const change = await journal.changes.plan({
    kind: "promote",
    ...journal.place,
    webhookId: id,
    before: { ...state("https://wrong.example/"), description: "wrong" },
    after: state(LIVE),
    onExit: "keep",
    ...fields,
  });
  await journal.changes.update(change.id, { state: "settled", outcome: fields.outcome ?? "took-effect" });
  return change;
}

const promotion = (webhookId: string) => ({
  webhookId,
  url: LIVE,
  description: "Production webhook",
  events: undefined,
});
const plan = ({ journal }: JournalFixture, webhookId: string | undefined) => planRollback(journal, webhookId);

describe("the promotion that a rollback undoes", () => {
  it.each<[what: string, Partial<WebhookChange>]>([
    ["another environment", { environment: "production" }],
    ["another base URL", { baseUrl: "https://other.example/v1" }],
    ["another webhook", { webhookId: "wh_other" }],
    ["a session", { kind: "session" }],
    ["a registration", { kind: "register" }],
    ["a promotion that never reached the API", { outcome: "untouched" }],
  ])("is not a later change that was %s", async (_what, fields) => {
    const fixture = await openJournal();
    await promote(fixture.journal, promotion(fixture.id));
    await record(fixture, fields);
    const { change } = await plan(fixture, fixture.id);
    expect(change.before).toMatchObject({ url: "http://127.0.0.1:9/mine", description: "as it was" });
  });

  it("is the last one of any webhook if none is named", async () => {
    const fixture = await openJournal();
    const other = (await fixture.call("POST", "/webhooks", {
      name: "other",
      url: "http://127.0.0.1:9/other",
      eventTypeNames: ["order.*"],
    })) as { id: string };
    await promote(fixture.journal, promotion(fixture.id));
    await promote(fixture.journal, promotion(other.id));
    expect((await plan(fixture, undefined)).change.webhookId).toBe(other.id);
    expect((await plan(fixture, fixture.id)).change.webhookId).toBe(fixture.id);
  });

  it("does not exist once it has been rolled back, although an older one is recorded", async () => {
    const fixture = await openJournal();
    await record(fixture, {});
    await promote(fixture.journal, promotion(fixture.id));
    await rollBack(fixture.journal, await plan(fixture, fixture.id));
    await expect(plan(fixture, fixture.id)).rejects.toMatchObject({ code: "nothing_to_roll_back" });
  });

  it("can be made and undone again after a rollback", async () => {
    const fixture = await openJournal();
    for (let round = 0; round < 2; round += 1) {
      expect((await planChange(fixture.journal, promotion(fixture.id))).isChange).toBe(true);
      await promote(fixture.journal, promotion(fixture.id));
      await rollBack(fixture.journal, await plan(fixture, fixture.id));
      expect(await fixture.webhook()).toMatchObject({ url: "http://127.0.0.1:9/mine" });
    }
  });
});

it("a rollback checks again, under its lock, whether the webhook was changed", async () => {
  const fixture = await openJournal();
  await promote(fixture.journal, promotion(fixture.id));
  const planned = await plan(fixture, fixture.id);
  // While the user reads the question.
  await fixture.call("PATCH", `/webhooks/${fixture.id}`, { url: "https://newer.example/hooks" });
  await expect(rollBack(fixture.journal, planned)).rejects.toMatchObject({ code: "webhook_changed" });
  expect(await fixture.webhook()).toMatchObject({ url: "https://newer.example/hooks" });
  expect((await fixture.journal.changes.list(10)).map(({ kind, outcome }) => [kind, outcome])).toEqual([
    ["promote", "took-effect"],
  ]);
});
