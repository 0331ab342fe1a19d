import { describe, expect, it } from "vitest";
import { createBluumClient } from "../../src/bluum/client.ts";
import { openConfig } from "../../src/config/config-file.ts";
import { EMULATOR_ACCESS, ENVIRONMENT_FACTS } from "../../src/core/environments.ts";
import { deployed } from "../support/deployed.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { EDITIONS, spellAs } from "../support/wire-shapes.ts";

const THEIRS = { name: "theirs", url: "http://127.0.0.1:9/theirs", eventTypeNames: ["account.*"] };

/** A proxy in front of an API that returns an empty list of events for each webhook. */
function startReticence(upstream: string) {
  const edition = EDITIONS.find(({ events }) => events === "untold");
  if (edition === undefined) throw new Error("no edition keeps its events to itself");
  return startFaultProxy(upstream, { transform: spellAs(edition) });
}

/** An API that returns an empty list of events for each webhook. */
async function startReticent() {
  const { emulator, env, call } = await startSandbox();
  const proxy = await startReticence(emulator.baseUrl);
  const eventsSent = () =>
    proxy.calls
      .filter(({ method }) => method === "PATCH")
      .map(({ body }) => (JSON.parse(body) as { eventTypeNames?: string[] }).eventTypeNames)
      .filter((events) => events !== undefined);
  return {
    eventsSent,
    webhooks: () => webhooksOf(call),
    create: async () => ((await call("POST", "/webhooks", THEIRS)) as { id: string }).id,
    run: (...args: string[]) =>
      runInProcess([...args, "--yes", "--json"], { ...env, BLUUM_BASE_URL: proxy.baseUrl }, deployed()),
  };
}

const LISTEN = ["listen", "--tunnel", "none", "--port", "0", "--timeout", "0.1s"];

describe("if the API does not return the events of a webhook", () => {
  it.each([[[]], [["--events", "order.filled"]]])(
    "listen %j leaves another user's unchanged, and says that it did not choose the events",
    async (flags) => {
      const { run, create, webhooks, eventsSent } = await startReticent();
      const id = await create();
      const before = await webhooks();
      const { code, error, stdout } = await run(...LISTEN, ...flags, "--webhook", id);
      expect([code, error?.code]).toEqual([5, "timed_out"]);
      expect(stdout).toContain('"events_unknown"');
      expect(stdout).toMatch(/"type":"ready".*"events":null/);
      expect(stdout).toContain('"action":"restored"');
      expect(eventsSent()).toEqual([]);
      expect(await webhooks()).toEqual(before);
    },
  );

  it("listen uses its own again and again, because the events are recorded", async () => {
    const { run, webhooks } = await startReticent();
    await run(...LISTEN);
    const before = await webhooks();
    for (const events of ["order.*,transfer.*", "account.*", "order.*,transfer.*"]) {
      const { code, error, stdout } = await run(...LISTEN, "--events", events);
      expect([code, error?.code]).toEqual([5, "timed_out"]);
      expect(stdout).not.toContain('"events_unknown"');
      expect((await webhooks()).map(({ eventTypeNames }) => eventTypeNames)).toEqual([before[0]?.eventTypeNames]);
    }
  });

  it("listen registers its own with the requested events", async () => {
    const { run, webhooks } = await startReticent();
    await run(...LISTEN);
    await run(...LISTEN, "--events", "account.*", "--on-exit", "keep");
    expect((await webhooks()).map(({ eventTypeNames }) => eventTypeNames)).toEqual([["account.*"]]);
  });

  it("a change of another field does not change the events", async () => {
    const { run, create, webhooks, eventsSent } = await startReticent();
    const id = await create();
    expect((await run("register", "http://127.0.0.1:9/other", "--webhook", id)).code).toBe(0);
    expect((await run("webhooks", "update", id, "--name", "ours")).code).toBe(0);
    expect((await run("promote", "https://app.example/hooks", "--webhook", id)).code).toBe(0);
    expect((await run("promote", "--rollback")).code).toBe(0);
    expect(eventsSent()).toEqual([]);
    expect(await webhooks()).toMatchObject([
      { name: "ours", url: "http://127.0.0.1:9/other", eventTypeNames: ["account.*"] },
    ]);
  });

  it.each([
    ["register", "--webhook"],
    ["webhooks", "update"],
  ])("%s %s sets the given events, and says that this is not confirmed", async (...command) => {
    const { run, create, webhooks } = await startReticent();
    const id = await create();
    for (const events of ["order.filled", "order.filled", "account.*"]) {
      const { code, stderr } = await run(...command, id, "--events", events);
      expect(code).toBe(0);
      expect(stderr).toContain('"events_unknown"');
      expect((await webhooks()).map(({ eventTypeNames }) => eventTypeNames)).toEqual([[events]]);
    }
  });

  it("promote --events says before and after that a rollback cannot restore the old ones", async () => {
    const { run, create, webhooks } = await startReticent();
    const id = await create();
    const promotion = await run("promote", "https://app.example/hooks", "--webhook", id, "--events", "order.*");
    expect(promotion.code).toBe(0);
    expect(promotion.stderr).toContain('"events_unknown"');
    const rollback = await run("promote", "--rollback");
    expect(rollback.code).toBe(0);
    expect(rollback.stderr).toContain('"events_unknown"');
    expect(await webhooks()).toMatchObject([{ url: "http://127.0.0.1:9/theirs", eventTypeNames: ["order.*"] }]);
  });

  it("a rollback restores the events of a webhook that was created here", async () => {
    const { run, webhooks } = await startReticent();
    await run("register", "http://127.0.0.1:9/mine", "--events", "account.*");
    expect((await run("promote", "https://app.example/hooks", "--events", "order.*")).code).toBe(0);
    expect((await run("promote", "--rollback")).code).toBe(0);
    expect(await webhooks()).toMatchObject([{ url: "http://127.0.0.1:9/mine", eventTypeNames: ["account.*"] }]);
  });

  it("webhooks list and show say so", async () => {
    const { run, create } = await startReticent();
    const id = await create();
    expect(JSON.parse((await run("webhooks", "show", id)).stdout)).toMatchObject({ id, events: null });
    expect(JSON.parse((await run("webhooks", "list")).stdout)).toMatchObject([{ id, events: null }]);
  });
});

