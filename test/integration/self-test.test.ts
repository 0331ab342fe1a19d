import { describe, expect, it } from "vitest";
import { Interrupted } from "../../src/core/errors.ts";
import type { CliRecord } from "../support/cli.ts";
import { runInProcess } from "../support/in-process.ts";
import { makeLoopbackCertificate } from "../support/ngrok-server/certificate.ts";
import { startReverseProxy, type ProxyRules } from "../support/reverse-proxy.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";

const PATH = "/webhooks/bluum";

/** Runs `listen --public-url` behind a proxy until it is ready or has failed; returns the webhook's state too. */
async function listenBehind(
  rules: ProxyRules,
  { scheme = "http", path = "", args = [] }: { scheme?: string; path?: string; args?: readonly string[] } = {},
) {
  const { env, call } = await startSandbox();
  await call("POST", "/webhooks", { name: "staging", url: "http://127.0.0.1:9/a", eventTypeNames: ["order.*"] });
  const before = await webhooksOf(call);
  let isListening: (url: string) => void = () => {};
  const proxy = await startReverseProxy(new Promise<string>((resolve) => (isListening = resolve)), rules);
  const records: CliRecord[] = [];
  const interrupt = new AbortController();
  let during: unknown;
  async function stopAfterLook(): Promise<void> {
    during = (await webhooksOf(call)).find(({ name }) => name !== "staging")?.url;
    interrupt.abort(new Interrupted("SIGINT", 130));
  }
  const url = `${scheme}://127.0.0.1:${proxy.port}${path}`;
  const end = await runInProcess(["listen", "--new", "--port", "0", "--public-url", url, ...args, "--json"], env, {
    signal: interrupt.signal,
    stdout: {
      isTTY: false,
      columns: 80,
      write(text) {
        for (const line of text.split("\n").filter(Boolean)) {
          const record = JSON.parse(line) as CliRecord;
          records.push(record);
          if (record.type === "listening") isListening(new URL(String(record["url"])).origin);
          if (record.type !== "ready") continue;
          void stopAfterLook();
        }
      },
    },
  });
  const localUrl = String(records.find(({ type }) => type === "listening")?.["url"]);
  return {
    end,
    records,
    proxy,
    url,
    localUrl,
    during,
    isUntouched: async () => expect(await webhooksOf(call)).toEqual(before),
  };
}

describe("a public URL behind a proxy is accepted if the webhook's exact URL leads here", () => {
  it.each<[string, ProxyRules, { path?: string; args?: string[] }, string]>([
    ["the whole host", {}, {}, PATH],
    ["its path only, as at the listener", { answer: only(PATH) }, {}, PATH],
    ["another path, which the proxy rewrites", { answer: only("/in"), path: () => PATH }, { path: "/in" }, "/in"],
    [
      "another path, which the listener has too",
      { answer: only("/in") },
      { path: "/in", args: ["--path", "/in"] },
      "/in",
    ],
    ["a URL with a query", { answer: only("/in?key=1"), path: () => PATH }, { path: "/in?key=1" }, "/in?key=1"],
    ["a query on a bare host", {}, { path: "/?key=1" }, `${PATH}?key=1`],
    ["a proxy that passes each request on twice", { copies: 2 }, {}, PATH],
  ])("%s", async (_name, rules, options, registered) => {
    const { end, records, proxy, during } = await listenBehind(rules, options);
    expect(end.code).toBe(130);
    expect(during).toBe(`http://127.0.0.1:${proxy.port}${registered}`);
    expect(proxy.paths).toEqual([registered]);
    expect(records.filter(({ type }) => ["delivery", "refused"].includes(type))).toEqual([]);
    expect(records.at(-1)).toMatchObject({ summary: { received: 0, refused: 0 } });
  });
});

function only(routed: string): NonNullable<ProxyRules["answer"]> {
  return (path) => (path === routed ? undefined : { status: 404, headers: { server: "proxy" } });
}

const answers = (status: number, headers: Record<string, string> = {}, body = ""): ProxyRules => ({
  answer: () => ({ status, headers: { server: "nginx", ...headers }, body }),
});

