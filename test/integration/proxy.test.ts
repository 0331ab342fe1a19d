import { describe, expect, it } from "vitest";
import { createBluumClient } from "../../src/bluum/client.ts";
import type { Context } from "../../src/context.ts";
import { AppError } from "../../src/core/errors.ts";
import { inspectCertificate } from "../../src/platform/inspect-certificate.ts";
import { proxyFor } from "../../src/core/proxy.ts";
import { readFileSync } from "node:fs";
import { startApp } from "../support/app.ts";
import { startConnectProxy } from "../support/connect-proxy.ts";
import { deployed } from "../support/deployed.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox } from "../support/sandbox.ts";
import { startTlsFront } from "../support/tls-front.ts";

const PASSWORD = "p4ss-of-the-proxy";

/** The real client, without the waits between its attempts. */
const impatient: Partial<Context> = {
  createApi: async (options) => createBluumClient({ ...options, retryBaseMs: 1 }),
};

/** An emulator that can be reached as http://api.internal/v1 through a proxy only. */
async function behindProxy(options: Parameters<typeof startConnectProxy>[0] = {}) {
  const { emulator, env, call } = await startSandbox();
  const proxy = await startConnectProxy({ upstreamPort: emulator.port, ...options });
  return { proxy, call, env: { ...env, BLUUM_BASE_URL: "http://api.internal/v1" } };
}

describe("the API behind a proxy", () => {
  it("is reached through it, with its user and password", async () => {
    const { proxy, env } = await behindProxy({ pair: `user:${PASSWORD}` });
    const http_proxy = `http://user:${PASSWORD}@127.0.0.1:${proxy.port}`;
    const { code, stdout } = await runInProcess(["event-types", "--json"], { ...env, http_proxy });
    expect([code, proxy.asked]).toEqual([0, ["GET http://api.internal/v1/webhooks/event-types"]]);
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ name: "order.filled" }));
  });

  it("is not used if NO_PROXY excludes the host, and never for this machine", async () => {
    const { proxy, env } = await behindProxy();
    const every = { http_proxy: proxy.url, HTTPS_PROXY: proxy.url, ALL_PROXY: proxy.url };
    const { emulator } = await startSandbox();
    const at = { ...env, ...every, BLUUM_BASE_URL: emulator.baseUrl };
    expect((await runInProcess(["trigger", "order"], at)).code).toBe(0);
    const app = await startApp();
    expect((await runInProcess(["trigger", "event", "order.filled", "--to", app.url, "--unsigned"], at)).code).toBe(0);
    const run = { ...at, BLUUM_WEBHOOK_SECRET: "whsec_c2VjcmV0" };
    await runInProcess(["check", app.url, "--only", "transport", "--safe"], run);
    expect([proxy.asked, app.requests.length > 1]).toEqual([[], true]);
  });

  it.each([
    ["CONNECT", "https://api.example/v1", 407, /a user and a password/],
    ["CONNECT", "https://api.example/v1", 403, /allow this host/],
    ["CONNECT", "https://api.example/v1", 502, /can reach api\.example/],
    ["GET", "http://api.internal/v1", 407, /a user and a password/],
  ])(
    "and refused by it (%s %s, %i) is a separate error, without the password",
    async (method, baseUrl, status, hint) => {
      const { proxy, env } = await behindProxy({ refusal: status });
      const ALL_PROXY = `http://user:${PASSWORD}@127.0.0.1:${proxy.port}`;
      const given = { ...env, BLUUM_BASE_URL: baseUrl, ALL_PROXY };
      const { code, error, stdout, stderr } = await runInProcess(
        ["event-types", "--json", "--debug"],
        given,
        impatient,
      );
      expect([code, error?.code, error?.status]).toEqual([1, "proxy_refused", status]);
      expect(error?.message).toContain(`the proxy ${proxy.url} (ALL_PROXY)`);
      expect(error?.hint).toMatch(hint);
      expect(error?.hint).toContain("NO_PROXY=api.");
      expect(proxy.asked[0]).toMatch(new RegExp(`^${method} `));
      expect(`${stdout}${stderr}`).not.toContain(PASSWORD);
      expect(`${stdout}${stderr}`).not.toContain(btoa(`user:${PASSWORD}`));
    },
  );

  it("does not create a webhook twice, nor say that it may exist, when the proxy refuses", async () => {
    const { env } = await behindProxy({ refusal: 502 });
    const proxied = { ...env, http_proxy: "", ALL_PROXY: (await startConnectProxy({ refusal: 502 })).url };
    const given = { ...proxied, BLUUM_BASE_URL: "https://api.example/v1" };
    const { error } = await runInProcess(["register", "https://a.example/h", "--json"], given, impatient);
    expect(error?.code).toBe("proxy_refused");
    expect(error?.hint).not.toContain("may have been created");
  });

  it("that cannot be reached itself is named", async () => {
    const { env } = await behindProxy();
    const ALL_PROXY = `http://user:${PASSWORD}@127.0.0.1:1`;
    const { error, stderr } = await runInProcess(["event-types", "--json"], { ...env, ALL_PROXY }, impatient);
    expect(error?.code).toBe("api_unreachable");
    expect(error?.message).toContain("the proxy http://127.0.0.1:1 (ALL_PROXY) cannot be reached");
    expect(error?.hint).toContain("NO_PROXY=api.internal");
    expect(stderr).not.toContain(PASSWORD);
  });

  it("for SOCKS is refused with a remedy", async () => {
    const { env } = await behindProxy();
    const ALL_PROXY = `socks5://user:${PASSWORD}@127.0.0.1:1`;
    const { code, error, stderr } = await runInProcess(["event-types", "--json"], { ...env, ALL_PROXY });
    expect([code, error?.code]).toEqual([2, "invalid_setting"]);
    expect(error?.hint).toContain("HTTPS_PROXY");
    expect(stderr).not.toContain(PASSWORD);
  });
});

