import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";
import { verify } from "../../src/core/signature.ts";
import { startApp, type AppRequest } from "../support/app.ts";
import { runCli } from "../support/cli.ts";
import { runInProcess } from "../support/in-process.ts";
import { startListener } from "../support/listener.ts";
import { tempFolder } from "../support/temp.ts";

const SECRET = `whsec_${Buffer.from("thirty-two bytes that are secret").toString("base64")}`;
const environment = () => ({ BLUUM_HOOKS_HOME: tempFolder(), BLUUM_WEBHOOK_SECRET: SECRET });

const send = (args: readonly string[], env: Record<string, string> = environment()) =>
  runInProcess(["trigger", "event", ...args, "--json"], env);
const records = (stdout: string) =>
  stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const headersOf = ({ rawHeaders }: AppRequest) =>
  Array.from({ length: rawHeaders.length / 2 }, (_, at) => [rawHeaders[2 * at]!, rawHeaders[2 * at + 1]!] as const);
const verdictOf = (request: AppRequest | undefined) =>
  request && verify({ headers: headersOf(request), body: request.body, secrets: [SECRET], now: Date.now() });
const payloadOf = (request: AppRequest | undefined) =>
  JSON.parse(String(request?.body)) as { event: string; timestamp: string; data: Record<string, unknown> };

/** An app that verifies with the reference implementation, as its author would. */
const strictApp = () =>
  startApp((request, response) => {
    try {
      new Webhook(SECRET).verify(request.body, Object.fromEntries(headersOf(request)));
      response.end();
    } catch {
      response.writeHead(401).end();
    }
  });

