import { describe, expect, it } from "vitest";
import { planRollback } from "../../src/features/promotion/roll-back.ts";
import { promote } from "../../src/features/promotion/promote-webhook.ts";
import { openJournal, type JournalFixture } from "../support/journal.ts";
import { Gate } from "../support/fault-proxy.ts";
import { EDITIONS, spellAs } from "../support/wire-shapes.ts";

const MINE = "http://127.0.0.1:9/mine";
const TUNNEL = "https://left.ngrok-free.app/hooks";
const OTHER = "https://other.example/hooks";
const MINUTE = 60_000;

const REFUSAL = { kind: "answer", status: 422, body: "{}" } as const;

/**
 * A journal whose API does not answer the first change, and carries it out when the test allows it; the client's
 * repetition is refused.
 */
async function withSlowApi() {
  let now = Date.now();
  const clock = { now: () => now, sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };
  const fixture = await openJournal({ clock });
  const gate = new Gate();
  const delayNextChange = () => {
    for (const method of ["PATCH", "DELETE"]) {
      for (const fault of [{ kind: "reset-late", gate } as const, REFUSAL]) {
        fixture.proxy.rules.push({ method, path: /./, times: 1, fault });
      }
    }
  };
  return {
    ...fixture,
    delayNextChange,
    url: async () => (await fixture.webhook())?.url,
    pending: () => fixture.journal.pending(),
    passMinutes: (minutes: number) => void (now += minutes * MINUTE),
    /** The API carries out its pending request. */
    async land(isDone: (webhook: Awaited<ReturnType<JournalFixture["webhook"]>>) => boolean) {
      gate.open();
      await expect.poll(async () => isDone(await fixture.webhook())).toBe(true);
    },
  };
}

/** The same, but the next change is the unanswered one. */
async function withLateChange() {
  const fixture = await withSlowApi();
  fixture.delayNextChange();
  return fixture;
}

const session = ({ journal, id }: JournalFixture, url = TUNNEL) =>
  journal.change({ kind: "session", webhookId: id, set: { url }, onExit: "restore" });
const warnings = ({ facts }: JournalFixture) => facts.map((fact) => (fact.type === "warning" ? fact.message : fact));
const isAt = (url: string) => (webhook: { url: string } | undefined) => webhook?.url === url;
const outcomes = async ({ journal }: JournalFixture) => {
  const { recovered, awaited } = await journal.recover();
  return { outcomes: recovered.map(({ outcome }) => outcome), awaited: awaited.length };
};