describe("doctor", () => {
  const proxyFinding = async (env: Record<string, string>) => {
    const { stdout, stderr } = await runInProcess(["doctor", "--json"], env, {
      probe: async () => ({ kind: "failed", reason: "no name is looked up in a test" }),
    });
    expect(`${stdout}${stderr}`).not.toContain(PASSWORD);
    const { findings } = JSON.parse(stdout) as { findings: { check: string; message: string; level: string }[] };
    return findings.find(({ check }) => check === "proxy");
  };

  it("names the proxy and its variable, without the password", async () => {
    const { proxy, env } = await behindProxy();
    const http_proxy = `http://user:${PASSWORD}@127.0.0.1:${proxy.port}`;
    expect(await proxyFinding({ ...env, http_proxy })).toMatchObject({
      level: "ok",
      message: `api.internal is reached through the proxy ${proxy.url} (http_proxy), with a user`,
    });
    const spared = { ...env, http_proxy, BLUUM_BASE_URL: "http://api.invalid/v1", no_proxy: "x,.invalid" };
    expect((await proxyFinding(spared))?.message).toBe("api.invalid is reached directly: no_proxy has .invalid");
    const { env: local } = await startSandbox();
    expect((await proxyFinding({ ...local, http_proxy }))?.message).toContain("this machine");
    expect(await proxyFinding({ ...env, ALL_PROXY: `socks5://u:${PASSWORD}@h` })).toMatchObject({ level: "problem" });
  });
});

