import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { answersOfApps, attemptsOf, burstReachesApp } from "../support/app-behaviours.ts";
import { startApp } from "../support/app.ts";
import type { CliRecord } from "../support/cli.ts";
import { Gate } from "../support/fault-proxy.ts";
import { runInProcess } from "../support/in-process.ts";
import { startListener } from "../support/listener.ts";
import { tempFolder } from "../support/temp.ts";

const home = () => ({ BLUUM_HOOKS_HOME: tempFolder() });

// forwarding.slow.test.ts tests every behaviour with both.
answersOfApps("app", [
  "200",
  "a redirect",
  "500",
  "a reset",
  "no answer",
  "a huge answer",
  "a gzipped answer",
  "HTTP/1.0",
  "bytes that are not HTTP",
]);
answersOfApps("now", ["200", "500", "no answer"]);

it("for an app that is down the sender gets 502, and the user a remedy", async () => {
  const env = home();
  const app = await startApp();
  await app.stop();
  const listener = await startListener(["--forward-to", `${app.url}/hooks`], env);
  expect(await listener.deliver("order.filled", "ord_1")).toBe(502);
  expect(await listener.record("health")).toMatchObject({
    state: "down",
    remedy: expect.stringContaining("--forward-to") as string,
  });
  await app.start();
  expect(await listener.record("health", ({ state }) => state === "up")).toBeDefined();
  expect(await listener.deliver("order.filled", "ord_2")).toBe(200);
  expect(listener.records.filter(({ type }) => type === "health")).toHaveLength(2);
});

it("an app that redirects is reported once, with the target and the flag that helps", async () => {
  const app = await startApp((_request, response) => response.writeHead(308, { location: "/webhooks/bluum/" }).end());
  const listener = await startListener(["--forward-to", `${app.url}/webhooks/bluum`], home());
  const statuses = [await listener.deliver("order.accepted", "ord_1"), await listener.deliver("order.filled", "ord_1")];
  expect(statuses).toEqual([308, 308]);
  const { message, hint } = await listener.record("warning", ({ code }) => code === "app_redirects");
  expect(message).toBe("your app answers 308 and does not handle the delivery");
  const target = `${app.url}/webhooks/bluum/`;
  expect(hint).toBe(
    `Redirects are not followed. It leads to ${target}, with a slash at the end: --forward-to ${target}`,
  );
  await listener.stop();
  expect(listener.records.filter(({ code }) => code === "app_redirects")).toHaveLength(1);
});

it("an app that redirects to a login is reported with the whole target and both remedies", async () => {
  const app = await startApp((_request, response) => response.writeHead(302, { location: "/login?next=/hooks" }).end());
  const listener = await startListener(["--forward-to", `${app.url}/hooks`], home());
  expect(await listener.deliver("order.filled", "ord_1")).toBe(302);
  const { hint } = await listener.record("warning", ({ code }) => code === "app_redirects");
  const target = `${app.url}/login?next=/hooks`;
  expect(hint).toBe(
    `Redirects are not followed. It leads to ${target}. If that is a login, exempt the webhook's path from it; otherwise: --forward-to ${target}`,
  );
});

it("the app gets the same bytes and headers, at its path and with the query of the delivery", async () => {
  const app = await startApp();
  const listener = await startListener(
    ["--forward-to", String(app.port), "--header", "Authorization: Bearer dev", "--header", "x-b: new"],
    home(),
  );
  const body = '{ "event":"order.filled",\n "data":{"id":"ord_1"},"é":1e2}  ';
  const response = await fetch(`${listener.url}?attempt=1`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Bluum-Signature": "sha256=00", "x-b": "old" },
    body,
  });
  expect(response.status).toBe(200);
  const [request] = app.requests;
  expect(request?.path).toBe("/webhooks/bluum?attempt=1");
  expect(request?.body.toString()).toBe(body);
  const headers = Object.fromEntries(
    Array.from(
      { length: (request?.rawHeaders.length ?? 0) / 2 },
      (_, at) => request?.rawHeaders.slice(2 * at, 2 * at + 2) as [string, string],
    ),
  );
  expect(headers).toMatchObject({ "X-Bluum-Signature": "sha256=00", Authorization: "Bearer dev", "x-b": "new" });
});

