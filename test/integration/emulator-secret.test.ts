import { describe, expect, it } from "vitest";
import type { Context } from "../../src/context.ts";
import { verify } from "../../src/core/signature.ts";
import { startApp, type App } from "../support/app.ts";
import { runInProcess } from "../support/in-process.ts";
import { tempFolder } from "../support/temp.ts";

type Env = Readonly<Record<string, string>>;

/** Starts the emulator on a free port instead of 4650, so that each test has its own. */
const onFreePort: Pick<Context, "startEmulator"> = {
  startEmulator: async (options) => {
    const { startEmulator } = await import("../../src/emulator/server.ts");
    return startEmulator({ ...options, port: 0 });
  },
};

/** The secret of the webhook that `exec --forward-to` creates, and the signature of the app's delivery. */
async function execOnce(env: Env, app: App): Promise<{ secret: string | undefined; shown: unknown }> {
  let [secret, shown]: [string | undefined, unknown] = [undefined, undefined];
  const { code, stderr } = await runInProcess(["exec", "--forward-to", String(app.port), "--", "a-command"], env, {
    ...onFreePort,
    run: async (_words, variables) => {
      secret = variables["BLUUM_WEBHOOK_SECRET"];
      const { BLUUM_BASE_URL = "", BLUUM_API_KEY, BLUUM_API_SECRET } = variables;
      const response = await fetch(`${BLUUM_BASE_URL}/webhooks`, {
        method: "POST",
        headers: {
          authorization: `Basic ${btoa(`${BLUUM_API_KEY}:${BLUUM_API_SECRET}`)}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ name: "the app's own", url: app.url, eventTypeNames: ["order.*"] }),
      });
      ({ secret: shown } = (await response.json()) as { secret: unknown });
      const before = app.requests.length;
      await runInProcess(["trigger", "order"], variables as Env);
      await expect.poll(() => app.requests.length).toBeGreaterThan(before);
      return { code: 0, signal: null };
    },
  });
  expect([code, stderr]).toEqual([0, expect.anything()]);
  return { secret, shown };
}

const verdictOf = ({ requests }: App, secret: string) => {
  const { rawHeaders = [], body = Buffer.alloc(0) } = requests.at(-1) ?? {};
  const headers = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""] as const] : [],
  );
  return verify({ body, headers, secrets: [secret], now: Date.now() }).verdict;
};

describe("the signing secret of an emulator", () => {
  it("is created once and stays the same for each emulator that is started here", async () => {
    const home = { BLUUM_HOOKS_HOME: tempFolder() };
    const app = await startApp();
    const first = await execOnce(home, app);
    expect(first.secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(verdictOf(app, first.secret ?? "")).toBe("verified");
    const second = await execOnce(home, app);
    expect(second).toEqual({ secret: first.secret, shown: first.secret });
    expect(verdictOf(app, first.secret ?? "")).toBe("verified");
    const elsewhere = await execOnce({ BLUUM_HOOKS_HOME: tempFolder() }, app);
    expect(elsewhere.secret).not.toBe(first.secret);
  });

  it("is BLUUM_WEBHOOK_SECRET if that is set, the first of several", async () => {
    const app = await startApp();
    const secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";
    const env = { BLUUM_HOOKS_HOME: tempFolder(), BLUUM_WEBHOOK_SECRET: `${secret}, whsec_b2xk` };
    expect(await execOnce(env, app)).toEqual({ secret, shown: secret });
    expect(verdictOf(app, secret)).toBe("verified");
  });

  it("also signs an event that is sent without an emulator", async () => {
    const home = { BLUUM_HOOKS_HOME: tempFolder() };
    const app = await startApp();
    const { secret = "" } = await execOnce(home, app);
    const { code } = await runInProcess(
      ["trigger", "event", "order.filled", "--to", app.url, "--env", "emulator"],
      home,
    );
    expect([code, verdictOf(app, secret)]).toEqual([0, "verified"]);
  });

  it("is printed only by --print-secret, and deleted by logout --webhooks", async () => {
    const home = { BLUUM_HOOKS_HOME: tempFolder() };
    const app = await startApp();
    const { secret = "" } = await execOnce(home, app);
    const run = (...args: string[]) => runInProcess([...args, "--env", "emulator"], home);
    for (const args of [
      ["config", "list"],
      ["config", "get", "webhook-secret"],
      ["config", "list", "--json"],
    ]) {
      const { stdout, stderr } = await run(...args);
      expect(`${stdout}${stderr}`).not.toContain(secret);
    }
    expect((await run("config", "get", "webhook-secret")).code).toBe(0);
    await run("logout", "--webhooks");
    expect((await run("config", "get", "webhook-secret")).code).toBe(1);
    expect((await execOnce(home, app)).secret).not.toBe(secret);
  });
});
