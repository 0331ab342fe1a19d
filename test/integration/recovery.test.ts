import { describe, expect, it } from "vitest";
import { createBluumClient } from "../../src/bluum/client.ts";
import { WebhookJournal } from "../../src/features/webhooks/journal.ts";
import type { Context } from "../../src/context.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { runCli } from "../support/cli.ts";
import { openJournal, type JournalFixture } from "../support/journal.ts";
import { Gate, startFaultProxy } from "../support/fault-proxy.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";

const TUNNEL = "https://left.ngrok-free.app/hooks";
const MINE = "http://127.0.0.1:9/mine";

/** A session took the webhook over and was killed. */
async function leaveBehind({ journal, id }: JournalFixture) {
  return journal.change({ kind: "session", webhookId: id, set: { url: TUNNEL }, onExit: "restore" });
}

describe("a change that a killed session left unsettled", () => {
  it("is settled once, also by a process that read it before another one settled it", async () => {
    const fixture = await openJournal();
    const { journal, deps, proxy, call, id, webhook } = fixture;
    await leaveBehind(fixture);
    let first: ReturnType<WebhookJournal["recover"]> | undefined;
    const slower = new WebhookJournal({
      ...deps,
      store: {
        ...deps.store,
        // It has read the journal by now; the other process is faster.
        async tryLock(...args) {
          first ??= journal.recover();
          await first;
          // Settling it again would undo this.
          if (args[0].startsWith("session ")) await call("PATCH", `/webhooks/${id}`, { url: TUNNEL });
          return deps.store.tryLock(...args);
        },
      },
    });
    const second = await slower.recover();
    expect((await first)?.recovered.map(({ outcome }) => outcome)).toEqual(["restored"]);
    expect(second.recovered).toEqual([]);
    expect(await webhook()).toMatchObject({ url: TUNNEL });
    expect(proxy.calls.filter(({ method }) => method === "PATCH")).toHaveLength(2);
  });

  it("is settled once by two processes that start at the same time", async () => {
    const { env, call } = await startSandbox();
    const { id } = (await call("POST", "/webhooks", { name: "w", url: MINE, eventTypeNames: ["*"] })) as { id: string };
    const store = await openStore({ folder: env["BLUUM_HOOKS_HOME"] ?? "" });
    const state = { name: "w", url: MINE, events: ["*"], status: "ACTIVE", description: null };
    const place = { environment: "sandbox", baseUrl: env["BLUUM_BASE_URL"] ?? "", webhookId: id };
    const after = { ...state, url: TUNNEL };
    await store.changes.plan({ ...place, kind: "session", before: state, after, onExit: "restore" });
    await store[Symbol.asyncDispose]();
    await call("PATCH", `/webhooks/${id}`, { url: TUNNEL });
    const ends = await Promise.all([1, 2].map(() => runCli(["restore", "--json"], env)));
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    const restored = ends.flatMap(({ stdout }) => (JSON.parse(stdout) as { restored: unknown[] }).restored);
    expect(restored).toEqual([expect.objectContaining({ webhookId: id, outcome: "restored" })]);
    expect(await webhooksOf(call)).toMatchObject([{ url: MINE }]);
  });

  it("is not dropped because one list lacks the webhook", async () => {
    const fixture = await openJournal();
    const { journal, proxy, webhook } = fixture;
    await leaveBehind(fixture);
    const cutShort = JSON.stringify({ object: "list", has_more: false, data: [] });
    proxy.rules.push({ method: "GET", path: /./, times: 1, fault: { kind: "answer", status: 200, body: cutShort } });
    const { recovered } = await journal.recover();
    expect(recovered.map(({ outcome }) => outcome)).toEqual(["restored"]);
    expect(await webhook()).toMatchObject({ url: MINE });
  });

  it("is dropped when the webhook is gone, according to two lists", async () => {
    const fixture = await openJournal();
    const { journal, call, id } = fixture;
    await leaveBehind(fixture);
    await call("DELETE", `/webhooks/${id}`);
    const { recovered } = await journal.recover();
    expect(recovered.map(({ outcome }) => outcome)).toEqual(["gone"]);
    expect(await journal.pending()).toEqual([]);
  });
});

