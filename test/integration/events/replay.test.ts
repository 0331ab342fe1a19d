import { describe, expect, it } from "vitest";
import { verify } from "../../../src/core/signature.ts";
import { startApp, type AppRequest } from "../../support/app.ts";
import { runInProcess } from "../../support/in-process.ts";
import { startListener } from "../../support/listener.ts";
import { startSandbox } from "../../support/sandbox.ts";
import { tempFolder } from "../../support/temp.ts";

const SECRET = "a-secret-of-some-length";
const environment = () => ({ BLUUM_HOOKS_HOME: tempFolder(), BLUUM_WEBHOOK_SECRET: SECRET });

/** A store with an order's two events and a deposit, received while the app was down. */
async function missed() {
  const env = environment();
  const app = await startApp();
  await app.stop();
  const listener = await startListener(["--forward-to", String(app.port)], env);
  await listener.deliver("order.accepted", "ord_1", { id: "evt_1" });
  await listener.deliver("order.accepted", "ord_1", { id: "evt_1" });
  await listener.deliver("order.filled", "ord_1", { id: "evt_2" });
  await listener.deliver("transfer.deposit.completed", "dep_1", { id: "evt_3" });
  await listener.stop();
  await app.start();
  const run = (...args: string[]) => runInProcess(["events", "replay", ...args, "--json"], env);
  return { env, app, run, names: () => app.requests.map(({ name }) => name) };
}

const headersOf = (request: AppRequest | undefined) =>
  (request?.rawHeaders ?? []).flatMap((name, at, all) => (at % 2 === 0 ? [[name, all[at + 1] ?? ""] as const] : []));

describe("--failed", () => {
  it("sends what the app never accepted, in order, each event once, and nothing the second time", async () => {
    const { run, names } = await missed();
    const end = await run("--failed");
    expect(end.code).toBe(0);
    const orders = names().filter((name) => name.endsWith("ord_1"));
    expect(orders).toEqual(["order.accepted ord_1", "order.filled ord_1"]);
    expect(names()).toHaveLength(3);
    const records = end.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { cause: string; status: number });
    expect(records.map(({ cause, status }) => [cause, status])).toEqual(records.map(() => ["replay", 200]));
    expect((await run("--failed")).code).toBe(0);
    expect(names()).toHaveLength(3);
  });

  it("sends what only another app has accepted", async () => {
    const { run, names } = await missed();
    const other = await startApp();
    expect((await run("--failed", "--to", `${other.url}/elsewhere`)).code).toBe(0);
    expect(other.requests).toHaveLength(3);
    expect((await run("--failed")).code).toBe(0);
    expect(names()).toHaveLength(3);
  });

  it("skips deliveries that an app refuses correctly, reports them, and is then empty", async () => {
    const env = environment();
    const app = await startApp((request, response) => {
      const headers = headersOf(request);
      const { verdict } = verify({ headers, body: request.body, secrets: [SECRET], now: Date.now() });
      response.writeHead(verdict === "verified" ? 500 : 401).end();
    });
    const listener = await startListener(["--forward-to", String(app.port)], env);
    for (const flags of [["--tampered"], ["--unsigned"], ["--stale"], []]) {
      await runInProcess(["trigger", "event", "order.filled", "--expect", "any", ...flags], env);
    }
    await listener.stop();
    const replay = (...args: string[]) => runInProcess(["events", "replay", "--failed", "--dry-run", ...args], env);
    const end = await replay();
    expect(end.code).toBe(0);
    expect(end.stdout.trim().split("\n")).toHaveLength(1);
    expect(end.stderr).toContain(
      "3 failed deliveries are skipped because of a bad signature: 1 mismatch, 1 unsigned, 1 stale",
    );
    const resigned = await replay("--resign");
    expect(resigned.stderr).toContain(
      "2 failed deliveries are skipped because of a bad signature: 1 mismatch, 1 unsigned",
    );
    const asked = await replay("--signature", "bad");
    expect(asked.stdout.trim().split("\n")).toHaveLength(3);
    expect(asked.stderr).not.toContain("left out");
  });

  it("combines with filters", async () => {
    const { run, names } = await missed();
    await run("--failed", "--event", "transfer.*");
    expect(names()).toEqual(["transfer.deposit.completed dep_1"]);
  });

  it("ends with 1 while the app is down, and loses nothing", async () => {
    const { app, run, names } = await missed();
    await app.stop();
    const end = await run("--failed");
    expect([end.code, end.error?.code]).toEqual([1, "unexpected_answer"]);
    expect(end.error?.message).toContain("3 of 3");
    await app.start();
    expect((await run("--failed")).code).toBe(0);
    expect(names()).toHaveLength(3);
  });
});

