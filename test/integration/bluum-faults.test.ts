import { createServer as createTcpServer, type Server } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { type BluumClient, createBluumClient, orderRequest } from "../../src/bluum/client.ts";
import { closeServer, listenOnLoopback } from "../../src/platform/loopback.ts";
import { withEnoughTime } from "../support/slack.ts";
import { failureOf } from "../unit/bluum/failure.ts";
import {
  CREDENTIALS,
  json,
  raw,
  reset,
  scriptedApi,
  silence,
  type Step,
  TEST_OPTIONS,
  webhook,
} from "../unit/bluum/scripted-api.ts";

const NEW = { name: "n", url: "https://a.example", events: ["order.*"] };
const ORDER = orderRequest(
  { generation: "current", investorId: "inv_1" },
  { symbol: "AAPL", side: "buy", type: "market", timeInForce: "day", quantity: "1" },
  "key-1",
);
const ok = json(200, []);
const html = raw(502, "<html><head><style>p{}</style></head><body><h1>Bad Gateway</h1></body></html>");
const truncated = raw(200, '[{"name":"order.fil', { "content-type": "application/json" });
const announcesTooMuch: Step = (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "500" });
  response.write("[]", () => response.socket?.end());
};
const breaksOff: Step = (response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.write('[{"name":', () => response.socket?.destroy());
};
const announcesTooLittle: Step = (response) => {
  response.socket?.end(
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\n[{"name":"a.b"}]',
  );
};
const echo: Step = (response, { headers }) => {
  const sent = `${headers.authorization} ${CREDENTIALS.apiKey} ${CREDENTIALS.apiSecret}`;
  const answer = { error: { code: `BLUM ${CREDENTIALS.apiKey}`, message: `bad header ${sent}`, param: sent } };
  response.writeHead(400, { "x-request-id": Buffer.from(sent).toString("latin1") }).end(JSON.stringify(answer));
};

describe("a call that fails temporarily", () => {
  it.each([
    ["429", json(429, { code: "BLUM-429-001" })],
    ["500", json(500, {})],
    ["502 with a gateway's page", html],
    ["503", json(503, {})],
    ["504", json(504, {})],
    ["a reset", reset],
    ["JSON that is cut off", truncated],
    ["a body shorter than announced", announcesTooMuch],
    ["a body longer than announced", announcesTooLittle],
    ["a reset within the body", breaksOff],
    ["no answer in time", silence],
  ])("is repeated after %s", async (_name, fault) => {
    await withEnoughTime(300, async (timeoutMs) => {
      await using api = await scriptedApi(fault, ok);
      expect(await api.client(fault === silence ? { timeoutMs } : {}).listEventTypes()).toEqual([]);
      expect(api.unused).toBe(0);
    });
  });

  it("is repeated with the same idempotency key if it moves money", async () => {
    await using api = await scriptedApi(reset, html, json(201, { id: "ord_1", status: "pending" }));
    expect(await api.client().createOrder(ORDER)).toMatchObject({ id: "ord_1" });
    expect(api.seen.map(({ headers, body }) => [headers["idempotency-key"], body])).toEqual(
      Array.from({ length: 3 }, () => ["key-1", ORDER.body]),
    );
  });

  it.each<[string, (client: BluumClient) => Promise<unknown>]>([
    ["PATCH", (client) => client.updateWebhook("wh_1", { status: "ACTIVE" })],
    ["DELETE", (client) => client.deleteWebhook("wh_1")],
  ])("is repeated if it is a %s of a webhook", async (_name, call) => {
    await using api = await scriptedApi(html, json(200, webhook()));
    await call(api.client());
    expect(api.unused).toBe(0);
  });

  it("fails after five attempts, and says so", async () => {
    await using api = await scriptedApi(html, html, html, html, html, ok);
    const error = await failureOf(api.client().listEventTypes());
    expect(error).toMatchObject({ code: "api_unavailable", status: 502, requestId: "req_1" });
    expect(error.message).toMatch(/GET \/webhooks\/event-types with 502: .*Bad Gateway \(after 5 attempts\)$/);
    expect(api.unused).toBe(1);
  });
});