describe("a change of a session that the API has not answered", () => {
  it("is restored by the second check, when it is carried out between two", async () => {
    const fixture = await withLateChange();
    await expect(session(fixture)).rejects.toThrow();
    const [change] = await fixture.pending();
    expect(change).toMatchObject({ state: "planned", unanswered: 1 });
    // The end of the session.
    expect(await fixture.journal.settle(change!)).toMatchObject({ outcome: "not-seen", openUntil: expect.any(Number) });
    expect(await outcomes(fixture)).toEqual({ outcomes: [], awaited: 1 });
    await fixture.land(isAt(TUNNEL));
    expect(await outcomes(fixture)).toEqual({ outcomes: ["restored"], awaited: 0 });
    expect(await fixture.url()).toBe(MINE);
    expect(await fixture.pending()).toEqual([]);
  });

  it("is settled when nothing has happened after a quarter of an hour", async () => {
    const fixture = await withLateChange();
    await expect(session(fixture)).rejects.toThrow();
    fixture.passMinutes(14);
    expect(await outcomes(fixture)).toEqual({ outcomes: [], awaited: 1 });
    fixture.passMinutes(2);
    expect(await outcomes(fixture)).toEqual({ outcomes: ["untouched"], awaited: 0 });
    expect(await fixture.pending()).toEqual([]);
  });

  it("does not stay unsettled for years because the clock was years ahead when it was sent", async () => {
    const fixture = await withLateChange();
    fixture.passMinutes(10 * 365 * 24 * 60);
    await expect(session(fixture)).rejects.toThrow();
    fixture.passMinutes(-10 * 365 * 24 * 60);
    expect(await outcomes(fixture)).toEqual({ outcomes: ["untouched"], awaited: 0 });
  });

  it("stays unsettled with the repeated request that was answered, and is restored when it is carried out too", async () => {
    const fixture = await withSlowApi();
    const gate = new Gate();
    fixture.proxy.rules.push({ method: "PATCH", path: /./, times: 1, fault: { kind: "reset-late", gate } });
    const { change } = await session(fixture);
    expect(await fixture.url()).toBe(TUNNEL);
    expect(await fixture.pending()).toMatchObject([{ state: "applied", unanswered: 1 }]);
    expect(await fixture.journal.settle(change)).toMatchObject({
      outcome: "restored",
      openUntil: expect.any(Number) as number,
    });
    expect(await fixture.url()).toBe(MINE);
    gate.open();
    await expect.poll(fixture.url).toBe(TUNNEL);
    expect(await outcomes(fixture)).toEqual({ outcomes: ["restored"], awaited: 0 });
    expect(await fixture.url()).toBe(MINE);
  });

  it("is restored to the state that was set in the meantime", async () => {
    const fixture = await withLateChange();
    await expect(session(fixture)).rejects.toThrow();
    await fixture.call("PATCH", `/webhooks/${fixture.id}`, { url: OTHER });
    expect(await outcomes(fixture)).toEqual({ outcomes: ["not-ours"], awaited: 1 });
    await fixture.land(isAt(TUNNEL));
    expect(await outcomes(fixture)).toEqual({ outcomes: ["restored"], awaited: 0 });
    expect(await fixture.url()).toBe(OTHER);
  });

  it.each<[string, (fixture: JournalFixture) => Promise<unknown>]>([
    ["a permanent change", ({ journal, id }) => journal.update(id, { url: OTHER })],
    [
      "a promotion",
      ({ journal, id }) =>
        promote(journal, { webhookId: id, url: OTHER, description: "Production webhook", events: undefined }),
    ],
  ])("is restored to the state that %s has set since", async (_what, change) => {
    const fixture = await withLateChange();
    await expect(session(fixture)).rejects.toThrow();
    await change(fixture);
    await fixture.land(isAt(TUNNEL));
    expect(await outcomes(fixture)).toMatchObject({ outcomes: ["restored"] });
    expect(await fixture.url()).toBe(OTHER);
  });

  it("restores the state before both of two sessions", async () => {
    const fixture = await withLateChange();
    await expect(session(fixture)).rejects.toThrow();
    await session(fixture, "https://second.ngrok-free.app/hooks");
    await fixture.land(isAt(TUNNEL));
    expect(await outcomes(fixture)).toEqual({ outcomes: ["not-ours", "restored"], awaited: 0 });
    expect(await fixture.url()).toBe(MINE);
  });

  it("that sets only the status does not count as carried out because the URL is the same", async () => {
    const fixture = await withLateChange();
    await fixture.call("PATCH", `/webhooks/${fixture.id}`, { status: "INACTIVE" });
    const wake = { kind: "session", webhookId: fixture.id, set: { status: "ACTIVE" }, onExit: "restore" } as const;
    await expect(fixture.journal.change(wake)).rejects.toThrow();
    expect(await outcomes(fixture)).toEqual({ outcomes: [], awaited: 1 });
    await fixture.land((webhook) => webhook?.status === "ACTIVE");
    expect(await outcomes(fixture)).toEqual({ outcomes: ["restored"], awaited: 0 });
    expect(await fixture.webhook()).toMatchObject({ status: "INACTIVE" });
  });

  it("is done when the API shows it, even without a response", async () => {
    const fixture = await openJournal();
    fixture.proxy.rules.push({ method: "PATCH", path: /./, fault: { kind: "lose-answer" } });
    expect((await session(fixture)).action).toBe("patched");
    // Five requests, of which one has a confirmed effect.
    expect(await fixture.journal.changes.pending()).toMatchObject([{ state: "applied", unanswered: 4 }]);
  });

  it("is not awaited when the API has refused it", async () => {
    const fixture = await openJournal();
    fixture.proxy.rules.push({ method: "PATCH", path: /./, fault: REFUSAL });
    await expect(session(fixture)).rejects.toMatchObject({ code: "api_refused" });
    expect(await outcomes(fixture)).toEqual({ outcomes: ["untouched"], awaited: 0 });
  });

  it.each([500, 502, 504, 524])("is awaited after %i, which a gateway may return for a slow API", async (status) => {
    const fixture = await openJournal();
    fixture.proxy.rules.push({ method: "PATCH", path: /./, fault: { kind: "answer", status, body: "{}" } });
    await expect(session(fixture)).rejects.toMatchObject({ code: "api_unavailable" });
    expect(await outcomes(fixture)).toEqual({ outcomes: [], awaited: 1 });
  });
});

