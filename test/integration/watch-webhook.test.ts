import { describe, expect, it } from "vitest";
import type { NewFact } from "../../src/core/facts.ts";
import { FactBus } from "../../src/delivery/bus.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { followUrl } from "../../src/features/listen/follow-url.ts";
import { watchWebhook } from "../../src/features/listen/watch-webhook.ts";
import { WebhookJournal } from "../../src/features/webhooks/journal.ts";
import { openJournal, type JournalFixture } from "../support/journal.ts";
import { Gate } from "../support/fault-proxy.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { startSession } from "../support/session.ts";
import { openStore } from "../../src/store/store.ts";

const HERE = "https://here.ngrok-free.app/hooks";

/** A clock on which long waits end when the test decides. */
function steppedClock(): Clock & { pass(ms: number): Promise<void> } {
  const waiting = new Map<number, (() => void)[]>();
  return {
    now: () => Date.now(),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        // Like the real clock: a signal that has already aborted ends a wait at once.
        if (signal?.aborted === true) reject(signal.reason as Error);
        else if (ms < 5_000) setImmediate(resolve);
        else waiting.set(ms, [...(waiting.get(ms) ?? []), resolve]);
        signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      }),
    async pass(ms) {
      await expect.poll(() => waiting.get(ms)?.length ?? 0).toBeGreaterThan(0);
      const due = waiting.get(ms) ?? [];
      waiting.delete(ms);
      for (const resolve of due) resolve();
    },
  };
}

/** A session that has the journal's webhook and watches it. */
async function watching() {
  const clock = steppedClock();
  const bus = new FactBus(clock);
  const fixture = await openJournal({ clock, publish: (fact) => bus.publish(fact) });
  const { journal, id } = fixture;
  const set = { url: HERE, events: ["order.*"] };
  const { change } = await journal.change({ kind: "session", webhookId: id, set, onExit: "restore" });
  const held = [change];
  const facts: NewFact[] = [];
  bus.subscribe((fact) => void facts.push(fact));
  const follow = followUrl(journal, id, { current: () => HERE }, held);
  const watch = watchWebhook(journal, id, held, bus, (from) => follow.repoint(from));
  return {
    ...fixture,
    bus,
    facts,
    watch,
    change: (fields: Record<string, unknown>) => fixture.call("PATCH", `/webhooks/${id}`, fields),
    async look(ms = 60_000) {
      const before = fixture.proxy.calls.length;
      await clock.pass(ms);
      await expect.poll(() => fixture.proxy.calls.length).toBeGreaterThan(before);
      await bus.flush();
    },
    warnings: () => facts.filter((fact) => fact.type === "warning").map(({ message }) => message),
    async end() {
      await watch[Symbol.asyncDispose]();
      await follow[Symbol.asyncDispose]();
      return journal.settle(change);
    },
  };
}

describe("a session checks its webhook each minute, and reports once", () => {
  const changes: [string, (fixture: JournalFixture) => Promise<unknown>, string][] = [
    ["repointed", ({ call, id }) => call("PATCH", `/webhooks/${id}`, { url: "https://b.example/" }), "now delivers to"],
    ["disabled", ({ call, id }) => call("PATCH", `/webhooks/${id}`, { status: "INACTIVE" }), "is now inactive"],
    ["deleted", ({ call, id }) => call("DELETE", `/webhooks/${id}`), "no longer exists"],
    ["changed", ({ call, id }) => call("PATCH", `/webhooks/${id}`, { eventTypeNames: ["account.*"] }), "events of"],
  ];

  it.each(changes)("that it was %s elsewhere", async (_what, act, words) => {
    const session = await watching();
    await session.look();
    expect(session.warnings()).toEqual([]);
    await act(session);
    await session.look();
    await expect.poll(session.warnings).toMatchObject([expect.stringContaining(words)]);
    await session.look();
    await session.look();
    expect(session.warnings()).toHaveLength(1);
    await session.end();
  });

  it("that it is as before again", async () => {
    const session = await watching();
    await session.change({ status: "INACTIVE" });
    await session.look();
    await expect.poll(session.warnings).toHaveLength(1);
    await session.change({ status: "ACTIVE" });
    await session.look();
    await expect.poll(() => session.facts.at(-1)).toMatchObject({ type: "registered", action: "none" });
    await session.end();
  });

  it("nothing if the API cannot be reached", async () => {
    const session = await watching();
    session.proxy.rules.push({ method: "GET", path: /./, fault: { kind: "answer", status: 403, body: "{}" } });
    await session.look();
    await session.look();
    expect(session.warnings()).toEqual([]);
    session.proxy.rules.length = 0;
    await session.end();
  });
});

it("a trigger without an event makes a session check its webhook", async () => {
  const session = await watching();
  await session.change({ url: "https://b.example/" });
  session.watch.expectEvent();
  await session.look(10_000);
  await expect.poll(session.warnings).toHaveLength(1);
  await session.end();
});