describe("a webhook whose creation timed out, but which the API created", () => {
  const listen = ["listen", "--tunnel", "none", "--port", "0", "--timeout", "0.2s", "--json"];
  const impatient: Partial<Context> = {
    createApi: async (options) => createBluumClient({ ...options, timeoutMs: 3_000, retryBaseMs: 10 }),
  };

  it("is found by its marker and deleted at the next start, however late it appears", async () => {
    const { emulator, env, call } = await startSandbox();
    const proxy = await startFaultProxy(emulator.baseUrl);
    const throughProxy = { ...env, BLUUM_BASE_URL: proxy.baseUrl };
    const gate = new Gate();
    proxy.rules.push({ method: "POST", path: /\/webhooks$/, times: 1, fault: { kind: "hold-late", gate } });
    const session = await runInProcess(listen, throughProxy, impatient);
    expect([session.code, session.error?.code]).toEqual([5, "timed_out"]);
    expect(session.stdout.match(/"type":"restored"/g)).toHaveLength(1);
    const own = await webhooksOf(call);
    expect(own).toMatchObject([{ status: "INACTIVE" }]);

    // No webhook has appeared yet, but it still may.
    const early = await runInProcess(["restore", "--json"], throughProxy);
    expect(JSON.parse(early.stdout)).toEqual({ restored: [], live: 0, awaited: 1 });

    gate.open();
    await expect.poll(() => webhooksOf(call)).toHaveLength(2);
    const late = await runInProcess(["restore", "--json"], throughProxy);
    expect(JSON.parse(late.stdout)).toMatchObject({ restored: [{ outcome: "deleted" }], live: 0, awaited: 0 });
    expect(await webhooksOf(call)).toEqual(own);
    const pending = await runInProcess(["restore", "--list", "--json"], throughProxy);
    expect(JSON.parse(pending.stdout)).toEqual([]);
  });

  it("leaves no second one that delivers everything twice, after register as well", async () => {
    const { emulator, env, call } = await startSandbox();
    const proxy = await startFaultProxy(emulator.baseUrl);
    const throughProxy = { ...env, BLUUM_BASE_URL: proxy.baseUrl };
    const gate = new Gate();
    proxy.rules.push({ method: "POST", path: /\/webhooks$/, times: 1, fault: { kind: "hold-late", gate } });
    const register = ["register", "http://127.0.0.1:9/new", "--description", "mine", "--json"];
    const { code, stdout } = await runInProcess(register, throughProxy, impatient);
    expect(code).toBe(0);
    const own = await webhooksOf(call);
    expect(own).toMatchObject([{ id: (JSON.parse(stdout) as { webhookId: string }).webhookId, description: "mine" }]);
    gate.open();
    await expect.poll(() => webhooksOf(call)).toHaveLength(2);
    const again = await runInProcess(register, throughProxy);
    expect(JSON.parse(again.stdout)).toMatchObject({ action: "none" });
    expect(again.stderr).toContain("was deleted");
    expect(await webhooksOf(call)).toEqual(own);
  });

  it("is not awaited longer than an API can take", async () => {
    let now = Date.now();
    const { journal, proxy } = await openJournal({ clock: { now: () => now, sleep: async () => {} } });
    proxy.rules.push({ method: "POST", path: /./, fault: { kind: "answer", status: 503, body: "{}" } });
    const creation = journal.create({
      kind: "session",
      name: "n",
      url: TUNNEL,
      events: ["*"],
      onExit: "deactivate",
    });
    await expect(creation).rejects.toMatchObject({ code: "api_unavailable" });
    expect((await journal.recover()).awaited).toHaveLength(2);
    now += 16 * 60_000;
    expect((await journal.recover()).recovered.map(({ outcome }) => outcome)).toEqual(["untouched", "untouched"]);
    expect(await journal.pending()).toEqual([]);
  });

  it("is not awaited if the API refused it", async () => {
    const { journal, proxy } = await openJournal();
    proxy.rules.push({ method: "POST", path: /./, fault: { kind: "answer", status: 422, body: "{}" } });
    const creation = { kind: "session", name: "n", url: TUNNEL, events: ["*"], onExit: "deactivate" } as const;
    await expect(journal.create(creation)).rejects.toMatchObject({ code: "api_refused" });
    expect(await journal.pending()).toEqual([]);
  });
});

it("waiting for another process does not reduce the API's time at the end of a session", async () => {
  const fixture = await openJournal();
  const { journal, deps, id, webhook } = fixture;
  const { change } = await leaveBehind(fixture);
  const turn = await journal.lockWrite(id);
  let watch: () => void = () => {};
  const isWaiting = new Promise<void>((resolve) => (watch = resolve));
  const lock: Store["lock"] = (...asked) => {
    watch();
    return deps.store.lock(...asked);
  };
  const order: string[] = [];
  const other = new WebhookJournal({
    ...deps,
    store: { ...deps.store, lock },
    openApi(signal) {
      order.push("the time of the API begins");
      return deps.openApi(signal);
    },
  });
  const restored = other.restoreOnExit(change);
  await isWaiting;
  await new Promise(setImmediate);
  order.push("the other process is done");
  await turn[Symbol.asyncDispose]();
  await restored;
  expect(order).toEqual(["the other process is done", "the time of the API begins"]);
  expect(await webhook()).toMatchObject({ url: MINE });
});