describe("the creation of a webhook", () => {
  it("is repeated after a response that proves that nothing was done", async () => {
    await using api = await scriptedApi(json(429, {}), json(201, webhook()));
    expect(await api.client().createWebhook(NEW)).toMatchObject({ id: "wh_1" });
  });

  it.each([
    ["500", json(500, {}), "api_unavailable"],
    ["502", html, "api_unavailable"],
    ["a reset", reset, "api_unreachable"],
    ["JSON that is cut off", truncated, "api_unreachable"],
    ["an answer that is no webhook", json(201, {}), "api_invalid_response"],
    ["no answer in time", silence, "api_timeout"],
  ])("is not repeated after %s, and the error says that it may exist", async (_name, fault, code) => {
    await using api = await scriptedApi(fault, json(201, webhook()));
    const error = await failureOf(api.client(fault === silence ? { timeoutMs: 200 } : {}).createWebhook(NEW));
    expect(error).toMatchObject({ code, hint: expect.stringContaining("List the webhooks") });
    // On a busy machine the time limit may pass before the request arrives.
    expect(api.seen.length).toBeLessThanOrEqual(1);
    if (fault !== silence) expect(api.unused).toBe(1);
  });

  it("does not say so after a refusal", async () => {
    await using api = await scriptedApi(json(400, { code: "BLUM-400-002", message: "url is missing" }));
    const error = await failureOf(api.client().createWebhook(NEW));
    expect(error.hint).toBe("Add the field that the message names.");
  });
});

describe("the deletion of a webhook", () => {
  it("succeeds when a repetition finds nothing", async () => {
    await using api = await scriptedApi(reset, json(404, { code: "BLUM-404-001", message: "no such webhook" }));
    await expect(api.client().deleteWebhook("wh_1")).resolves.toBeUndefined();
  });

  it("is the only call that succeeds when a repetition finds nothing", async () => {
    await using api = await scriptedApi(reset, json(404, {}));
    const error = await failureOf(api.client().updateWebhook("wh_1", { status: "ACTIVE" }));
    expect(error).toMatchObject({ code: "api_not_found" });
  });

  it("of a webhook that never existed is an error", async () => {
    await using api = await scriptedApi(json(404, {}));
    expect(await failureOf(api.client().deleteWebhook("wh_1"))).toMatchObject({ code: "api_not_found" });
  });

  it("needs no body in the response", async () => {
    await using api = await scriptedApi((response) => response.writeHead(204).end());
    await expect(api.client().deleteWebhook("wh_1")).resolves.toBeUndefined();
  });
});