describe("trigger event", () => {
  it("sends an event that the reference implementation verifies", async () => {
    const app = await strictApp();
    const { code, stdout } = await send(["order.filled", "--to", `${app.port}`]);
    expect(code).toBe(0);
    expect(app.requests.map(({ path }) => path)).toEqual(["/webhooks/bluum"]);
    expect(payloadOf(app.requests[0])).toMatchObject({ event: "order.filled", data: { status: "filled" } });
    expect(records(stdout)).toEqual([
      expect.objectContaining({ type: "sent", event: "order.filled", status: 200, signature: "signed", ok: true }),
    ]);
  });

  it.each(["timestamped", "hex", "base64"])("signs in the scheme %s, in the requested header", async (scheme) => {
    const app = await startApp();
    await send(["order.filled", "--to", app.url, "--scheme", scheme, "--signature-header", "X-My-Signature"]);
    expect(verdictOf(app.requests[0])).toEqual({ verdict: "verified", scheme, header: "x-my-signature" });
  });

  it.each([
    ["--unsigned", "unsigned"],
    ["--bad-signature", "mismatch"],
    ["--stale", "stale"],
    ["--tampered", "mismatch"],
  ])("with %s, the verdict is %s, and a refusal is correct", async (flag, verdict) => {
    const app = await strictApp();
    const { code } = await send(["order.filled", "--to", app.url, flag, "--expect", "4xx"]);
    expect(code).toBe(0);
    expect(verdictOf(app.requests[0])?.verdict).toBe(verdict);
  });

  it("ends with 1 when a wrong signature is accepted that must be refused", async () => {
    const app = await startApp();
    const lenient = await send(["order.filled", "--to", app.url, "--bad-signature"]);
    expect(lenient.code).toBe(0);
    const strict = await send(["order.filled", "--to", app.url, "--bad-signature", "--expect", "4xx"]);
    expect([strict.code, strict.error?.code]).toEqual([1, "unexpected_answer"]);
  });

  it("ends with 1 when a wrong signature crashes the app", async () => {
    const app = await startApp((_request, response) => void response.writeHead(500).end());
    expect((await send(["order.filled", "--to", app.url, "--unsigned"])).error?.code).toBe("unexpected_answer");
  });

  it("ends with 1 and says why when the connection is refused", async () => {
    const app = await startApp();
    await app.stop();
    const { code, stdout, error } = await send(["order.filled", "--to", app.url]);
    expect([code, error?.code]).toEqual([1, "unexpected_answer"]);
    expect(records(stdout)[0]).toMatchObject({ error: "connection refused", ok: false });
  });

  it("sends a duplicate byte for byte, and several events with different resources", async () => {
    const app = await startApp();
    await send(["order.filled", "--to", app.url, "--duplicate", "--count", "2"]);
    const [first, again, second] = app.requests;
    expect(again?.body).toEqual(first?.body);
    expect(again?.rawHeaders).toEqual(first?.rawHeaders);
    expect(app.requests).toHaveLength(4);
    expect(payloadOf(second).data["id"]).not.toBe(payloadOf(first).data["id"]);
  });

  it("uses the generation and the id of the owner by default", async () => {
    const app = await startApp();
    const account = "3f2b8c1e-7a64-4d0b-9c55-1e8f6a2d4b71";
    await send(["order.filled", "--to", app.url, "--account", account]);
    await send(["order.filled", "--to", app.url, "--account", account, "--generation", "current"]);
    await send(["order.filled", "--to", app.url, "--investor", "inv_mine"]);
    const [legacy, current, mine] = app.requests.map((request) => payloadOf(request).data);
    expect(legacy).toMatchObject({ account_id: account, filled_qty: "10" });
    expect(current).toMatchObject({ filled_quantity: "10" });
    expect(current).not.toHaveProperty("account_id");
    expect(mine).toMatchObject({ investor_id: "inv_mine" });
  });

  it("sends the form of Bluum's example application, and a whole payload in its own form", async () => {
    const app = await startApp();
    const form = ["--payload", "event_type"];
    const { stdout } = await send(["order.filled", "--to", app.url, ...form]);
    const whole = JSON.stringify({ event_type: "x", data: { order_id: "ord_1" } });
    await send(["order.canceled", "--to", app.url, "--data", whole]);
    const [sample, own] = app.requests.map(payloadOf) as unknown as Record<string, Record<string, unknown>>[];
    expect(sample).toMatchObject({ event_type: "order.filled", data: { status: "filled" } });
    expect(sample).not.toHaveProperty("event");
    expect(records(stdout)).toEqual([expect.objectContaining({ resourceId: sample?.["data"]?.["order_id"] })]);
    expect(own).toEqual({ event_type: "order.canceled", data: { order_id: "ord_1" } });
  });

  it("sets values in the payload: JSON if it is valid JSON, otherwise text", async () => {
    const app = await startApp();
    const set = ["data.symbol=MSFT", "data.legs[0].n=1", 'data.quantity="7"', "extra=null", "data.text=a=b"];
    await send(["order.filled", "--to", app.url, ...set.flatMap((each) => ["--set", each])]);
    expect(payloadOf(app.requests[0])).toMatchObject({
      extra: null,
      data: { symbol: "MSFT", legs: [{ n: 1 }], quantity: "7", text: "a=b", status: "filled" },
    });
  });

  it("prints the name that it sends", async () => {
    const app = await startApp();
    const { stdout } = await send(["order.filled", "--to", app.url, "--set", "event=order.mended"]);
    expect(records(stdout)).toMatchObject([{ event: "order.mended" }]);
    expect(payloadOf(app.requests[0]).event).toBe("order.mended");
  });

  it.each(["", "bad name", "order.\u0007filled"])("refuses the name %j", async (name) => {
    const { code, error } = await send([name, "--to", "9"]);
    expect([code, error?.code]).toEqual([2, "invalid_usage"]);
  });

  it("reads the payload's data, or a whole payload, from a file", async () => {
    const app = await startApp();
    const file = join(tempFolder(), "payload.json");
    writeFileSync(file, '\ufeff{"id":"ord_1"}');
    await send(["order.filled", "--to", app.url, "--data", `@${file}`]);
    expect(payloadOf(app.requests[0])).toMatchObject({ event: "order.filled", data: { id: "ord_1" } });
    expect(payloadOf(app.requests[0]).data).toEqual({ id: "ord_1" });
    const whole = { event: "order.filled", timestamp: "2025-06-15T14:30:15Z", data: { id: "ord_2" }, livemode: false };
    await send(["order.filled", "--to", app.url, "--data", JSON.stringify(whole)]);
    expect(payloadOf(app.requests[1])).toEqual(whole);
  });

  it("accepts an undocumented name, with a warning that suggests the most similar one", async () => {
    const app = await startApp();
    const { code, stdout, stderr } = await send(["order.filed", "--to", app.url]);
    expect(code).toBe(0);
    expect(records(stdout)).toHaveLength(1);
    expect(JSON.parse(stderr)).toMatchObject({
      warning: { code: "unknown_event", hint: expect.stringContaining("order.filled") as string },
    });
    expect(payloadOf(app.requests[0])).toMatchObject({
      event: "order.filed",
      data: { id: expect.any(String) as string },
    });
  });

  it("sends to the running listener, which verifies it", async () => {
    const env = environment();
    const listener = await startListener([], env);
    const { code, stdout } = await send(["transfer.deposit.completed"], env);
    expect(code).toBe(0);
    expect(records(stdout)[0]).toMatchObject({ url: listener.url, status: 200 });
    const delivery = await listener.record("delivery");
    expect(delivery).toMatchObject({ event: "transfer.deposit.completed", signature: { verdict: "verified" } });
    await send(["order.filled", "--duplicate"], env);
    await listener.record("delivery", (each) => each["recurrence"] === "duplicate");
  });

  it("finds no listener that has ended, and names the environment that has one", async () => {
    const env = environment();
    const listener = await startListener([], env);
    const elsewhere = await send(["order.filled", "--env", "production"], env);
    expect([elsewhere.code, elsewhere.error?.code]).toEqual([1, "listener_not_running"]);
    expect(elsewhere.error?.hint).toContain("--env sandbox");
    await listener.stop();
    const { error } = await send(["order.filled"], env);
    expect(error?.code).toBe("listener_not_running");
    expect(error?.hint).toContain("bluum-hooks listen (");
    const production = await send(["order.filled", "--env", "production"], env);
    expect(production.error?.hint).toContain("bluum-hooks listen --env production");
  });

  it("needs a secret to sign with, except for a wrong signature", async () => {
    const app = await startApp();
    const env = { BLUUM_HOOKS_HOME: tempFolder() };
    const { code, error } = await send(["order.filled", "--to", app.url], env);
    expect([code, error?.code]).toEqual([3, "webhook_secret_missing"]);
    expect(error?.hint).toContain("--unsigned");
    expect((await send(["order.filled", "--to", app.url, "--unsigned"], env)).code).toBe(0);
    expect((await send(["order.filled", "--to", app.url, "--bad-signature"], env)).code).toBe(0);
  });

  it.each([
    [["--set", "data.x"], "path and a value"],
    [["--set", "__proto__.x=1"], "it is not a path"],
    [["--set", "data.x[99999999]=1"], "begins with the index 0"],
    [["--set", "data[x=1"], "it is not a path"],
    [["--set", "data.id.foo=3"], "data.id is a string, and has no fields"],
    [["--data", "[1]"], "must be a JSON object"],
    [["--data", "{"], "must be a JSON object"],
    [["--to", "ftp://x"], "must be a port"],
    [["--stale", "--scheme", "hex"], "cannot be stale"],
    [["--stale", "--unsigned"], "cannot be used with"],
    [["--expect", "2"], "must be a status"],
    [["--signature-header", "a b"], "must be the name of a header"],
    [["--count", "0"], "whole number"],
  ])("refuses %j", async (args, message) => {
    const { code, error } = await send(["order.filled", "--to", "9", ...args]);
    expect([code, error?.code]).toEqual([2, "invalid_usage"]);
    expect(error?.message).toContain(message);
  });

  it("names the file that it cannot read", async () => {
    const { error } = await send(["order.filled", "--to", "9", "--data", "@no/such/file.json"]);
    expect(error).toMatchObject({
      code: "file_unusable",
      message: expect.stringContaining("no/such/file.json") as string,
    });
  });

  it("prints a line for each delivery on a terminal, and never the secret", async () => {
    const app = await startApp();
    const { stdout, stderr } = await runInProcess(
      ["trigger", "event", "order.filled", "--to", app.url, "--tampered"],
      environment(),
    );
    expect(stdout).toMatch(/^order\.filled +ord_\S+ {2}tampered {2}✓ 200 {2}\S+ ms\n$/);
    expect(stdout + stderr).not.toContain(SECRET);
  });
});

it("a listener that was killed is not found any more", async () => {
  const env = environment();
  const { startCli } = await import("../support/cli.ts");
  const listener = startCli(["listen", "--no-register", "--port", "0", "--json"], env);
  await listener.record("ready");
  const sent = await runCli(["trigger", "event", "order.filled", "--json"], env);
  expect(sent.code).toBe(0);
  listener.kill("SIGKILL");
  await listener.ended;
  const after = await runCli(["trigger", "event", "order.filled", "--json"], env);
  expect(after.error().code).toBe("listener_not_running");
});

it("an app that redirects is reported, with the target", async () => {
  const app = await startApp((_request, response) => response.writeHead(308, { location: "/hooks/" }).end());
  const { error } = await send(["order.filled", "--to", `${app.url}/hooks`]);
  expect(error?.hint).toBe(
    `Redirects are not followed. It leads to ${app.url}/hooks/, with a slash at the end: --to ${app.url}/hooks/`,
  );
});
