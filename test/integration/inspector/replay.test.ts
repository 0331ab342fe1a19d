import { describe, expect, it } from "vitest";
import type { Detail, Preview, ReplayAnswer } from "../../../src/inspector/contract.ts";
import { verify } from "../../../src/core/signature.ts";
import { runInProcess } from "../../support/in-process.ts";
import { inspected, startInspect } from "../../support/inspector.ts";
import { startApp } from "../../support/app.ts";
import { startSession } from "../../support/session.ts";
import { answered, seedHome } from "../events/seed.ts";

const SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGlzIHRlc3Q=";

async function opened(...seeds: Parameters<typeof seedHome>[0]) {
  const app = await startApp();
  const { env, deliveries } = await seedHome(seeds);
  const inspector = await startInspect({ ...env, BLUUM_WEBHOOK_SECRET: SECRET });
  return { app, env, deliveries, ...inspector, to: `${app.url}/hooks` };
}

describe("a replay", () => {
  it("sends the same bytes, and is an attempt of the delivery", async () => {
    const { app, deliveries, post, get, to } = await opened({});
    const answer = (await post("deliveries/last/replay", { to })).json() as unknown as ReplayAnswer;
    expect(answer).toMatchObject({
      attempt: { n: 1, cause: "replay", status: 200, body: { text: "ok" } },
      changes: [],
    });
    expect(app.requests[0]?.body.equals(deliveries[0]?.body ?? Buffer.alloc(0))).toBe(true);
    expect((await get("deliveries/last")).json()["attempts"]).toMatchObject([{ cause: "replay", status: 200 }]);
  });

  it("re-signs on request", async () => {
    const { app, post, to } = await opened({});
    await post("deliveries/last/replay", { to, resign: true });
    const [request] = app.requests;
    const headers = (request?.rawHeaders ?? []).flatMap((name, at, all): [string, string][] =>
      at % 2 === 0 ? [[name, all[at + 1] ?? ""]] : [],
    );
    const body = request?.body ?? Buffer.alloc(0);
    expect(verify({ headers, body, secrets: [SECRET], now: Date.now() }).verdict).toBe("verified");
  });

  it("sends an edited payload as another event, with a signature of its own", async () => {
    const { app, post, to } = await opened({ headers: [["webhook-id", "evt_1"]] });
    const body = '{"event":"order.filled","data":{"id":"ord_1","filled_quantity":"2"}}';
    const bodyBase64 = Buffer.from(body).toString("base64");
    const answer = (await post("deliveries/last/replay", { to, bodyBase64 })).json() as unknown as ReplayAnswer;
    expect(answer).toMatchObject({ attempt: { cause: "edited" } });
    expect(answer.signature.map(([name]) => name)).toContain("webhook-id");
    expect(app.requests[0]?.rawHeaders).toEqual(expect.arrayContaining(answer.signature.flat()));
    expect(app.requests[0]?.body.toString()).toBe(body);
    expect(app.requests[0]?.rawHeaders.join(" ")).toContain("webhook-signature");
    expect(app.requests[0]?.rawHeaders).not.toContain("evt_1");
  });

  it("of an edited payload keeps what was sent, here and in events show and export", async () => {
    const { post, get, to, env } = await opened({});
    const body = '{"event":"order.filled","data":{"id":"ord_1","holder":"Jane Roe"}}';
    await post("deliveries/last/replay", { to, bodyBase64: Buffer.from(body).toString("base64") });
    await post("deliveries/last/replay", {
      to: "http://127.0.0.1:1/",
      bodyBase64: Buffer.from(body).toString("base64"),
    });
    await post("deliveries/last/replay", { to });
    const { attempts } = (await get("deliveries/last")).json() as unknown as Detail;
    expect(attempts.map(({ cause, status, sent }) => [cause, status, sent?.text])).toEqual([
      ["edited", 200, body],
      ["edited", null, body],
      ["replay", 200, undefined],
    ]);
    const run = async (...args: string[]) => (await runInProcess(["events", ...args], env)).stdout;
    expect(await run("show", "last")).toContain("Jane Roe");
    expect(JSON.parse(await run("show", "last", "--json"))).toMatchObject({ forwards: [{ sent: { body } }, {}, {}] });
    const har = await run("export", "--format", "har");
    expect(JSON.parse(har)).toMatchObject({
      log: { entries: [{}, { request: { postData: { text: body } } }, {}, {}] },
    });
    for (const format of ["har", "ndjson"]) {
      expect(await run("export", "--redact", "--format", format)).not.toContain("Jane Roe");
    }
  });

  it("goes to the last target unless it names one, and needs one", async () => {
    const { app, post, env } = await opened({});
    expect((await post("deliveries/last/replay", {})).json()).toMatchObject({ code: "invalid_usage" });
    await runInProcess(["events", "replay", "last", "--to", `${app.url}/hooks`], env);
    expect((await post("deliveries/last/replay", {})).status).toBe(200);
    expect(app.requests).toHaveLength(2);
  });

  it("to a host that is not this machine asks first, with its name", async () => {
    const { post } = await opened({});
    for (const confirmedHost of [undefined, "other.test"]) {
      const answer = await post("deliveries/last/replay", { to: "http://staging.test:8080/x", confirmedHost });
      expect([answer.status, answer.json()]).toMatchObject([
        409,
        { code: "confirmation_required", host: "staging.test:8080" },
      ]);
    }
  });

  it("does not follow a redirect", async () => {
    const other = await startApp();
    const app = await startApp((_request, response) => void response.writeHead(307, { location: other.url }).end());
    const { post } = await opened({});
    const answer = await post("deliveries/last/replay", { to: app.url });
    expect(answer.json()).toMatchObject({ attempt: { status: 307 } });
    expect(other.requests).toEqual([]);
  });

  it("to a running listener is refused", async () => {
    const { env } = await seedHome([{}]);
    const session = await startSession(["--no-register", "--inspect-port", "0"], env);
    const { inspectorUrl, localUrl } = await session.record("ready");
    const answer = await inspected(String(inspectorUrl)).post("deliveries/last/replay", { to: localUrl });
    expect([answer.status, answer.json()["code"]]).toEqual([400, "invalid_usage"]);
  });

  it.each([
    [{ to: 3000 }, "invalid to: must be a text"],
    [{ to: "ftp://x" }, "invalid target: must be a port"],
    [{ resign: "yes" }, "invalid resign: must be true or false"],
    [{ to: "1", bodyBase64: "%%%" }, "bodyBase64 is not base64"],
  ])("refuses %j", async (body, message) => {
    const { post } = await opened({});
    const answer = await post("deliveries/last/replay", body);
    expect(answer.status).toBe(400);
    expect(answer.json()["message"]).toContain(message);
  });
});

