import { describe, expect, it } from "vitest";
import { planPromotion, promote } from "../../src/features/promotion/promote-webhook.ts";
import { planRollback, rollBack } from "../../src/features/promotion/roll-back.ts";
import type { WebhookChange, WebhookState } from "../../src/store/store.ts";
import { openDesk, type Desk } from "../support/desk.ts";

const LIVE = "https://app.example/hooks";
const state = (url: string): WebhookState => ({
  name: "mine",
  url,
  events: ["order.*"],
  status: "ACTIVE",
  description: "Production webhook",
});

/** Puts a change on record that was made earlier. */
async function record({ deps, id }: Desk, fields: Partial<WebhookChange>): Promise<WebhookChange> {
  const change = await deps.store.changes.plan({
    kind: "promote",
    environment: deps.environment,
    baseUrl: deps.baseUrl,
    webhookId: id,
    before: { ...state("https://wrong.example/"), description: "wrong" },
    after: state(LIVE),
    onExit: "keep",
    ...fields,
  });
  await deps.store.changes.update(change.id, { state: "settled", outcome: fields.outcome ?? "took-effect" });
  return change;
}

const promotion = (webhookId: string) => ({
  webhookId,
  url: LIVE,
  description: "Production webhook",
  events: undefined,
});
const plan = ({ deps }: Desk, webhookId: string | undefined) =>
  planRollback(deps.api, deps.store, { environment: deps.environment, baseUrl: deps.baseUrl, webhookId });

describe("the promotion that a rollback undoes", () => {
  it.each<[what: string, Partial<WebhookChange>]>([
    ["another environment", { environment: "production" }],
    ["another base URL", { baseUrl: "https://other.example/v1" }],
    ["another webhook", { webhookId: "wh_other" }],
    ["a session", { kind: "session" }],
    ["a registration", { kind: "register" }],
    ["a promotion that never reached the API", { outcome: "untouched" }],
  ])("is not a later change that was %s", async (_what, fields) => {
    const desk = await openDesk();
    await promote(desk.deps, promotion(desk.id));
    await record(desk, fields);
    const { change } = await plan(desk, desk.id);
    expect(change.before).toMatchObject({ url: "http://127.0.0.1:9/mine", description: "as it was" });
  });

  it("is the last one of any webhook when none is named", async () => {
    const desk = await openDesk();
    const other = (await desk.call("POST", "/webhooks", {
      name: "other",
      url: "http://127.0.0.1:9/other",
      eventTypeNames: ["order.*"],
    })) as { id: string };
    await promote(desk.deps, promotion(desk.id));
    await promote(desk.deps, promotion(other.id));
    expect((await plan(desk, undefined)).change.webhookId).toBe(other.id);
    expect((await plan(desk, desk.id)).change.webhookId).toBe(desk.id);
  });

  it("is none once it has been rolled back, although an older one is on record", async () => {
    const desk = await openDesk();
    await record(desk, {});
    await promote(desk.deps, promotion(desk.id));
    await rollBack(desk.deps, await plan(desk, desk.id));
    await expect(plan(desk, desk.id)).rejects.toMatchObject({ code: "nothing_to_roll_back" });
  });

  it("can be made and undone again after a rollback", async () => {
    const desk = await openDesk();
    for (let round = 0; round < 2; round += 1) {
      expect((await planPromotion(desk.deps, promotion(desk.id))).isChange).toBe(true);
      await promote(desk.deps, promotion(desk.id));
      await rollBack(desk.deps, await plan(desk, desk.id));
      expect(await desk.webhook()).toMatchObject({ url: "http://127.0.0.1:9/mine" });
    }
  });
});

it("a rollback looks again, in its turn, whether somebody has changed the webhook", async () => {
  const desk = await openDesk();
  await promote(desk.deps, promotion(desk.id));
  const planned = await plan(desk, desk.id);
  // While the user reads the question.
  await desk.call("PATCH", `/webhooks/${desk.id}`, { url: "https://newer.example/hooks" });
  await expect(rollBack(desk.deps, planned)).rejects.toMatchObject({ code: "webhook_changed" });
  expect(await desk.webhook()).toMatchObject({ url: "https://newer.example/hooks" });
  expect((await desk.deps.store.changes.list(10)).map(({ kind, outcome }) => [kind, outcome])).toEqual([
    ["promote", "took-effect"],
  ]);
});