describe("promote if production has no webhook yet, and the sandbox does not return the events of its own", () => {
  async function setting() {
    const [sandbox, production] = [await startSandbox(), await startSandbox()];
    const proxy = await startReticence(sandbox.emulator.baseUrl);
    const { BLUUM_BASE_URL: _here, ...env } = sandbox.env;
    const overrides = deployed({
      createApi: async (options) => {
        const isSandbox = options.baseUrl === ENVIRONMENT_FACTS.sandbox.baseUrl;
        return createBluumClient(isSandbox ? { ...options, baseUrl: proxy.baseUrl } : options);
      },
    });
    const config = await openConfig({ folder: env["BLUUM_HOOKS_HOME"]! });
    const { apiKey, apiSecret } = EMULATOR_ACCESS;
    const run = (...args: string[]) => runInProcess([...args, "--yes", "--json"], env, overrides);
    return {
      run,
      /** Without it the sandbox is not called, because production's key pair is not sent there. */
      storeSandboxKeys: () => config.remember("sandbox", { apiKey, apiSecret }),
      create: async () => ((await sandbox.call("POST", "/webhooks", THEIRS)) as { id: string }).id,
      promote: () =>
        run("promote", "https://app.example/hooks", "--env", "production", "--base-url", production.emulator.baseUrl),
      promoted: () => webhooksOf(production.call),
    };
  }
  const REGISTER = ["register", "http://127.0.0.1:9/mine", "--name", "mine"];

  it.each([
    ["registered", [...REGISTER, "--events", "account.*,order.filled"]],
    ["listened with", [...LISTEN, "--name", "mine", "--events", "account.*,order.filled"]],
  ])("copies those of one that was %s here, from the record", async (_how, command) => {
    const { run, storeSandboxKeys, promote, promoted } = await setting();
    await storeSandboxKeys();
    await run(...command);
    const { code, error } = await promote();
    expect([code, error]).toEqual([0, undefined]);
    expect(await promoted()).toMatchObject([{ name: "mine", eventTypeNames: ["account.*", "order.filled"] }]);
  });

  it("copies those that were set last, although the newest record concerns something else", async () => {
    const { run, promote, promoted } = await setting();
    await run(...REGISTER, "--events", "account.*");
    await run("register", "--name", "mine", "--events", "order.filled");
    const { stdout } = await run("register", "--name", "mine", "--description", "as it is");
    expect(stdout).toContain('"patched"');
    const { code, error } = await promote();
    expect([code, error]).toEqual([0, undefined]);
    expect(await promoted()).toMatchObject([{ name: "mine", eventTypeNames: ["order.filled"] }]);
  });

  it("requires --events if one was not created here", async () => {
    const { run, storeSandboxKeys, create, promote, promoted } = await setting();
    await storeSandboxKeys();
    await run("config", "set", "webhook", await create());
    const { code, error } = await promote();
    expect([code, error?.code]).toEqual([2, "invalid_usage"]);
    expect(error?.hint).toContain("--events");
    expect(await promoted()).toEqual([]);
  });
});