describe("a public URL that does not lead here is refused before a webhook is changed, and the obstacle is named", () => {
  it.each<[string, ProxyRules, RegExp, RegExp]>([
    ["502", answers(502), /nginx answered 502 Bad Gateway: the proxy answers.*connect to its upstream/, /LOCAL/],
    ["503", answers(503), /nginx answered 503 .*no upstream in service/, /LOCAL.*health checks/],
    ["504", answers(504), /nginx answered 504 .*does not answer in time/, /LOCAL/],
    ["413", answers(413), /nginx answered 413 .*not accept a body of this size/, /client_max_body_size 1024k;/],
    ["a tunnel of Cloudflare", answers(530), /530.*Cloudflare/, /LOCAL/],
    ["a login", answers(401), /401 Unauthorized: .*login/, /POST \/webhooks\/bluum/],
    [
      "a proxy that routes another path only",
      { answer: only("/other") },
      /404 .*no route for this path/,
      /POST \/webhooks\/bluum to LOCAL\/webhooks\/bluum/,
    ],
    [
      "a proxy that allows GET only",
      answers(405),
      /405 .*does not allow POST/,
      /forward POST \/webhooks\/bluum to LOCAL/,
    ],
    [
      "a redirect",
      answers(301, { location: "https://www.example.test/webhooks/bluum" }),
      /301 Moved Permanently, a redirect/,
      /leads to https:\/\/www\.example\.test\/webhooks\/bluum.*--public-url/,
    ],
    [
      "a redirect that adds a slash",
      answers(308, { location: "/webhooks/bluum/" }),
      /308 .*a redirect/,
      /with a slash at the end/,
    ],
    [
      "http at an https port",
      answers(400, {}, "<h1>400</h1>The plain HTTP request was sent to HTTPS port"),
      /http:\/\/ leads to an https port/,
      /https:\/\/127\.0\.0\.1/,
    ],
    [
      "another server",
      { answer: () => ({ status: 200, body: "welcome" }) },
      /it answered 200 OK: another server/,
      /LOCAL/,
    ],
    [
      "a server that echoes what it gets",
      { answer: (_path, body) => ({ status: 200, body }) },
      /it answered 200 OK: another server/,
      /LOCAL/,
    ],
    [
      "a proxy that replaces the answer",
      { answered: () => ({ status: 200, body: "ok" }) },
      /the response does not come back \(it answered 200 OK\)/,
      /return the listener's response unchanged/,
    ],
    [
      "a proxy that strips a prefix",
      { path: () => "/bluum" },
      /arrives here at \/bluum, but deliveries are accepted at \/webhooks\/bluum/,
      /--path \/bluum/,
    ],
    ["a proxy that changes the method", { method: "PUT" }, /as PUT instead of POST/, /keep the method/],
    ["a proxy that removes headers", { headers: ({ host }) => ({ host }) }, /without all of its headers/, /signature/],
    [
      "a proxy that changes the body",
      { body: (body) => JSON.stringify(JSON.parse(body), null, 1) },
      /body was changed in transit/,
      /byte for byte/,
    ],
  ])("%s", async (_name, rules, message, hint) => {
    const { end, records, localUrl, isUntouched } = await listenBehind(rules);
    expect([end.code, end.error?.code]).toEqual([4, "public_url_unreachable"]);
    expect(end.error?.message).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/webhooks\/bluum does not lead to this listener: /);
    expect(end.error?.message).toMatch(message);
    expect(end.error?.hint?.replaceAll(new URL(localUrl).origin, "LOCAL")).toMatch(hint);
    expect(records.filter(({ type }) => ["delivery", "refused", "registered"].includes(type))).toEqual([]);
    expect(records.at(-1)).toMatchObject({ summary: { received: 0, refused: 0 } });
    await isUntouched();
  });

  it("https to an http port", async () => {
    const { end, isUntouched } = await listenBehind({}, { scheme: "https" });
    expect(end.error?.message).toMatch(/https:\/\/ leads to a port of 127\.0\.0\.1:\d+ that does not use TLS/);
    expect(end.error?.hint).toMatch(/Use the TLS port of the proxy/);
    await isUntouched();
  });

  it("a certificate that is not trusted", async () => {
    const { end, isUntouched } = await listenBehind({ certificate: makeLoopbackCertificate() }, { scheme: "https" });
    expect(end.error?.message).toMatch(/invalid TLS certificate \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    expect(end.error?.hint).toMatch(/public authority/);
    await isUntouched();
  });

  it("no server; a query, which may be secret, is not quoted", async () => {
    const { env } = await startSandbox();
    const args = ["listen", "--new", "--port", "0", "--public-url", "http://127.0.0.1:1/in?key=s3cret", "--json"];
    const { error } = await runInProcess(args, env);
    expect(error?.message).toMatch(/^http:\/\/127\.0\.0\.1:1\/in does not lead to this listener: no answer/);
    expect(error?.hint).toMatch(/--no-self-test/);
  });
});
