import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../src/platform/clock.ts";
import { startReceiver } from "../../../src/delivery/receiver.ts";
import { leadsHere, proveReachable } from "../../../src/tunnel/run-self-test.ts";
import { startReverseProxy } from "../../support/reverse-proxy.ts";
import { startConnectProxy } from "../../support/connect-proxy.ts";

async function start() {
  const receiver = await startReceiver({
    port: 0,
    orNext: false,
    path: "/hooks",
    maxBodyBytes: 1024,
    clock: systemClock,
    handle: async (_request, answer) => answer({ status: 200, body: "another app" }),
  });
  onTestFinished(() => receiver[Symbol.asyncDispose]());
  return receiver;
}

const longSignal = () => AbortSignal.timeout(60_000);
const proxy = undefined;

describe("whether a public URL leads here", () => {
  it("is true when this listener answers", async () => {
    const host = await start();
    expect(await leadsHere({ url: `${host.origin}/hooks`, host, proxy }, longSignal())).toBe(true);
  });

  it("is false when another one answers, or this one at another path", async () => {
    const host = await start();
    const other = await start();
    expect(await leadsHere({ url: `${other.origin}/hooks`, host, proxy }, longSignal())).toBe(false);
    expect(await leadsHere({ url: `${host.origin}/other`, host, proxy }, longSignal())).toBe(false);
  });

  it("is false when no server answers, or when there is no time left", async () => {
    const host = await start();
    const url = `${host.origin}/hooks`;
    expect(await leadsHere({ url, host, proxy }, AbortSignal.abort())).toBe(false);
    await host[Symbol.asyncDispose]();
    expect(await leadsHere({ url, host, proxy }, longSignal())).toBe(false);
  });
});

it("a URL that is still settling is tested until it leads here, or the time is over", async () => {
  const host = await start();
  let now = 0;
  const clock = { now: () => now, sleep: async (ms: number) => void (now += ms) };
  const front = await startReverseProxy(host.origin, {
    answer: () => (now < 20_000 ? { status: 530, headers: { server: "cloudflare" } } : undefined),
  });
  const url = `http://127.0.0.1:${front.port}/hooks`;
  const prove = (settleMs: number) => {
    now = 0;
    const test = { url, host, proxy, localUrl: `${host.origin}/hooks`, maxBodyBytes: 1024, settleMs };
    return proveReachable(test, { clock, signal: longSignal() });
  };
  const unreachable = { code: "public_url_unreachable", status: 530 };
  await expect(prove(0)).rejects.toMatchObject(unreachable);
  expect(now).toBe(1_000);
  await expect(prove(10_000)).rejects.toMatchObject(unreachable);
  await prove(30_000);
  expect(now).toBe(21_000);
});

it("a URL that may be the wrong one is refused with a hint to that", async () => {
  const host = await start();
  const other = await start();
  const urls = { url: `${other.origin}/hooks`, localUrl: `${host.origin}/hooks` };
  const test = { ...urls, host, proxy, maxBodyBytes: 1024, urlHint: "It is the first one that was printed." };
  await expect(proveReachable(test, { clock: systemClock, signal: longSignal() })).rejects.toMatchObject({
    message: expect.stringContaining(`${other.origin}/hooks does not lead to this listener`) as string,
    hint: expect.stringMatching(/^It is the first one that was printed\. Otherwise: /) as string,
  });
});

describe("behind a proxy of the company's network", () => {
  const variable = "HTTPS_PROXY";

  it("the request goes through the proxy", async () => {
    const host = await start();
    const { url, asked } = await startConnectProxy({ upstreamPort: host.port });
    const through = { url, authorization: undefined, variable };
    expect(await leadsHere({ url: "http://hooks.example/hooks", host, proxy: through }, longSignal())).toBe(true);
    expect(asked).toEqual(["POST http://hooks.example/hooks"]);
  });

  it("a proxy that refuses is named", async () => {
    const host = await start();
    const { url } = await startConnectProxy({ refusal: 403 });
    const through = { url, authorization: undefined, variable };
    const test = { url: "https://hooks.example/hooks", host, proxy: through, localUrl: "", maxBodyBytes: 1024 };
    await expect(proveReachable(test, { clock: systemClock, signal: longSignal() })).rejects.toMatchObject({
      code: "public_url_unreachable",
      message: expect.stringContaining(
        `no answer (the proxy ${url} (HTTPS_PROXY) refuses the connection with 403)`,
      ) as string,
      hint: expect.stringContaining("--no-self-test") as string,
    });
  });
});
