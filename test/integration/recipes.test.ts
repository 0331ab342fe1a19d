import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startApp } from "../support/app.ts";
import { runInProcess } from "../support/in-process.ts";
import { startListener } from "../support/listener.ts";
import { startSandbox } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";

const SECRET = "a secret that nobody else has";

interface RecipeRecord {
  readonly type: string;
  readonly status?: string;
  readonly kind?: string;
  readonly ok?: boolean;
  readonly error?: { readonly code: string; readonly message: string };
  readonly [field: string]: unknown;
}

async function run(recipe: string, env: Readonly<Record<string, string>>, ...args: string[]) {
  const file = join(tempFolder(), "mine.yaml");
  writeFileSync(file, recipe);
  const end = await runInProcess(["trigger", "recipe", file, ...args, "--json"], env);
  const records = end.stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecipeRecord);
  return { ...end, steps: records.filter(({ type }) => type === "step"), last: records.at(-1) };
}

/** A listener with its own secret, and an app behind it. */
async function bench(handle?: Parameters<typeof startApp>[0]) {
  const env = { BLUUM_HOOKS_HOME: tempFolder(), BLUUM_WEBHOOK_SECRET: SECRET };
  const app = await startApp(handle);
  const listener = await startListener(["--forward-to", app.url], env);
  return { env, app, listener };
}

