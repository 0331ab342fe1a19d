import { describe, expect, it } from "vitest";
import { runCli, startCli, type Cli } from "../support/cli.ts";
import { Gate, startFaultProxy, type ProxiedCall } from "../support/fault-proxy.ts";
import { startSandbox, webhooksOf, type PlainWebhook } from "../support/sandbox.ts";
import { sampled } from "../support/sampled.ts";

/** An address, so that no name is resolved; with `--skip-checks` no connection is opened. */
const PUBLIC = "https://8.8.8.8/webhooks/bluum";
const PROMOTE = ["promote", PUBLIC, "--description", "Production webhook"];

/** The API's two generations, which have different response formats. */
const GENERATIONS = ["current", "legacy"] as const;

async function setting(generation: (typeof GENERATIONS)[number] = "current") {
  const { emulator, env, call } = await startSandbox({ generation });
  const created = (await call("POST", "/webhooks", {
    name: "staging",
    url: "http://127.0.0.1:9/staging",
    eventTypeNames: ["account.*", "document.approved"],
    description: "do not lose me",
  })) as { id?: string; data?: { webhook: { id: string } } };
  const id = created.id ?? created.data?.webhook.id ?? "";
  const proxy = await startFaultProxy(emulator.baseUrl);
  const throughProxy = { ...env, BLUUM_BASE_URL: proxy.baseUrl };
  const command = (...args: string[]) => [...args, "--webhook", id, "--json"];
  const webhook = async () => {
    const listed = (await call("GET", "/webhooks")) as { data: PlainWebhook[] | { webhooks: PlainWebhook[] } };
    const all = Array.isArray(listed.data) ? listed.data : listed.data.webhooks;
    const {
      updatedAt: _time,
      updated_at: _at,
      ...rest
    } = all.find((each) => each.id === id) as unknown as Record<string, unknown>;
    // The current API answers in lower case.
    return { ...rest, status: String(rest["status"]).toUpperCase() };
  };
  return {
    id,
    call,
    proxy,
    webhook,
    before: await webhook(),
    env: throughProxy,
    run: (...args: string[]) => runCli(command(...args), throughProxy),
    start: (...args: string[]) => startCli(command(...args), throughProxy),
    promote: () => runCli(command(...PROMOTE, "--yes", "--skip-checks"), throughProxy),
    rollBack: () => runCli(command("promote", "--rollback", "--yes"), throughProxy),
    restore: () => runCli(["restore", "--json"], throughProxy),
    listen: async (...args: string[]): Promise<Cli> => {
      const cli = startCli(
        command("listen", ...(args.length > 0 ? args : ["--tunnel", "none"]), "--port", "0", "--yes"),
        throughProxy,
      );
      await cli.record("ready");
      return cli;
    },
  };
}
type Setting = Awaited<ReturnType<typeof setting>>;

async function end(cli: Cli, signal: NodeJS.Signals): Promise<void> {
  cli.kill(signal);
  await cli.ended;
}

/** A promotion that is stopped at its PATCH: `hold` before the API has it, `hold-answer` after. */
async function promotingAt(
  { proxy, start }: Setting,
  kind: "hold" | "hold-answer",
): Promise<{ cli: Cli; release: () => void }> {
  const gate = new Gate();
  const aims = ({ body }: ProxiedCall) => body.includes("Production webhook");
  proxy.rules.push({ method: "PATCH", path: /./, when: aims, times: 1, fault: { kind, gate } });
  const cli = start(...PROMOTE, "--yes", "--skip-checks");
  await gate.reached;
  return { cli, release: () => gate.open() };
}

