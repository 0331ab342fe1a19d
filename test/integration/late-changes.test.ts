import { describe, expect, it } from "vitest";
import { deleteWebhook } from "../../src/features/webhooks/delete.ts";
import { changeWebhook } from "../../src/features/webhooks/journal.ts";
import { updatePermanently } from "../../src/features/webhooks/register-webhook.ts";
import { recover } from "../../src/features/webhooks/recover.ts";
import { settle } from "../../src/features/webhooks/settle.ts";
import { planRollback } from "../../src/features/promotion/roll-back.ts";
import { promote } from "../../src/features/promotion/promote-webhook.ts";
import type { WebhookChange } from "../../src/store/store.ts";
import { openDesk, type Desk } from "../support/desk.ts";
import { Gate } from "../support/fault-proxy.ts";
import { EDITIONS, spellAs } from "../support/wire-shapes.ts";

const MINE = "http://127.0.0.1:9/mine";
const TUNNEL = "https://left.ngrok-free.app/hooks";
const OTHER = "https://other.example/hooks";
const MINUTE = 60_000;

const REFUSAL = { kind: "answer", status: 422, body: "{}" } as const;

/**
 * A desk whose API does not answer the first change that it is sent, and carries it out when the test lets it; the client's
 * repetition is refused.
 */
async function withSlowApi() {
  let now = Date.now();
  const unproven: WebhookChange[] = [];
  const clock = { now: () => now, sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };
  const desk = await openDesk({ clock, onUnproven: (change) => void unproven.push(change) });
  const gate = new Gate();
  const delayNextChange = () => {
    for (const method of ["PATCH", "DELETE"]) {
      for (const fault of [{ kind: "reset-late", gate } as const, REFUSAL]) {
        desk.proxy.rules.push({ method, path: /./, times: 1, fault });
      }
    }
  };
  return {
    ...desk,
    unproven,
    delayNextChange,
    url: async () => (await desk.webhook())?.url,
    pending: () => desk.deps.store.changes.pending(),
    passMinutes: (minutes: number) => void (now += minutes * MINUTE),
    /** The API carries out what it was sent. */
    async land(isDone: (webhook: Awaited<ReturnType<Desk["webhook"]>>) => boolean) {
      gate.open();
      await expect.poll(async () => isDone(await desk.webhook())).toBe(true);
    },
  };
}

/** The same, and the next change is the one that is not answered. */
async function withLateChange() {
  const desk = await withSlowApi();
  desk.delayNextChange();
  return desk;
}

const session = ({ deps, id }: Desk, url = TUNNEL) =>
  changeWebhook(deps, { kind: "session", webhookId: id, set: { url }, onExit: "restore" });
const isAt = (url: string) => (webhook: { url: string } | undefined) => webhook?.url === url;
const outcomes = async ({ deps }: Desk) => {
  const { recovered, awaited } = await recover(deps);
  return { outcomes: recovered.map(({ outcome }) => outcome), awaited: awaited.length };
};