it("a delivery is sent again byte for byte, any number of times", async () => {
  const env = environment();
  const app = await startApp();
  const listener = await startListener(["--forward-to", String(app.port)], env);
  await listener.deliver("order.filled", "ord_1", { headers: { "x-bluum-signature": "sha256=00", "x-trace": "a" } });
  await listener.stop();
  for (let turn = 0; turn < 2; turn += 1) {
    expect((await runInProcess(["events", "replay", "last"], env)).code).toBe(0);
  }
  const [first, ...others] = app.requests;
  for (const other of others) {
    expect(other.body).toEqual(first?.body);
    expect(other.path).toBe(first?.path);
    expect(headersOf(other)).toEqual(headersOf(first));
  }
  expect(others).toHaveLength(2);
});

it("--to applies once: the default stays the listener's target", async () => {
  const { run, names } = await missed();
  const other = await startApp();
  await run("last", "--to", String(other.port));
  expect(names()).toEqual([]);
  await run("last");
  expect(names()).toEqual(["transfer.deposit.completed dep_1"]);
});

it("a delivery that is named twice is sent once", async () => {
  const { run, names } = await missed();
  const [{ deliveryId }] = (await run("last", "--dry-run")).stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { deliveryId: string }) as [{ deliveryId: string }];
  await run("last", deliveryId, deliveryId.slice(0, -1), "last");
  expect(names()).toEqual(["transfer.deposit.completed dep_1"]);
});

it("--to sends elsewhere, --header adds to it", async () => {
  const { run, names } = await missed();
  const other = await startApp();
  await run("--since", "1h", "--event", "order.filled", "--to", `${other.url}/elsewhere`, "--header", "X-Env: dev");
  expect(names()).toEqual([]);
  expect(other.requests.map(({ path, name }) => `${path} ${name}`)).toEqual(["/elsewhere order.filled ord_1"]);
  expect(headersOf(other.requests[0])).toContainEqual(["X-Env", "dev"]);
});

describe("--resign", () => {
  it.each(["standard-webhooks", "timestamped", "hex", "base64"])("creates a new signature: %s", async (scheme) => {
    const { app, run } = await missed();
    const end = await run("last", "--resign", "--scheme", scheme);
    expect(end.code).toBe(0);
    const [request] = app.requests;
    const found = verify({
      headers: headersOf(request),
      body: request?.body ?? Buffer.alloc(0),
      secrets: [SECRET],
      now: Date.now(),
    });
    expect(found).toMatchObject({ verdict: "verified", scheme });
    expect(JSON.parse(end.stdout)).toMatchObject({
      cause: "replay",
      changes: [expect.stringContaining(`re-signed (${scheme}`)],
    });
  });

  it("needs a secret", async () => {
    const { env } = await missed();
    const end = await runInProcess(["events", "replay", "last", "--resign", "--json"], {
      ...env,
      BLUUM_WEBHOOK_SECRET: "",
    });
    expect(end.error?.code).toBe("webhook_secret_missing");
  });
});