it("--header can set the virtual host of an app", async () => {
  const app = await startApp();
  const listener = await startListener(["--forward-to", String(app.port), "--header", "host: my.test"], home());
  expect(await listener.deliver("order.filled", "ord_1")).toBe(200);
  const { rawHeaders = [] } = app.requests[0] ?? {};
  const hosts = rawHeaders.filter((_, at) => rawHeaders[at - 1]?.toLowerCase() === "host");
  expect(hosts).toEqual(["my.test"]);
});

it("events of one resource reach the app in order of receipt, others do not wait", async () => {
  const order: string[] = [];
  const other = new Gate();
  const app = await startApp(({ name }, response) => {
    const answer = () => {
      order.push(`< ${name}`);
      response.end();
    };
    order.push(`> ${name}`);
    if (name === "order.accepted ord_2") other.open();
    // The app answers the first delivery only after it has received one of another resource.
    if (name === "order.accepted ord_1") void other.pass().then(answer);
    else answer();
  });
  const listener = await startListener(["--forward-to", String(app.port), "--ack", "now"], home());
  await listener.deliver("order.accepted", "ord_1");
  await listener.deliver("order.filled", "ord_1");
  await listener.deliver("order.accepted", "ord_2");
  await listener.record("forward", ({ event, resourceId }) => event === "order.filled" && resourceId === "ord_1");
  expect(order.filter((each) => each.endsWith("ord_1"))).toEqual([
    "> order.accepted ord_1",
    "< order.accepted ord_1",
    "> order.filled ord_1",
    "< order.filled ord_1",
  ]);
});

burstReachesApp(100);

it("unverified deliveries are not forwarded with --require-signature", async () => {
  const app = await startApp();
  const listener = await startListener(["--forward-to", String(app.port), "--require-signature"], {
    ...home(),
    BLUUM_WEBHOOK_SECRET: "s3cret-s3cret",
  });
  expect(await listener.deliver("order.filled", "ord_1", { headers: { "x-bluum-signature": "00".repeat(32) } })).toBe(
    401,
  );
  expect(app.requests).toEqual([]);
});

describe("a normal end", () => {
  it("waits until the app has received everything", async () => {
    const app = await startApp((_request, response) => setTimeout(() => response.end(), 150));
    const listener = await startListener(["--forward-to", String(app.port), "--ack", "now", "--count", "2"], home());
    await Promise.all([listener.deliver("order.accepted", "ord_1"), listener.deliver("order.filled", "ord_1")]);
    const { code } = await listener.ended;
    expect(code).toBe(0);
    expect(app.requests).toHaveLength(2);
    expect(listener.records.filter(({ type }) => type === "forward")).toHaveLength(2);
    expect(listener.records.at(-1)).toMatchObject({ type: "stopped", summary: { forwarded: 2, failed: 0 } });
  });

  it("does not wait for an app that hangs when it is an interrupt, and the delivery counts as not accepted", async () => {
    const env = home();
    const app = await startApp(() => {});
    const listener = await startListener(["--forward-to", String(app.port), "--ack", "now"], env);
    await listener.deliver("order.filled", "ord_1");
    await expect.poll(() => app.requests.length).toBe(1);
    expect((await listener.stop()).code).toBe(130);
    expect(await attemptsOf(env)).toMatchObject([{ outcome: { kind: "failed", reason: "stopped" } }]);
  });

  it("answers 503 if the app hangs, also for deliveries behind it, so that they are sent again", async () => {
    const app = await startApp(() => {});
    const listener = await startListener(["--forward-to", String(app.port)], home());
    const answers = ["order.accepted", "order.filled"].map((event) => listener.deliver(event, "ord_1"));
    await expect.poll(() => app.requests.length).toBe(1);
    expect((await listener.stop()).code).toBe(130);
    expect(await Promise.all(answers)).toEqual([503, 503]);
    const told = listener.records.filter(({ type }) => type === "answer");
    expect(told).toMatchObject([{ status: 503 }, { status: 503 }]);
  });
});