describe("a change of a session that the API has not answered", () => {
  it("is restored by the second look, when it is carried out between two", async () => {
    const desk = await withLateChange();
    await expect(session(desk)).rejects.toThrow();
    const [change] = await desk.pending();
    expect(change).toMatchObject({ state: "planned", unanswered: 1 });
    // The end of the session.
    expect(await settle(desk.deps, change!)).toMatchObject({ outcome: "not-seen", openUntil: expect.any(Number) });
    expect(await outcomes(desk)).toEqual({ outcomes: [], awaited: 1 });
    await desk.land(isAt(TUNNEL));
    expect(await outcomes(desk)).toEqual({ outcomes: ["restored"], awaited: 0 });
    expect(await desk.url()).toBe(MINE);
    expect(await desk.pending()).toEqual([]);
  });

  it("is settled when nothing has come of it after a quarter of an hour", async () => {
    const desk = await withLateChange();
    await expect(session(desk)).rejects.toThrow();
    desk.passMinutes(14);
    expect(await outcomes(desk)).toEqual({ outcomes: [], awaited: 1 });
    desk.passMinutes(2);
    expect(await outcomes(desk)).toEqual({ outcomes: ["untouched"], awaited: 0 });
    expect(await desk.pending()).toEqual([]);
  });

  it("is not open for years because the clock was years ahead when it was sent", async () => {
    const desk = await withLateChange();
    desk.passMinutes(10 * 365 * 24 * 60);
    await expect(session(desk)).rejects.toThrow();
    desk.passMinutes(-10 * 365 * 24 * 60);
    expect(await outcomes(desk)).toEqual({ outcomes: ["untouched"], awaited: 0 });
  });

  it("stays open beside the repeated request that was answered, and is restored when it is carried out too", async () => {
    const desk = await withSlowApi();
    const gate = new Gate();
    desk.proxy.rules.push({ method: "PATCH", path: /./, times: 1, fault: { kind: "reset-late", gate } });
    const { change } = await session(desk);
    expect(await desk.url()).toBe(TUNNEL);
    expect(await desk.pending()).toMatchObject([{ state: "applied", unanswered: 1 }]);
    expect(await settle(desk.deps, change)).toMatchObject({
      outcome: "restored",
      openUntil: expect.any(Number) as number,
    });
    expect(await desk.url()).toBe(MINE);
    gate.open();
    await expect.poll(desk.url).toBe(TUNNEL);
    expect(await outcomes(desk)).toEqual({ outcomes: ["restored"], awaited: 0 });
    expect(await desk.url()).toBe(MINE);
  });

  it("is restored to what somebody has set in the meantime", async () => {
    const desk = await withLateChange();
    await expect(session(desk)).rejects.toThrow();
    await desk.call("PATCH", `/webhooks/${desk.id}`, { url: OTHER });
    expect(await outcomes(desk)).toEqual({ outcomes: ["not-ours"], awaited: 1 });
    await desk.land(isAt(TUNNEL));
    expect(await outcomes(desk)).toEqual({ outcomes: ["restored"], awaited: 0 });
    expect(await desk.url()).toBe(OTHER);
  });

  it.each<[string, (desk: Desk) => Promise<unknown>]>([
    ["a change for good", ({ deps, id }) => updatePermanently(deps, id, { url: OTHER })],
    [
      "a promotion",
      ({ deps, id }) =>
        promote(deps, { webhookId: id, url: OTHER, description: "Production webhook", events: undefined }),
    ],
  ])("is restored to what %s has made of the webhook since", async (_what, change) => {
    const desk = await withLateChange();
    await expect(session(desk)).rejects.toThrow();
    await change(desk);
    await desk.land(isAt(TUNNEL));
    expect(await outcomes(desk)).toMatchObject({ outcomes: ["restored"] });
    expect(await desk.url()).toBe(OTHER);
  });

  it("leads back to what was before both of two sessions", async () => {
    const desk = await withLateChange();
    await expect(session(desk)).rejects.toThrow();
    await session(desk, "https://second.ngrok-free.app/hooks");
    await desk.land(isAt(TUNNEL));
    expect(await outcomes(desk)).toEqual({ outcomes: ["not-ours", "restored"], awaited: 0 });
    expect(await desk.url()).toBe(MINE);
  });

  it("that sets the status alone is not taken for carried out because the URL is the same", async () => {
    const desk = await withLateChange();
    await desk.call("PATCH", `/webhooks/${desk.id}`, { status: "INACTIVE" });
    const wake = { kind: "session", webhookId: desk.id, set: { status: "ACTIVE" }, onExit: "restore" } as const;
    await expect(changeWebhook(desk.deps, wake)).rejects.toThrow();
    expect(await outcomes(desk)).toEqual({ outcomes: [], awaited: 1 });
    await desk.land((webhook) => webhook?.status === "ACTIVE");
    expect(await outcomes(desk)).toEqual({ outcomes: ["restored"], awaited: 0 });
    expect(await desk.webhook()).toMatchObject({ status: "INACTIVE" });
  });

  it("is done when the API shows it, although no answer came", async () => {
    const desk = await openDesk();
    desk.proxy.rules.push({ method: "PATCH", path: /./, fault: { kind: "lose-answer" } });
    expect((await session(desk)).action).toBe("patched");
    // Five requests, of which the effect of one is seen.
    expect(await desk.deps.store.changes.pending()).toMatchObject([{ state: "applied", unanswered: 4 }]);
  });

  it("is not waited for when the API has refused it", async () => {
    const desk = await openDesk();
    desk.proxy.rules.push({ method: "PATCH", path: /./, fault: REFUSAL });
    await expect(session(desk)).rejects.toMatchObject({ code: "api_refused" });
    expect(await outcomes(desk)).toEqual({ outcomes: ["untouched"], awaited: 0 });
  });

  it.each([500, 502, 504, 524])("is waited for after %i, which a gateway may answer for a slow API", async (status) => {
    const desk = await openDesk();
    desk.proxy.rules.push({ method: "PATCH", path: /./, fault: { kind: "answer", status, body: "{}" } });
    await expect(session(desk)).rejects.toMatchObject({ code: "api_unavailable" });
    expect(await outcomes(desk)).toEqual({ outcomes: [], awaited: 1 });
  });
});