describe("an endpoint on another machine", () => {
  const SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";

  it("is checked through the proxy", async () => {
    const app = await startApp();
    const { port, caFile } = await startTlsFront("app.example", app.port);
    const proxy = await startConnectProxy({ upstreamPort: port });
    const { env } = await startSandbox();
    const given = { ...env, HTTPS_PROXY: proxy.url, BLUUM_WEBHOOK_SECRET: SECRET };
    const args = ["check", "https://app.example/hooks", "--only", "transport", "--ca", caFile, "--json"];
    const { stdout } = await runInProcess(args, given);
    const { results } = JSON.parse(stdout) as { results: { id: string; result: string }[] };
    expect(results.map(({ id, result }) => [id, result])).toContainEqual(["transport.https", "passed"]);
    expect(new Set(proxy.asked)).toEqual(new Set(["CONNECT app.example:443"]));
    expect(app.requests[0]?.path).toBe("/hooks");
  });

  it("that the proxy does not reach is unreachable, and the proxy is named", async () => {
    const proxy = await startConnectProxy({ refusal: 403 });
    const { env } = await startSandbox();
    const given = { ...env, HTTPS_PROXY: proxy.url, BLUUM_WEBHOOK_SECRET: SECRET };
    const { code, error } = await runInProcess(["check", "https://app.example/hooks", "--json"], given);
    expect([code, error?.code]).toEqual([1, "endpoint_unreachable"]);
    expect(error?.message).toContain(`the proxy ${proxy.url} (HTTPS_PROXY) refuses the connection with 403`);
  });

  it("is promoted although only the proxy can resolve its name, and its certificate is read through the proxy", async () => {
    const app = await startApp();
    const { port, caFile } = await startTlsFront("app.example", app.port);
    const proxy = await startConnectProxy({ upstreamPort: port });
    const { env, call } = await startSandbox();
    const { id } = (await call("POST", "/webhooks", {
      name: "w",
      url: "http://127.0.0.1:9/a",
      eventTypeNames: ["*"],
    })) as {
      id: string;
    };
    const { checkEndpoint } = deployed();
    const args = ["promote", "https://app.example/hooks", "--yes", "--webhook", id, "--ca", caFile, "--json"];
    const { code, stdout } = await runInProcess(
      args,
      { ...env, HTTPS_PROXY: proxy.url, BLUUM_WEBHOOK_SECRET: SECRET },
      {
        lookUp: async () => ({ kind: "unknown", reason: "DNS lookup failed: unknown host" }),
        checkEndpoint: checkEndpoint!,
      },
    );
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ action: "promoted" })]);
    expect(proxy.asked).toEqual(["CONNECT app.example:443"]);
  });

  it("shows its certificate through the proxy, or the proxy's error", async () => {
    const { port, caFile } = await startTlsFront("app.example", 1);
    const open = await startConnectProxy({ upstreamPort: port });
    const shut = await startConnectProxy({ refusal: 407 });
    const see = (url: string) =>
      inspectCertificate({
        host: "app.example",
        port: 443,
        ca: readFileSync(caFile, "utf8"),
        proxy: proxyFor("https://app.example", { HTTPS_PROXY: url }),
        timeoutMs: 20_000,
        signal: new AbortController().signal,
      });
    expect(await see(open.url)).toMatchObject({ kind: "shown", fault: null });
    expect(await see(shut.url)).toMatchObject({ kind: "none", reason: expect.stringContaining("with 407") as string });
  });
});

it("listen says at once that ngrok's SDK does not support a proxy, and what to do", async () => {
  const { env } = await startSandbox();
  const HTTPS_PROXY = `http://user:${PASSWORD}@127.0.0.1:1`;
  const said: string[] = [];
  const openNgrok = async () => {
    throw new AppError("tunnel_unavailable", "no way out");
  };
  const { stdout, stderr } = await runInProcess(
    ["listen", "--port", "0", "--json"],
    { ...env, HTTPS_PROXY, NGROK_AUTHTOKEN: "2fakeTokenOfNobody_0123456789" },
    { openNgrok: (options) => (said.push(options.upstreamUrl), openNgrok()) },
  );
  const records = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; code?: string; hint?: string });
  const warning = records.find(({ code }) => code === "proxy_ignored");
  const port = new URL(said[0] ?? "").port;
  expect(warning?.hint).toContain(`ngrok http ${port}`);
  expect(warning?.hint).toContain("--public-url");
  expect(`${stdout}${stderr}`).not.toContain(PASSWORD);
  const spared = await runInProcess(
    ["listen", "--port", "0", "--json"],
    { ...env, HTTPS_PROXY, NO_PROXY: "ngrok-agent.com", NGROK_AUTHTOKEN: "2fakeTokenOfNobody_0123456789" },
    { openNgrok },
  );
  expect(spared.stdout).not.toContain("proxy_ignored");
});