describe("--since", () => {
  it("sends what the app missed, in order, each event once, before new deliveries of the same resource", async () => {
    const env = home();
    const app = await startApp();
    await app.stop();
    const down = await startListener(["--forward-to", String(app.port)], env);
    expect(await down.deliver("order.accepted", "ord_1", { id: "evt_1" })).toBe(502);
    expect(await down.deliver("order.accepted", "ord_1", { id: "evt_1" })).toBe(502);
    expect(await down.deliver("order.filled", "ord_1", { id: "evt_2" })).toBe(502);
    await down.stop();
    const without = await startListener([], env);
    expect(await without.deliver("transfer.deposit.completed", "dep_1", { id: "evt_3" })).toBe(200);
    await without.stop();

    await app.start();
    const up = await startListener(["--forward-to", String(app.port), "--since", "10m"], env);
    expect(await up.deliver("order.canceled", "ord_1", { id: "evt_4" })).toBe(200);
    await up.record("forward", ({ resourceId }) => resourceId === "dep_1");
    await up.record("forward", ({ event }) => event === "order.canceled");
    const ofOrder = app.requests.map(({ name }) => name).filter((name) => name.endsWith("ord_1"));
    expect(ofOrder).toEqual(["order.accepted ord_1", "order.filled ord_1", "order.canceled ord_1"]);
    expect(app.requests).toHaveLength(4);
    const causes = up.records.filter(({ type }) => type === "forward").map(({ event, cause }) => [event, cause]);
    expect(causes).toContainEqual(["order.accepted", "catch-up"]);
    expect(causes).toContainEqual(["order.canceled", "live"]);
    await up.stop();

    const again = await startListener(["--forward-to", String(app.port), "--since", "10m"], env);
    await again.stop();
    expect(app.requests).toHaveLength(4);
  });

  it("waits for an app that is not up yet, and again for one that goes down", async () => {
    const env = home();
    const none = await startListener([], env);
    await none.deliver("order.accepted", "ord_1", { id: "evt_1" });
    await none.stop();
    const app = await startApp((_request, response) => response.end());
    await app.stop();
    const names = () => app.requests.map(({ name }) => name);

    const listener = await startListener(["--forward-to", String(app.port), "--since", "10m"], env);
    await listener.record("health", ({ state }) => state === "down");
    expect(await listener.deliver("order.filled", "ord_1", { id: "evt_2" })).toBe(502);
    expect(listener.records.filter(({ cause }) => cause === "catch-up")).toEqual([]);
    await app.start();
    await listener.record("forward", ({ event, cause }) => event === "order.filled" && cause === "catch-up");
    expect(names()).toEqual(["order.accepted ord_1", "order.filled ord_1"]);

    await app.stop();
    expect(await listener.deliver("order.accepted", "ord_2", { id: "evt_3" })).toBe(502);
    const gone = await listener.record("health", ({ remedy }) => String(remedy).startsWith("Start the app again"));
    expect(gone["remedy"]).not.toContain("--failed");
    expect(await listener.deliver("order.filled", "ord_2", { id: "evt_4" })).toBe(502);
    await app.start();
    // Not the one that failed: the app may have accepted it although the listener does not know that yet.
    const isLast = ({ event, resourceId }: CliRecord) => event === "order.filled" && resourceId === "ord_2";
    await listener.record("forward", (record) => isLast(record) && record["cause"] === "catch-up");
    expect(names().slice(2)).toEqual(["order.accepted ord_2", "order.filled ord_2"]);
    await listener.stop();
    expect(listener.records.filter(({ type }) => type === "warning")).toEqual([]);
  });

  it("does not resend what the app has answered, even after it comes back", async () => {
    const env = home();
    const none = await startListener([], env);
    await none.deliver("order.accepted", "ord_1", { id: "evt_1" });
    await none.stop();
    const app = await startApp((_request, response) => response.writeHead(500).end());
    const listener = await startListener(["--forward-to", String(app.port), "--since", "10m"], env);
    await listener.record("forward", ({ cause }) => cause === "catch-up");
    await app.stop();
    expect(await listener.deliver("order.accepted", "ord_2", { id: "evt_2" })).toBe(502);
    await app.start();
    await listener.record("forward", ({ resourceId, cause }) => resourceId === "ord_2" && cause === "catch-up");
    expect(app.requests.map(({ name }) => name)).toEqual(["order.accepted ord_1", "order.accepted ord_2"]);
  });

  it("ends on request while the app is down, and reports the missing deliveries", async () => {
    const env = home();
    const none = await startListener([], env);
    await none.deliver("order.accepted", "ord_1", { id: "evt_1" });
    await none.stop();
    const app = await startApp();
    await app.stop();
    const args = ["--forward-to", String(app.port), "--since", "10m", "--count", "1"];
    const listener = await startListener(args, env);
    await listener.record("health", ({ state }) => state === "down");
    expect(await listener.deliver("order.filled", "ord_1", { id: "evt_2" })).toBe(502);
    expect((await listener.ended).code).toBe(0);
    expect(listener.records.find(({ type }) => type === "warning")).toMatchObject({
      code: "still_missing",
      message: "2 not received by your app: order.accepted ord_1, order.filled ord_1",
    });
    await app.start();
    const up = await startListener(["--forward-to", String(app.port), "--since", "10m"], env);
    await up.record("forward", ({ event }) => event === "order.filled");
    expect(app.requests.map(({ name }) => name)).toEqual(["order.accepted ord_1", "order.filled ord_1"]);
  });

  it("sends nothing when the session fails before it is ready", async () => {
    const env = home();
    const app = await startApp();
    const listener = await startListener([], env);
    await listener.deliver("order.accepted", "ord_1");
    await listener.stop();
    const args = [
      "listen",
      "--no-register",
      "--port",
      String(app.port),
      "--forward-to",
      String(app.port),
      "--since",
      "1h",
    ];
    const { code } = await runInProcess(args, env);
    expect(code).toBe(1);
    await delay(20);
    expect(app.requests).toEqual([]);
  });
});