/** Sequences of events. After each of them, the webhook must be at `PUBLIC`, with its original events. */
const ORDERS: Record<string, (here: Setting) => Promise<void>> = {
  "listen ends after the promotion": async ({ listen, promote }) => {
    const session = await listen();
    expect((await promote()).code).toBe(0);
    await end(session, "SIGINT");
  },
  "listen is killed after the promotion, and restored": async ({ listen, promote, restore }) => {
    const session = await listen();
    expect((await promote()).code).toBe(0);
    await end(session, "SIGKILL");
    expect((await restore()).code).toBe(0);
  },
  "listen is killed before the promotion": async ({ listen, promote }) => {
    await end(await listen(), "SIGKILL");
    expect((await promote()).code).toBe(0);
  },
  "listen ends while the PATCH of the promotion is on its way": async (here) => {
    const session = await here.listen();
    const promotion = await promotingAt(here, "hold");
    session.kill("SIGINT");
    promotion.release();
    expect((await promotion.cli.ended).code).toBe(0);
    await session.ended;
  },
  "listen ends while the answer to the PATCH is on its way": async (here) => {
    const session = await here.listen();
    const promotion = await promotingAt(here, "hold-answer");
    session.kill("SIGTERM");
    promotion.release();
    expect((await promotion.cli.ended).code).toBe(0);
    await session.ended;
  },
  "listen is killed while the PATCH of the promotion is on its way": async (here) => {
    const session = await here.listen();
    const promotion = await promotingAt(here, "hold");
    await end(session, "SIGKILL");
    promotion.release();
    expect((await promotion.cli.ended).code).toBe(0);
    expect((await here.restore()).code).toBe(0);
  },
  "the promotion is killed between PATCH and record, listen ends, and the next run looks after both": async (here) => {
    const session = await here.listen();
    const promotion = await promotingAt(here, "hold-answer");
    await end(promotion.cli, "SIGKILL");
    promotion.release();
    await end(session, "SIGINT");
    expect((await here.restore()).code).toBe(0);
  },
  "the promotion and then listen are killed, and restored": async (here) => {
    const session = await here.listen();
    const promotion = await promotingAt(here, "hold-answer");
    await end(promotion.cli, "SIGKILL");
    promotion.release();
    await end(session, "SIGKILL");
    expect((await here.restore()).code).toBe(0);
  },
  "another listen comes and goes after the promotion": async ({ listen, promote }) => {
    expect((await promote()).code).toBe(0);
    await end(await listen(), "SIGINT");
  },
  "a session of the very URL that is promoted ends after it": async ({ listen, promote }) => {
    const session = await listen("--public-url", PUBLIC, "--no-self-test");
    expect((await promote()).code).toBe(0);
    await end(session, "SIGINT");
  },
  "the promotion to a session's very URL is killed between PATCH and record, and listen ends": async (here) => {
    const session = await here.listen("--public-url", PUBLIC, "--no-self-test");
    const promotion = await promotingAt(here, "hold-answer");
    await end(promotion.cli, "SIGKILL");
    promotion.release();
    await end(session, "SIGINT");
    expect((await here.restore()).code).toBe(0);
  },
};

describe.each(GENERATIONS)(
  "a promotion over the %s API stays, and its rollback restores the state before any session,",
  (generation) => {
    it.each(sampled(Object.keys(ORDERS), 2))("when %s", async (order) => {
      const here = await setting(generation);
      const { before, webhook } = here;
      await ORDERS[order]!(here);
      here.proxy.rules.length = 0;
      const promoted = { ...before, url: PUBLIC, description: "Production webhook", status: "ACTIVE" };
      expect(await webhook()).toEqual(promoted);
      const pending = await here.run("restore", "--list");
      expect(JSON.parse(pending.stdout)).toEqual([]);
      const back = await here.rollBack();
      expect(back.stderr).toBe("");
      expect(await webhook()).toEqual(before);
    });
  },
);

describe("a live session", () => {
  it("reports that its webhook was promoted away", async () => {
    const { listen, promote } = await setting();
    const session = await listen();
    await promote();
    const warning = await session.record("warning", ({ code }) => code === "promoted_away");
    expect(warning["message"]).toContain(PUBLIC);
  });

  it("leaves the webhook unchanged at its end after the promotion was rolled back", async () => {
    const { listen, promote, rollBack, webhook, before } = await setting();
    const session = await listen();
    await promote();
    expect((await rollBack()).code).toBe(0);
    expect(await webhook()).toEqual(before);
    await end(session, "SIGINT");
    expect(await webhook()).toEqual(before);
  });

  it("that created the webhook gives it up permanently, and a rollback deactivates it", async () => {
    const { call, env } = await startSandbox();
    const session = startCli(
      ["listen", "--tunnel", "none", "--port", "0", "--new", "--on-exit", "delete", "--json"],
      env,
    );
    await session.record("ready");
    const [created] = await webhooksOf(call);
    expect((await runCli([...PROMOTE, "--yes", "--skip-checks", "--json"], env)).code).toBe(0);
    await end(session, "SIGINT");
    const promoted = { ...created, url: PUBLIC, description: "Production webhook" };
    expect(await webhooksOf(call)).toEqual([promoted]);
    expect((await runCli(["promote", "--rollback", "--yes", "--json"], env)).code).toBe(0);
    expect(await webhooksOf(call)).toEqual([{ ...promoted, status: "INACTIVE" }]);
  });

  it("that took the webhook after the promotion blocks its rollback, which says so", async () => {
    const { listen, promote, rollBack } = await setting();
    await promote();
    await listen();
    const back = await rollBack();
    expect(back.code).toBe(1);
    expect(back.error()).toMatchObject({
      code: "webhook_changed",
      hint: expect.stringContaining("Stop the listen session") as string,
    });
  });
});