describe("a refusal", () => {
  it.each([
    [400, "api_refused"],
    [401, "credentials_refused"],
    [403, "permission_denied"],
    [404, "api_not_found"],
    [409, "api_conflict"],
    [422, "api_refused"],
    [501, "api_unavailable"],
  ])("with %i is %s at once, with either body and with none", async (status, code) => {
    const vendorCode = `BLUM-${status}-001`;
    const legacy = { code: vendorCode, message: "no good", details: { field: "url", reason: "too short" } };
    const current = { error: { type: "t", code: vendorCode, message: "no good", param: "url" } };
    await using api = await scriptedApi(json(status, legacy), json(status, current), raw(status, "plain words"));
    const client = api.client();
    const errors = [];
    for (let n = 0; n < 3; n += 1) errors.push(await failureOf(client.createOrder(ORDER)));
    const common = { code, status, requestId: "req_1" };
    expect(errors).toMatchObject([{ ...common, vendorCode }, { ...common, vendorCode }, common]);
    expect(errors[0]?.message).toContain("no good (url: too short)");
    expect(errors[1]?.message).toContain("no good (url)");
    expect(errors[2]?.message).toContain("plain words");
    expect(api.seen).toHaveLength(3);
  });

  it("of a webhook call for lack of permission explains which keys are needed", async () => {
    await using api = await scriptedApi(json(403, { code: "BLUM-403-001", message: "no permission" }));
    expect((await failureOf(api.client().listWebhooks())).hint).toContain("scoped to an investor");
  });

  it("that quotes our secrets in header, code, message and field, shows none of them", async () => {
    await using api = await scriptedApi(echo);
    const error = await failureOf(api.client().createOrder(ORDER));
    expect(error.message).toContain("bad header Basic [hidden] [hidden] [hidden]");
    expect(error.vendorCode).toBe("BLUM [hidden]");
    expect(error.requestId).toContain("[hidden]");
  });

  it("contains no control characters of the peer", async () => {
    await using api = await scriptedApi(json(400, { message: "\u001b]0;owned\u0007\u001b[2Jre\r\nd" }));
    // oxlint-disable-next-line no-control-regex -- control characters are searched for
    expect((await failureOf(api.client().listWebhooks())).message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  it("that is endless is read only up to a limit", async () => {
    const chunk = Buffer.alloc(64_000, "x");
    let sentBytes = 0;
    await using api = await scriptedApi((response) => {
      response.writeHead(400);
      const send = () => {
        sentBytes += chunk.length;
        if (!response.destroyed) response.write(chunk, () => setImmediate(send));
      };
      send();
    });
    const error = await failureOf(api.client().listWebhooks());
    expect(error.code).toBe("api_refused");
    expect(error.message.length).toBeLessThan(400);
    expect(sentBytes).toBeLessThan(50_000_000);
  });
});

describe("an invalid response", () => {
  it("is quoted in the error, without the webhook's secret, and requested only once", async () => {
    await using api = await scriptedApi(json(200, [{ id: "wh_1", secret: "hush-hush", other: "whsec_hush" }]));
    const error = await failureOf(api.client().listWebhooks());
    expect(error).toMatchObject({ code: "api_invalid_response", requestId: "req_1" });
    expect(error.message).toMatch(/GET \/webhooks .*url is missing.*"id":"wh_1"/);
    expect(inspect(error, { depth: 10 })).not.toContain("hush");
  });

  it("is an error at once if it is an HTML page", async () => {
    await using api = await scriptedApi(raw(200, "<html>Welcome</html>", { "content-type": "text/html" }));
    const error = await failureOf(api.client().listWebhooks());
    expect(error).toMatchObject({ code: "api_invalid_response", hint: expect.stringContaining("base URL") });
  });

  it("is an error at once if it is too large", async () => {
    await using api = await scriptedApi(json(200, "x".repeat(1_200_000)));
    const error = await failureOf(api.client().listWebhooks());
    expect(error).toMatchObject({ code: "api_invalid_response", message: expect.stringContaining("larger than") });
  });

  it("is an error at once if it is empty", async () => {
    await using api = await scriptedApi(raw(200, ""));
    expect((await failureOf(api.client().listWebhooks())).message).toContain("received: nothing");
  });

  it("is not followed if it is a redirect, so that the credentials stay here", async () => {
    await using other = await scriptedApi();
    await using api = await scriptedApi(raw(302, "", { location: `${other.baseUrl}/webhooks` }));
    const error = await failureOf(api.client().listWebhooks());
    expect(error).toMatchObject({ code: "api_refused", status: 302, hint: expect.stringContaining(other.baseUrl) });
    expect(other.seen).toHaveLength(0);
  });

  it.each([
    ["/v1/webhooks/", "with a slash at the end. Check the base URL"],
    ["https://user:pa55@new.example/v2/webhooks", "use the base URL https://new.example/v2"],
    ["/login", "It leads to http://127.0.0.1"],
  ])("says where a redirect to %s leads, and which base URL follows from it", async (location, expected) => {
    await using api = await scriptedApi(raw(308, "", { location }));
    const error = await failureOf(api.client().listWebhooks());
    expect(error.hint).toContain(expected);
    expect(error.hint).not.toContain("pa55");
  });
});

describe("an API that cannot be reached", () => {
  const servers: Server[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => closeServer(server)));
  });

  async function tcp(answer: string): Promise<number> {
    const server = createTcpServer((socket) =>
      socket.on("error", () => undefined).once("data", () => socket.end(answer)),
    );
    servers.push(server);
    return listenOnLoopback(server, { port: 0, orNext: false, flag: "--port" });
  }

  it("because the connection is refused is retried even for a creation, and says what to check", async () => {
    const port = await tcp("");
    await closeServer(servers[0]!);
    for (const host of ["127.0.0.1", "localhost"]) {
      const { error, attempts } = await attemptsAt(`http://${host}:${port}/v1`, (c) => c.createWebhook(NEW));
      expect(error).toMatchObject({ code: "api_unreachable", hint: expect.stringContaining("base URL") });
      expect(error.message).toMatch(/connection refused \(after 5 attempts\)$/);
      expect(attempts()).toBe(5);
    }
  });

  it("because the response is not HTTP is unreachable, with nothing of the request in its cause", async () => {
    const port = await tcp("SSH-2.0-OpenSSH\r\n");
    const { error } = await attemptsAt(`http://127.0.0.1:${port}/v1`, (c) => c.listWebhooks());
    expect(error.code).toBe("api_unreachable");
    expect(Object.keys(error.cause as object)).toEqual(["code"]);
  });

  it("because of TLS to a plain server is not retried", async () => {
    const port = await tcp("HTTP/1.1 400 Bad Request\r\n\r\n");
    const { error, attempts } = await attemptsAt(`https://127.0.0.1:${port}/v1`, (c) => c.listWebhooks());
    expect(error.code).toBe("api_unreachable");
    expect(attempts()).toBe(1);
  });
});

async function attemptsAt(baseUrl: string, call: (client: BluumClient) => Promise<unknown>) {
  let attempts = 0;
  await using client = createBluumClient({ ...TEST_OPTIONS, baseUrl, onCall: () => (attempts += 1) });
  return { error: await failureOf(call(client)), attempts: () => attempts };
}