it("a late request of an earlier session does not take the webhook from this one", async () => {
  const session = await watching();
  const { deps, journal, id, proxy, webhook } = session;
  await session.end();
  // Another session, whose PATCH the API carries out while the next one runs.
  const gate = new Gate();
  proxy.rules.push({ method: "PATCH", path: /./, times: 1, fault: { kind: "reset-late", gate } });
  proxy.rules.push({ method: "PATCH", path: /./, times: 1, fault: { kind: "answer", status: 422, body: "{}" } });
  const url = "https://late.ngrok-free.app/hooks";
  const late = journal.change({ kind: "session", webhookId: id, set: { url }, onExit: "restore" });
  await expect(late).rejects.toThrow();
  const set = { url: HERE, events: ["order.*"] };
  const { change } = await journal.change({ kind: "session", webhookId: id, set, onExit: "restore" });
  const held = [change];
  const clock = steppedClock();
  const bus = new FactBus(clock);
  const next = new WebhookJournal({ ...deps, clock, publish: (fact) => bus.publish(fact) });
  const follow = followUrl(next, id, { current: () => HERE }, held);
  const watch = watchWebhook(next, id, held, bus, (from) => follow.repoint(from));
  gate.open();
  await expect.poll(webhook).toMatchObject({ url });
  await clock.pass(60_000);
  await expect.poll(webhook).toMatchObject({ url: HERE });
  await watch[Symbol.asyncDispose]();
  await follow[Symbol.asyncDispose]();
  await journal.settle(change);
  expect(await webhook()).toMatchObject({ url: "http://127.0.0.1:9/mine" });
});

describe("a field that is changed elsewhere during a session", () => {
  it("stays unchanged at the end, and is reported", async () => {
    const { env, call } = await startSandbox();
    const { id } = (await call("POST", "/webhooks", {
      name: "w",
      url: "http://127.0.0.1:9/mine",
      eventTypeNames: ["account.*"],
      description: "old",
    })) as { id: string };
    const session = await startSession(["--tunnel", "none", "--webhook", id], env);
    await call("PATCH", `/webhooks/${id}`, { eventTypeNames: ["document.*"], description: "new" });
    await session.stop();
    expect(await webhooksOf(call)).toMatchObject([
      { url: "http://127.0.0.1:9/mine", eventTypeNames: ["document.*"], description: "new", status: "ACTIVE" },
    ]);
    expect(session.records).toContainEqual(
      expect.objectContaining({
        code: "webhook_changed",
        message: expect.stringContaining("events and description") as string,
      }),
    );
  });

  it("stays unchanged when the session was killed, and is reported by restore", async () => {
    const { env, call } = await startSandbox();
    const url = "http://127.0.0.1:9/dead";
    const { id } = (await call("POST", "/webhooks", { name: "w", url, eventTypeNames: ["account.*"] })) as {
      id: string;
    };
    const store = await openStore({ folder: env["BLUUM_HOOKS_HOME"] ?? "" });
    const before = {
      name: "w",
      url: "http://127.0.0.1:9/mine",
      events: ["order.*"],
      status: "ACTIVE",
      description: null,
    };
    const place = { environment: "sandbox", baseUrl: env["BLUUM_BASE_URL"] ?? "", webhookId: id };
    const after = { ...before, url, events: ["transfer.*"] };
    const planned = await store.changes.plan({ ...place, kind: "session", before, after, onExit: "restore" });
    await store.changes.update(planned.id, { state: "applied" });
    await store[Symbol.asyncDispose]();
    const { stderr } = await runInProcess(["restore", "--json"], env);
    expect(stderr).toContain('"webhook_changed"');
    expect(await webhooksOf(call)).toMatchObject([{ url: before.url, eventTypeNames: ["account.*"] }]);
  });
});

describe("a session whose webhook was pointed at another URL", () => {
  async function repointed() {
    const { env, call } = await startSandbox({ speed: 6000 });
    const session = await startSession(["--tunnel", "none", "--new"], env);
    const { webhookId } = await session.record("ready");
    await call("PATCH", `/webhooks/${String(webhookId)}`, { url: "http://127.0.0.1:9/elsewhere" });
    return { env, webhookId: String(webhookId) };
  }

  it("is a problem in doctor", async () => {
    const { env, webhookId } = await repointed();
    const { stdout } = await runInProcess(["doctor", "--json"], env);
    const { findings } = JSON.parse(stdout) as { findings: Record<string, unknown>[] };
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: "webhooks",
        level: "problem",
        webhookId,
        message: expect.stringContaining("now delivers to") as string,
      }),
    );
  });

  it("is reported by trigger --wait, whose wait cannot succeed", async () => {
    const { env } = await repointed();
    const { code, stderr } = await runInProcess(["trigger", "order", "--wait", "--timeout", "0.1s", "--json"], env);
    expect(code).toBe(5);
    expect(stderr).toContain('"webhook_changed"');
  });
});