it("a preview has both signatures, and sends nothing", async () => {
  const { app, post } = await opened({});
  const bodyBase64 = Buffer.from('{"event":"order.filled"}').toString("base64");
  const preview = (await post("deliveries/last/preview", { bodyBase64 })).json() as unknown as Preview;
  expect(preview.edited.scheme).toBe("standard-webhooks");
  expect(preview.edited.headers.map(([name]) => name)).toEqual(["webhook-timestamp", "webhook-signature"]);
  expect(app.requests).toEqual([]);
});

it("events that the app has never accepted are sent again, each once", async () => {
  const { app, post, get, to } = await opened(
    { timestamp: "1", app: [answered(500)] },
    { timestamp: "2", app: [answered(200)] },
    { timestamp: "3", app: [answered(500)], verdict: "mismatch" },
  );
  const answer = await post("replay-failed", { to });
  expect(answer.json()).toEqual({ sent: 1, accepted: 1, leftOut: 1 });
  expect(app.requests).toHaveLength(1);
  // That was another URL than that of the app, which has still not accepted it.
  expect((await get("counts")).json()["failed"]).toBe(2);
  expect((await post("replay-failed", { to })).json()).toEqual({ sent: 1, accepted: 1, leftOut: 1 });
});

describe("a trigger", () => {
  it("is refused if it would move money, before anything is sent", async () => {
    const { env } = await seedHome([]);
    const credentials = { BLUUM_API_KEY: "key-of-a-test", BLUUM_API_SECRET: "secret-of-a-test" };
    const inspect = (args: readonly string[]) => startInspect({ ...env, ...credentials }, {}, args);
    const production = await inspect(["--env", "production"]);
    const refused = await production.post("trigger", { what: "order" });
    expect([refused.status, refused.json()["code"]]).toEqual([403, "production_refused"]);
    expect((await production.get("session")).json()["triggers"]).toBeNull();
    const unknown = await inspect([
      "--env",
      "sandbox",
      "--investor",
      "inv_1",
      "--base-url",
      "https://api.broker.example/v1",
    ]);
    const doubted = await unknown.post("trigger", { what: "order" });
    expect([doubted.status, doubted.json()["code"]]).toEqual([403, "sandbox_unknown"]);
  });

  it.each([
    [{ what: "transfer" }, "invalid what: must be order or event"],
    [{ what: "order", side: "hold" }, "invalid side: must be buy or sell"],
    [{ what: "order", quantity: "-1" }, 'invalid quantity "-1": must be a positive decimal'],
    [{ what: "order", symbol: "a b" }, 'invalid symbol "a b": must be a symbol such as AAPL'],
    [{ what: "event", event: "a b" }, 'invalid event "a b": must be an event name'],
    [{ what: "event" }, "invalid event: is missing"],
  ])("refuses %j", async (body, message) => {
    const { env } = await seedHome([]);
    const { post } = await startInspect(env, {}, ["--env", "emulator"]);
    const answer = await post("trigger", body);
    expect(answer.status).toBe(400);
    expect(answer.json()["message"]).toContain(message);
  });
});