it.each([
  ["app", ["delivery", "forward", "answer"]],
  ["now", ["delivery", "answer", "forward"]],
])("records are published in causal order: --ack %s", async (ack, order) => {
  const app = await startApp((_request, response) => response.writeHead(500).end());
  const listener = await startListener(["--forward-to", String(app.port), "--ack", ack], home());
  await listener.deliver("order.filled", "ord_1");
  await listener.stop();
  const told = listener.records.map(({ type }) => type).filter((type) => order.includes(type));
  expect(told).toEqual(order);
});

it("with --ack now the app's response has its own line, whatever its status", async () => {
  const app = await startApp((_request, response) => response.writeHead(500).end());
  const env = home();
  const ready = `${env.BLUUM_HOOKS_HOME}/ready`;
  const args = ["listen", "--no-register", "--port", "0", "--forward-to", String(app.port), "--ack", "now"];
  const running = runInProcess([...args, "--count", "1", "--ready-file", ready], env);
  await expect.poll(() => existsSync(ready)).toBe(true);
  const { localUrl } = JSON.parse(readFileSync(ready, "utf8")) as { localUrl: string };
  await fetch(localUrl, { method: "POST", body: JSON.stringify({ event: "order.filled", data: { id: "ord_1" } }) });
  const { stdout } = await running;
  expect(stdout).toMatch(
    /order\.filled .* ✓ 200 .*\n.* order\.filled +ord_1 +app {2}✗ 500 .*\n +↳ app: 500 Internal Server Error\n$/,
  );
});

describe("a target that leads back to the listener is refused", () => {
  const listen = (args: readonly string[]) => runInProcess(["listen", "--no-register", "--json", ...args], home());

  it.each(["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "me.localhost", "[::ffff:127.0.0.1]"])("%s", async (host) => {
    // A free port, because its app has ended.
    const app = await startApp();
    await app.stop();
    const end = await listen(["--port", String(app.port), "--forward-to", `http://${host}:${app.port}/any/path`]);
    expect([end.code, end.error?.code]).toEqual([2, "invalid_usage"]);
    expect(end.error?.message).toContain("leads back to the listener itself");
  });

  it("by its public URL", async () => {
    const url = "https://mine.example.test";
    const end = await listen(["--port", "0", "--public-url", url, "--no-self-test", "--forward-to", `${url}/app`]);
    expect([end.code, end.error?.code]).toEqual([2, "invalid_usage"]);
    expect(end.error?.message).toContain("public URL");
  });

  it("and so is a replay to it", async () => {
    const env = home();
    const listener = await startListener([], env);
    await listener.deliver("order.filled", "ord_1");
    const to = listener.url.replace("127.0.0.1", "localhost");
    const end = await runInProcess(["events", "replay", "last", "--to", to, "--json"], env);
    expect([end.code, end.error?.code]).toEqual([2, "invalid_usage"]);
    expect(listener.records.filter(({ type }) => type === "delivery")).toHaveLength(1);
  });
});

