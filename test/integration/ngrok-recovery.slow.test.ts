import { EventEmitter, once } from "node:events";
import { beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import type { TunnelTiming } from "../../src/tunnel/tunnel.ts";
import { buildAgent, isSdkInstalled } from "../support/ngrok-server/agent-program.ts";
import { leadsToApp, startBench, untilTrafficFlows, type Bench } from "../support/ngrok-server/tunnel-bench.ts";
import { withSlack } from "../support/slack.ts";

const LIMIT_MS = 6_000;
const DOMAIN = "fixed.example.test";

/** Short, so that a silent server is detected within the test. The later steps have their usual times. */
const QUICK_NOTICE: Partial<TunnelTiming> = { heartbeatIntervalS: 1, heartbeatToleranceS: 1, probeMs: 1_000 };

const statesOf = (bench: Bench) => bench.changes.map(({ state }) => state);

describe.skipIf(!isSdkInstalled)("a tunnel that is lost (skipped where ngrok's native package is absent)", () => {
  let agentUrl: URL;
  beforeAll(async () => {
    agentUrl = await buildAgent();
  });

  it("comes back with the same random URL after a dropped connection", async () => {
    const bench = await startBench(agentUrl);
    const tunnel = await bench.open();
    const { url } = tunnel;
    bench.server.drop();
    await bench.until(({ state }) => state === "lost");
    await bench.until(({ state }) => state === "connected", 3);
    expect(await untilTrafficFlows(() => url)).toBeLessThan(withSlack(LIMIT_MS));
    expect(tunnel.url).toBe(url);
    expect(statesOf(bench)).toEqual(["connecting", "connected", "lost", "connected"]);
  });

  it("continues while only heartbeats are lost, and reports nothing", async () => {
    const probed: boolean[] = [];
    const probes = new EventEmitter();
    const probedTwice = once(probes, "twice");
    const bench = await startBench(agentUrl, {
      timing: QUICK_NOTICE,
      probe: async (url, signal) => {
        probed.push(await leadsToApp(url, signal));
        if (probed.length === 2) probes.emit("twice");
        return probed.at(-1) ?? false;
      },
    });
    const tunnel = await bench.open();
    bench.server.isMute = true;
    await probedTwice;
    expect(probed).toEqual([true, true]);
    expect(await untilTrafficFlows(() => tunnel.url)).toBeLessThan(withSlack(LIMIT_MS));
    expect(statesOf(bench)).toEqual(["connecting", "connected"]);
  });

  it("without a probe, treats two lost heartbeats as the end of a connection and opens another", async () => {
    const bench = await startBench(agentUrl, { timing: QUICK_NOTICE, probe: undefined, domain: DOMAIN });
    const tunnel = await bench.open();
    bench.server.isMute = true;
    await bench.until(({ state }) => state === "lost");
    bench.server.isMute = false;
    await bench.until(({ state }) => state === "connected", 3);
    expect(await untilTrafficFlows(() => tunnel.url)).toBeLessThan(withSlack(LIMIT_MS));
  });

  it("without a probe, still waits for the SDK's own reconnect, which keeps a random URL", async () => {
    const bench = await startBench(agentUrl, { timing: QUICK_NOTICE, probe: undefined });
    const tunnel = await bench.open();
    const { url } = tunnel;
    bench.server.drop();
    await bench.until(({ state }) => state === "lost");
    await bench.until(({ state }) => state === "connected", 3);
    expect(tunnel.url).toBe(url);
    expect(await untilTrafficFlows(() => url)).toBeLessThan(withSlack(LIMIT_MS));
  });

  it("reports a new URL if the service has dropped the old one", async () => {
    const bench = await startBench(agentUrl, { timing: { recoveryMs: 500 } });
    const tunnel = await bench.open();
    const { url } = tunnel;
    bench.server.isForgetful = true;
    bench.server.drop();
    const connected = await bench.until(({ state }) => state === "connected", 3);
    expect(connected.url).not.toBe(url);
    expect(tunnel.url).toBe(connected.url);
    expect(await untilTrafficFlows(() => tunnel.url)).toBeLessThan(withSlack(LIMIT_MS));
  });

  it("treats waking from sleep as a loss, and recovers at once if the connection is still alive", async () => {
    let sleptMs = 0;
    const clock = { ...systemClock, now: () => Date.now() + sleptMs };
    const bench = await startBench(agentUrl, { clock });
    const tunnel = await bench.open();
    sleptMs = 3_600_000;
    await bench.until(({ state }) => state === "lost");
    await bench.until(({ state }) => state === "connected", 3);
    expect(bench.server.auths).toHaveLength(1);
    expect(await untilTrafficFlows(() => tunnel.url)).toBeLessThan(withSlack(LIMIT_MS));
  });

  it("ends with the reason if the service no longer accepts the token", async () => {
    const bench = await startBench(agentUrl, { timing: { recoveryMs: 500 } });
    const tunnel = await bench.open();
    bench.server.onAuth = { code: "ERR_NGROK_107", text: "The authtoken you specified is invalid." };
    bench.server.drop();
    await expect(tunnel.ended).rejects.toMatchObject({ code: "credentials_refused", vendorCode: "ERR_NGROK_107" });
    expect(statesOf(bench)).toEqual(["connecting", "connected", "lost", "closed"]);
    await bench.server.until(() => bench.server.agentCount === 0);
  });

  it("keeps trying while the service considers the endpoint online", async () => {
    const bench = await startBench(agentUrl, { timing: { recoveryMs: 500 }, domain: DOMAIN });
    const tunnel = await bench.open();
    bench.server.onBind = { code: "ERR_NGROK_334", text: "The endpoint is already online." };
    bench.server.drop();
    const bindsBefore = bench.server.binds.length;
    await bench.server.until(() => bench.server.binds.length >= bindsBefore + 4);
    bench.server.onBind = "accept";
    await bench.until(({ state }) => state === "connected", 3);
    expect(await untilTrafficFlows(() => tunnel.url)).toBeLessThan(withSlack(LIMIT_MS));
  });

  it("closes at once while it is reconnecting", async () => {
    const bench = await startBench(agentUrl, { timing: { recoveryMs: 500 } });
    const tunnel = await bench.open();
    await bench.server.goAway();
    await bench.until(({ state }) => state === "lost");
    await tunnel.close();
    await tunnel.ended;
    expect(statesOf(bench)).toEqual(["connecting", "connected", "lost", "closed"]);
  });

  it("closes in time although the server is frozen", async () => {
    const bench = await startBench(agentUrl);
    const tunnel = await bench.open();
    bench.server.freeze();
    const startedAt = performance.now();
    await tunnel.close();
    expect(performance.now() - startedAt).toBeLessThan(withSlack(4_000));
  });
});