describe.each(GENERATIONS)("over the %s API", (generation) => {
  it.each([
    { kind: "hold", code: "change_unproven", words: "may still carry it out" },
    { kind: "hold-answer", code: "recovered", words: "but took effect" },
  ] as const)("a promotion killed at its PATCH ($kind): the next run says: $words", async ({ kind, code, words }) => {
    const here = await setting(generation);
    const { cli, release } = await promotingAt(here, kind);
    await end(cli, "SIGKILL");
    release();
    here.proxy.rules.length = 0;
    const left = await here.webhook();
    const look = await here.run(...PROMOTE, "--dry-run");
    expect(JSON.parse(look.stderr)).toMatchObject({ warning: { code: "change_unproven" } });
    expect(await here.webhook()).toEqual(left);
    const next = await here.run(...PROMOTE, "--yes", "--skip-checks");
    expect(
      next.stderr
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toContainEqual({
      warning: expect.objectContaining({
        code,
        message: expect.stringContaining(words) as string,
      }) as object,
    });
    expect((await here.rollBack()).code).toBe(0);
    expect(await here.webhook()).toEqual(here.before);
  });

  it("a promotion interrupted at its PATCH says that it may have been carried out, and how to check", async () => {
    const here = await setting(generation);
    const { cli, release } = await promotingAt(here, "hold-answer");
    cli.kill("SIGINT");
    const { code, stderr } = await cli.ended;
    release();
    expect(code).toBe(130);
    const { warning } = JSON.parse(stderr) as { warning: { code: string; hint: string } };
    expect(warning.code).toBe("change_unproven");
    const command = /bluum-hooks (restore.*?)\. /.exec(warning.hint)?.[1]?.split(" ") ?? [];
    const told = await runCli([...command, "--json"], here.env);
    expect(told.records()).toMatchObject([{ restored: [{ webhookId: here.id, outcome: "took-effect" }] }]);
  });

  it("a rollback killed between PATCH and record has been carried out, and cannot be repeated", async () => {
    const here = await setting(generation);
    await here.promote();
    const gate = new Gate();
    here.proxy.rules.push({ method: "PATCH", path: /./, times: 1, fault: { kind: "hold-answer", gate } });
    const cli = here.start("promote", "--rollback", "--yes");
    await gate.reached;
    await end(cli, "SIGKILL");
    gate.open();
    const again = await here.rollBack();
    expect(again.stderr).toContain("a rollback was interrupted");
    expect(again.error().code).toBe("nothing_to_roll_back");
    expect(await here.webhook()).toEqual(here.before);
  });
});

describe("a creation in production", () => {
  const wish = ["promote", PUBLIC, "--env", "production", "--yes", "--skip-checks", "--json"];
  const shape = ["--name", "app", "--events", "order.*"];

  async function killedAt(method: "POST" | "PATCH", kind: "hold" | "hold-answer") {
    const { emulator, env, call } = await startSandbox();
    const proxy = await startFaultProxy(emulator.baseUrl);
    const throughProxy = { ...env, BLUUM_BASE_URL: proxy.baseUrl };
    const gate = new Gate();
    proxy.rules.push({ method, path: /webhooks/, times: 1, fault: { kind, gate } });
    // Another user's webhook with the same settings, which must stay.
    await call("POST", "/webhooks", {
      name: "app",
      url: PUBLIC,
      eventTypeNames: ["order.*"],
      description: "Production webhook",
    });
    const others = await webhooksOf(call);
    const cli = startCli([...wish, ...shape, "--new"], throughProxy);
    await gate.reached;
    await end(cli, "SIGKILL");
    gate.open();
    proxy.rules.length = 0;
    const mine = async () => (await webhooksOf(call)).filter(({ id }) => others.every((other) => other.id !== id));
    return { mine, call, others, env: throughProxy };
  }

  it("killed before the POST has created nothing, and the next run says so", async () => {
    const { mine, env } = await killedAt("POST", "hold");
    const again = await runCli([...wish, ...shape, "--new"], env);
    expect(again.stderr).toContain("has not been created yet");
    expect(again.code).toBe(0);
    expect(await mine()).toHaveLength(1);
  });

  it("killed between the POST and its record: the next run deletes the webhook without a secret, says so, and creates another", async () => {
    const { mine, call, others, env } = await killedAt("POST", "hold-answer");
    expect(await mine()).toHaveLength(1);
    const [lost] = await mine();
    const again = await runCli([...wish, ...shape, "--new"], env);
    expect(again.stderr).toContain("was deleted");
    expect(again.stderr).toContain(lost!.id);
    const left = await mine();
    expect(left).toHaveLength(1);
    expect(left[0]?.id).not.toBe(lost!.id);
    expect(await webhooksOf(call)).toEqual(expect.arrayContaining(others));
    expect(again.records().at(-1)).toMatchObject({
      action: "created",
      webhookId: left[0]?.id,
      secret: expect.stringMatching(/^whsec_/) as string,
    });
  });

  it.each(["hold", "hold-answer"] as const)(
    "killed while its marker is removed (%s) is kept, with its secret, and can be rolled back",
    async (kind) => {
      const { mine, env } = await killedAt("PATCH", kind);
      const [created] = await mine();
      expect(created?.status).toBe("ACTIVE");
      const rolledBack = await runCli(["promote", "--rollback", "--env", "production", "--yes", "--json"], env);
      expect(rolledBack.stderr).toContain("Its secret is in");
      expect(rolledBack.code).toBe(0);
      expect(await mine()).toEqual([{ ...created, status: "INACTIVE" }]);
    },
  );
});