describe("--set", () => {
  it("sends another event, re-signed, and lists the differences", async () => {
    const { env, app, run } = await missed();
    const end = await run(
      "last",
      "--set",
      "data.amount=7",
      "--set",
      "event=transfer.deposit.failed",
      "--scheme",
      "standard-webhooks",
    );
    const [request] = app.requests;
    expect(JSON.parse(String(request?.body))).toMatchObject({
      event: "transfer.deposit.failed",
      data: { id: "dep_1", amount: 7 },
    });
    const changes = (JSON.parse(end.stdout) as { changes: string[] }).changes;
    expect(changes).toEqual([
      "data.amount: (nothing) → 7",
      'event: "transfer.deposit.completed" → "transfer.deposit.failed"',
      expect.stringMatching(/^re-signed .* as event evt_/),
    ]);
    expect(
      verify({
        headers: headersOf(request),
        body: request?.body ?? Buffer.alloc(0),
        secrets: [SECRET],
        now: Date.now(),
      }).verdict,
    ).toBe("verified");
    const failed = await runInProcess(["events", "replay", "--failed", "--json"], env);
    expect(failed.stdout).toContain("dep_1");
  });

  it("is refused for a path through a text, which would be lost", async () => {
    const { run, names } = await missed();
    const end = await run("last", "--set", "data.id.foo=3");
    expect([end.code, end.error?.code]).toEqual([2, "invalid_usage"]);
    expect(end.error?.message).toContain("data.id.foo");
    expect(names()).toEqual([]);
  });

  it("is refused for a body that is not JSON", async () => {
    const env = environment();
    const app = await startApp();
    const listener = await startListener(["--forward-to", String(app.port)], env);
    await fetch(listener.url, { method: "POST", body: "not json" });
    await listener.stop();
    const end = await runInProcess(["events", "replay", "last", "--set", "a=1", "--json"], env);
    expect([end.code, end.error?.message]).toEqual([2, expect.stringContaining("not a JSON object")]);
    expect(app.requests).toHaveLength(1);
  });
});

it("the secret is that of the delivery's environment, and a text stays a text", async () => {
  const env = { BLUUM_HOOKS_HOME: tempFolder() };
  const emulated = await startSandbox();
  const app = await startApp();
  const base = ["--env", "emulator", "--base-url", emulated.emulator.baseUrl];
  const listened = await runInProcess(
    [
      "listen",
      ...base,
      "--port",
      "0",
      "--forward-to",
      String(app.port),
      "--trigger",
      "order",
      "--until",
      "order.filled",
    ],
    env,
  );
  expect(listened.code).toBe(0);
  const place = ["--base-url", emulated.emulator.baseUrl];
  const set = ["--set", "data.filled_quantity=2.50"];
  const end = await runInProcess(["events", "replay", "last", ...place, ...set, "--json"], env);
  expect(end.error).toBeUndefined();
  expect(JSON.parse(String(app.requests.at(-1)?.body))).toMatchObject({ data: { filled_quantity: "2.50" } });
});

it("--dry-run shows what would be sent, and sends nothing", async () => {
  const { run, names } = await missed();
  const end = await run("--failed", "--dry-run");
  expect(end.stdout.trim().split("\n")).toHaveLength(3);
  expect(names()).toEqual([]);
});

it.each([
  [[], /no delivery selected/],
  [["last", "--scheme", "hex"], /--scheme requires --resign/],
  [["no-such-id"], /no delivery ID begins/],
])("%j is refused", async (args, message) => {
  const { run } = await missed();
  expect((await run(...args)).error?.message).toMatch(message);
});

it("without a forwarded delivery, it asks for a target", async () => {
  const env = environment();
  const listener = await startListener([], env);
  await listener.deliver("order.filled", "ord_1");
  await listener.stop();
  const end = await runInProcess(["events", "replay", "last", "--json"], env);
  expect([end.code, end.error?.hint]).toEqual([2, expect.stringContaining("--to")]);
});