describe("flags", () => {
  it.each([
    [["--ack", "now"], /--ack requires --forward-to/],
    [["--forward-timeout", "5s"], /--forward-timeout requires --forward-to/],
    [["--since", "10m"], /--since requires --forward-to/],
    [["--forward-to", "nonsense://x"], /must be a port/],
    [["--forward-to", "99999"], /must be a port/],
    [["--forward-to", "http://user:pass@localhost:1"], /must not contain credentials/],
    [["--forward-to", "3000", "--header", "no header"], /Name: value/],
    [["--forward-to", "3000", "--header", "Content-Length: 5"], /must not be Content-Length/],
    [["--forward-to", "3000", "--header", "connection: close"], /must not be connection/],
    [["--forward-to", "3000", "--header", "Host:"], /must name a host/],
    [["--forward-to", "0"], /must have a port from 1/],
    [["--forward-to", "http://localhost:0/x"], /must have a port from 1/],
    [["--forward-to", "3000", "--since", "2099-01-01"], /must not be in the future/],
    [["--forward-to", "3000", "--forward-timeout", "0", "--ack", "app"], /without a limit/],
  ])("%j is refused", async (args, message) => {
    const end = await runInProcess(["listen", "--no-register", "--json", ...args], home());
    expect(end.code).toBe(2);
    expect(end.error?.message).toMatch(message);
  });

  it("--forward-timeout 0 answers at once, and says so", async () => {
    const app = await startApp(() => {});
    const args = [
      "listen",
      "--no-register",
      "--port",
      "0",
      "--forward-to",
      String(app.port),
      "--forward-timeout",
      "0",
      "--timeout",
      "0.1s",
    ];
    const end = await runInProcess(args, home());
    expect(end.stderr).toContain("--ack now");
  });
});

describe("a large delivery that was refused with 401", () => {
  const refused = async () => {
    const env = { ...home(), BLUUM_WEBHOOK_SECRET: "s3cret-s3cret" };
    const app = await startApp();
    const listener = await startListener(["--forward-to", String(app.port), "--require-signature"], env);
    const body = JSON.stringify({ event: "order.filled", data: { id: "ord_1" }, note: "x".repeat(500_000) });
    const headers = { "content-type": "application/json" };
    expect((await fetch(listener.url, { method: "POST", body, headers })).status).toBe(401);
    const told = await listener.record("delivery");
    await listener.stop();
    return { env, app, bytes: body.length, told, id: String(told["id"]) };
  };

  it("is stored truncated, with its parsed properties and its length", async () => {
    const { env, bytes, told, id } = await refused();
    expect(told).toMatchObject({ event: "order.filled", resourceId: "ord_1", bytes, isCut: true, payload: null });
    const [shown] = await jsonOf(["events", "show", id], env);
    expect(shown).toMatchObject({ event: "order.filled", resourceId: "ord_1", bytes, isCut: true });
    const { stdout } = await runInProcess(["events", "show", id], env);
    expect(stdout).toContain(`the first 16384 of ${bytes} bytes are kept, because it was refused`);
    const { size } = statSync(join(env.BLUUM_HOOKS_HOME, "store.db"));
    expect(size).toBeLessThan(300_000);
  });

  it("is never sent again", async () => {
    const { env, app, id } = await refused();
    const to = String(app.port);
    const named = await runInProcess(["events", "replay", id, "--to", to, "--json"], env);
    expect(named).toMatchObject({ code: 2, error: { code: "invalid_usage" } });
    expect(named.error?.message).toContain("cannot be sent again");
    await runInProcess(["events", "replay", "--since", "1h", "--to", to, "--json"], env);
    const { stdout } = await runInProcess(["events", "export", "--format", "curl"], env);
    expect(stdout).toContain(`# ${id} was refused, and 16384 of its`);
    const listener = await startListener(["--forward-to", to, "--since", "1h"], env);
    await listener.record("ready");
    await listener.stop();
    expect(app.requests).toEqual([]);
  });
});

async function jsonOf(args: readonly string[], env: Record<string, string>): Promise<Record<string, unknown>[]> {
  const { stdout } = await runInProcess([...args, "--json"], env);
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