describe("trigger recipe", () => {
  it("passes when all steps succeed, with values of an earlier step", async () => {
    const { env, app } = await bench();
    const { code, steps, last } = await run(
      `
- event: order.accepted
  as: accepted
- event: { name: order.filled, set: { data.id: "\${accepted.id}", data.note: "$\${x}" }, copies: 3 }
  as: fill
- wait: { for: fill, timeout: 5s }
- expect: { of: fill, events: order.filled, status: 200, within: 10s, deliveries: 3, distinct: 1, duplicates: 2, verdict: verified }
`,
      env,
    );
    expect(code).toBe(0);
    expect(steps.map(({ status }) => status)).toEqual(["passed", "passed", "passed", "passed"]);
    expect(last).toMatchObject({ type: "recipe", ok: true, passed: 4, failed: 0, skipped: 0 });
    const ids = app.requests.map(({ name }) => name.split(" ")[1]);
    expect(new Set(ids).size).toBe(1);
    expect(String(app.requests[1]?.body)).toContain('"note":"${x}"');
  });

  it("warns of an unknown event name, before it sends anything", async () => {
    const { env, app } = await bench((_request, response) => void response.writeHead(200).end());
    const end = await run("- event: order.fill\n  as: fill\n- expect: { of: fill, status: 2xx }\n", env);
    expect(end.code).toBe(0);
    expect(end.stderr.split("\n")[0]).toContain("order.fill matches no event that is documented");
    expect(app.requests).toHaveLength(1);
  });

  it("ends with 6 at the first unmet expectation, and runs nothing after it", async () => {
    const { env, app } = await bench((_request, response) => void response.writeHead(418).end());
    const { code, steps, last, error } = await run(
      "- event: order.filled\n  as: fill\n- expect: { of: fill, status: 2xx, timeout: 0.2s }\n- event: order.canceled\n",
      env,
    );
    expect([code, error?.code]).toEqual([6, "expectation_failed"]);
    expect(error?.message).toMatch(/mine\.yaml:3: step 2 \(expect of fill\): the app answered 418, 2xx expected$/);
    expect(steps.map(({ status }) => status)).toEqual(["passed", "failed", "skipped"]);
    expect(steps[1]?.error).toMatchObject({ code: "expectation_failed" });
    expect(last).toMatchObject({ ok: false, passed: 1, failed: 1, skipped: 1 });
    expect(app.requests).toHaveLength(1);
  });

  it("continues with steps that do not depend on the failure, on request", async () => {
    const { env, app } = await bench();
    await app.stop();
    const gone = `http://127.0.0.1:${app.port}/`;
    const { code, steps } = await run(
      "- event: order.filled\n  as: fill\n- expect: { of: fill, status: 2xx }\n- sleep: 10ms\n",
      env,
      "--keep-going",
      "--to",
      gone,
    );
    expect(code).toBe(1);
    expect(steps.map(({ status }) => status)).toEqual(["failed", "skipped", "passed"]);
    expect(steps[0]?.error?.message).toContain(`${gone} did not answer`);
  });

  it("detects the wrong signatures that it sends", async () => {
    const { env } = await bench();
    const variants = { "bad-signature": "mismatch", tampered: "mismatch", stale: "stale", unsigned: "unsigned" };
    const recipe = Object.entries(variants)
      .map(
        ([variant, verdict], at) =>
          `- event: { name: order.filled, signature: ${variant} }\n  as: e${at}\n- expect: { of: e${at}, verdict: ${verdict} }\n`,
      )
      .join("");
    expect((await run(recipe, env)).code).toBe(0);
  });

  it("ends with 5 when the awaited events do not arrive", async () => {
    const { env } = await startSandbox();
    const listener = await startListener([], env);
    const late = await run("- order:\n  as: buy\n- wait: { for: buy, timeout: 0.2s }\n", env);
    expect([late.code, late.error?.code]).toEqual([5, "timed_out"]);
    await listener.stop();
  });

  it("checks the app's responses to the API's own deliveries", async () => {
    const { env } = await startSandbox();
    const app = await startApp((request, response) => {
      response.writeHead(request.name.startsWith("order.filled") ? 500 : 200).end();
    });
    const stop = new AbortController();
    let isReady: () => void = () => {};
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    const listen = ["listen", "--tunnel", "none", "--port", "0", "--forward-to", app.url, "--json"];
    const listening = runInProcess(listen, env, {
      signal: stop.signal,
      stdout: { write: (text) => void (text.includes('"ready"') && isReady()), isTTY: false, columns: 80 },
    });
    await ready;
    const { code, steps } = await run(
      `
- order:
  as: buy
- wait: buy
- expect: { of: buy, events: order.accepted, status: 200, verdict: verified }
- expect: { of: buy, events: order.filled, status: 200, timeout: 0.2s }
`,
      env,
    );
    const rejected = await run("- order: { symbol: REJECT }\n  as: buy\n- wait: buy\n", env);
    stop.abort("over");
    await listening;
    expect(code).toBe(6);
    expect(steps.map(({ status }) => status)).toEqual(["passed", "passed", "passed", "failed"]);
    expect(steps[0]).toMatchObject({ kind: "order", as: "buy", result: { status: "pending" } });
    expect(steps[3]?.error?.message).toBe("the app answered 500, 200 expected");
    expect([rejected.code, rejected.error?.code]).toEqual([1, "event_failed"]);
  });

  it("sends nothing if a later line is invalid", async () => {
    const { env, app } = await bench();
    const { code, error } = await run("- event: order.filled\n- event: { name: x, set: { a: '${b.id}' } }\n", env);
    expect([code, error?.code]).toEqual([2, "recipe_invalid"]);
    expect(error?.message).toContain("mine.yaml:2: step 2 (event): ${b.id}");
    expect(app.requests).toEqual([]);
  });

  it("refuses production if a step would spend money, and only then", async () => {
    const env = { BLUUM_HOOKS_HOME: tempFolder(), BLUUM_WEBHOOK_SECRET: SECRET, BLUUM_INVESTOR_ID: "inv_1" };
    const app = await startApp();
    for (const kind of ["order", "deposit", "withdrawal"]) {
      const { code, error } = await run(
        `- event: order.filled\n- ${kind}:\n`,
        env,
        "--env",
        "production",
        "--to",
        app.url,
      );
      expect([code, error?.code]).toEqual([2, "production_refused"]);
    }
    expect(app.requests).toEqual([]);
    expect((await run("- event: order.filled", env, "--env", "production", "--to", app.url)).code).toBe(0);
  });

  it("reads the recipe from standard input, and names its lines", async () => {
    const { env, app } = await bench();
    const piped = (recipe: string) =>
      runInProcess(["trigger", "recipe", "-", "--json"], env, { readStdin: async () => Buffer.from(recipe) });
    expect((await piped("- event: order.filled\n")).code).toBe(0);
    expect(app.requests).toHaveLength(1);
    expect((await piped("- event: order.filled\n- nothing: 1\n")).error?.message).toContain("stdin:2: step 2");
  });

  it("fails at once without a listener, if one is needed", async () => {
    const { env } = await startSandbox();
    const { code, error, steps } = await run("- order:\n  as: buy\n- wait: buy\n", env);
    expect([code, error?.code, steps]).toEqual([1, "listener_not_running", []]);
  });

  it("prints a line for each step, and failures completely", async () => {
    const { env } = await bench();
    const file = join(tempFolder(), "mine.yaml");
    writeFileSync(
      file,
      "name: Mine\nsteps:\n- event: order.filled\n  as: fill\n- expect: { of: fill, status: 4xx, timeout: 0 }\n",
    );
    const { stdout, stderr } = await runInProcess(["trigger", "recipe", file], env);
    expect(stdout).toMatch(
      /^ {2}✓ +\S+ ms {2}event order\.filled {11}ord_\w+ 200\n {2}✗ +\S+ ms {2}expect of fill {15}the app answered 200, 4xx expected\n {2}1 passed, 1 failed\n$/,
    );
    expect(stderr).toContain("Mine\n");
    expect(stderr).toContain("mine.yaml:5: step 2");
  });

  it("lists bundled recipes, and suggests the most similar one for an unknown name", async () => {
    const env = { BLUUM_HOOKS_HOME: tempFolder() };
    const { stdout } = await runInProcess(["trigger", "recipe", "--list", "--json"], env);
    const names = readdirSync(fileURLToPath(new URL("../../recipes", import.meta.url)));
    const listed = JSON.parse(stdout) as { name: string; description: string }[];
    expect(listed.map(({ name }) => `${name}.yaml`).toSorted()).toEqual(names.toSorted());
    for (const { description } of listed) expect(description).toMatch(/\S/);
    const near = await runInProcess(["trigger", "recipe", "fund-and-buy", "--json"], env);
    expect([near.code, near.error?.code]).toEqual([1, "file_unusable"]);
    expect(near.error?.hint).toContain("fund-then-buy");
    expect((await runInProcess(["trigger", "recipe", "--json"], env)).error?.code).toBe("invalid_usage");
  });
});