it("a restore with a lost response is not reported as failed when the API shows it", async () => {
  const fixture = await openJournal();
  const { change } = await session(fixture);
  fixture.proxy.rules.push({ method: "PATCH", path: /./, fault: { kind: "lose-answer" } });
  expect(await fixture.journal.settle(change)).toMatchObject({ webhookId: fixture.id, outcome: "restored" });
});

it("a restore that is carried out after the end of the session is recognized", async () => {
  const fixture = await withSlowApi();
  const { change } = await session(fixture);
  fixture.delayNextChange();
  await expect(fixture.journal.settle(change)).rejects.toThrow();
  expect(await fixture.pending()).toHaveLength(1);
  await fixture.land(isAt(MINE));
  fixture.passMinutes(16);
  expect(await outcomes(fixture)).toEqual({ outcomes: ["restored"], awaited: 0 });
});

describe("a permanent change that the API has not answered", () => {
  const actions: Record<string, (fixture: JournalFixture) => Promise<unknown>> = {
    "webhooks update": ({ journal, id }) => journal.update(id, { url: TUNNEL }),
    "webhooks disable": ({ journal, id }) => journal.update(id, { status: "INACTIVE" }),
    promote: ({ journal, id }) =>
      promote(journal, { webhookId: id, url: TUNNEL, description: "Production webhook", events: undefined }),
  };

  it.each(Object.keys(actions))("of %s is reported at once, and recognized when it is carried out", async (name) => {
    const fixture = await withLateChange();
    await expect(actions[name]!(fixture)).rejects.toThrow();
    expect(warnings(fixture)).toEqual([expect.stringContaining(`has not answered a change of ${fixture.id}`)]);
    expect(await outcomes(fixture)).toEqual({ outcomes: [], awaited: 1 });
    await fixture.land((webhook) => webhook?.url === TUNNEL || webhook?.status === "INACTIVE");
    expect(await outcomes(fixture)).toEqual({ outcomes: ["took-effect"], awaited: 0 });
    expect(await fixture.pending()).toEqual([]);
  });

  it("of webhooks delete is reported, and the webhook is removed from the config once it is gone", async () => {
    const fixture = await withLateChange();
    const { journal, id } = fixture;
    await journal.remember(id, true, "whsec_1");
    await expect(journal.delete(await journal.get(id))).rejects.toThrow();
    expect(warnings(fixture)).toEqual([expect.stringContaining(`has not answered the deletion of ${id}`)]);
    expect((await journal.recover()).awaited).toHaveLength(1);
    expect(journal.isRemembered(id)).toBe(true);
    await fixture.land((now) => now === undefined);
    expect((await journal.recover()).recovered).toMatchObject([{ outcome: "deleted" }]);
    expect(journal.isRemembered(id)).toBe(false);
  });

  it("is not reported as done if the API does not return what it set", async () => {
    const reticent = EDITIONS.find(({ events }) => events === "untold")!;
    let now = Date.now();
    const clock = { now: () => now, sleep: async () => {} };
    const fixture = await openJournal({ clock }, { transform: spellAs(reticent) });
    fixture.proxy.rules.push({ method: "PATCH", path: /./, fault: { kind: "reset" } });
    await expect(fixture.journal.update(fixture.id, { events: ["transfer.*"] })).rejects.toMatchObject({
      code: "api_unreachable",
    });
    expect(await outcomes(fixture)).toEqual({ outcomes: [], awaited: 1 });
    now += 16 * MINUTE;
    expect(await outcomes(fixture)).toEqual({ outcomes: ["unproven"], awaited: 0 });
  });

  it("of a promotion is not rolled back before it is known whether it took effect", async () => {
    const fixture = await withLateChange();
    const { journal, id } = fixture;
    await expect(actions["promote"]!(fixture)).rejects.toThrow();
    await expect(planRollback(journal, id)).rejects.toMatchObject({ code: "change_unproven" });
    await fixture.land(isAt(TUNNEL));
    await journal.recover();
    expect(await planRollback(journal, id)).toMatchObject({ after: { url: MINE } });
  });
});