it("a restore whose answer is lost is not said to have failed when the API shows it", async () => {
  const desk = await openDesk();
  const { change } = await session(desk);
  desk.proxy.rules.push({ method: "PATCH", path: /./, fault: { kind: "lose-answer" } });
  expect(await settle(desk.deps, change)).toMatchObject({ webhookId: desk.id, outcome: "restored" });
});

it("a restore that is carried out after the end of the session is found restored", async () => {
  const desk = await withSlowApi();
  const { change } = await session(desk);
  desk.delayNextChange();
  await expect(settle(desk.deps, change)).rejects.toThrow();
  expect(await desk.pending()).toHaveLength(1);
  await desk.land(isAt(MINE));
  desk.passMinutes(16);
  expect(await outcomes(desk)).toEqual({ outcomes: ["restored"], awaited: 0 });
});

describe("a change for good that the API has not answered", () => {
  const actions: Record<string, (desk: Desk) => Promise<unknown>> = {
    "webhooks update": ({ deps, id }) => updatePermanently(deps, id, { url: TUNNEL }),
    "webhooks disable": ({ deps, id }) => updatePermanently(deps, id, { status: "INACTIVE" }),
    promote: ({ deps, id }) =>
      promote(deps, { webhookId: id, url: TUNNEL, description: "Production webhook", events: undefined }),
  };

  it.each(Object.keys(actions))("of %s is reported at once, and found when it is carried out", async (name) => {
    const desk = await withLateChange();
    await expect(actions[name]!(desk)).rejects.toThrow();
    expect(desk.unproven).toMatchObject([{ webhookId: desk.id, unanswered: 1 }]);
    expect(await outcomes(desk)).toEqual({ outcomes: [], awaited: 1 });
    await desk.land((webhook) => webhook?.url === TUNNEL || webhook?.status === "INACTIVE");
    expect(await outcomes(desk)).toEqual({ outcomes: ["took-effect"], awaited: 0 });
    expect(await desk.pending()).toEqual([]);
  });

  it("of webhooks delete is reported, and the webhook forgotten once it is gone", async () => {
    const desk = await withLateChange();
    const forgotten: string[] = [];
    const deps = { ...desk.deps, forget: async (id: string) => void forgotten.push(id) };
    const [webhook] = await deps.api.listWebhooks();
    await expect(deleteWebhook(deps, webhook!)).rejects.toThrow();
    expect(desk.unproven).toMatchObject([{ kind: "delete", unanswered: 1 }]);
    expect((await recover(deps)).awaited).toHaveLength(1);
    expect(forgotten).toEqual([]);
    await desk.land((now) => now === undefined);
    expect((await recover(deps)).recovered).toMatchObject([{ outcome: "deleted" }]);
    expect(forgotten).toEqual([desk.id]);
  });

  it("is not said to have taken effect where the API does not return what it set", async () => {
    const reticent = EDITIONS.find(({ events }) => events === "untold")!;
    let now = Date.now();
    const clock = { now: () => now, sleep: async () => {} };
    const desk = await openDesk({ clock }, { transform: spellAs(reticent) });
    desk.proxy.rules.push({ method: "PATCH", path: /./, fault: { kind: "reset" } });
    await expect(updatePermanently(desk.deps, desk.id, { events: ["transfer.*"] })).rejects.toMatchObject({
      code: "api_unreachable",
    });
    expect(await outcomes(desk)).toEqual({ outcomes: [], awaited: 1 });
    now += 16 * MINUTE;
    expect(await outcomes(desk)).toEqual({ outcomes: ["unproven"], awaited: 0 });
  });

  it("of a promotion is not rolled back before it is known whether it took effect", async () => {
    const desk = await withLateChange();
    const { deps, id } = desk;
    await expect(actions["promote"]!(desk)).rejects.toThrow();
    const place = { ...deps, webhookId: id };
    await expect(planRollback(deps.api, deps.store, place)).rejects.toMatchObject({ code: "change_unproven" });
    await desk.land(isAt(TUNNEL));
    await recover(deps);
    expect(await planRollback(deps.api, deps.store, place)).toMatchObject({ after: { url: MINE } });
  });
});
