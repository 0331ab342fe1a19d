import { beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import type { TunnelTiming } from "../../src/tunnel/tunnel.ts";
import { buildAgent, isSdkInstalled } from "../support/ngrok-server/agent-program.ts";
import { startBench, untilTrafficFlows, type Bench } from "../support/ngrok-server/tunnel-bench.ts";
import { withSlack } from "../support/slack.ts";

const LIMIT_MS = 6_000;
const DOMAIN = "fixed.example.test";

/** Short, so that a silent server is detected within the test. The later steps have their usual times. */
const QUICK_NOTICE: Partial<TunnelTiming> = { heartbeatIntervalS: 1, heartbeatToleranceS: 1, probeMs: 1_000 };

const statesOf = (bench: Bench) => bench.changes.map(({ state }) => state);

describe.skipIf(!isSdkInstalled)(
  "a tunnel whose service goes away (skipped where ngrok's native package is absent)",
  () => {
    let agentUrl: URL;
    beforeAll(async () => {
      agentUrl = await buildAgent();
    });

    it.each([1, 4])("carries traffic within 6 s of the service's return from an outage of %i s", async (outageS) => {
      const bench = await startBench(agentUrl, { domain: DOMAIN });
      const tunnel = await bench.open();
      await bench.server.goAway();
      await systemClock.sleep(outageS * 1_000);
      await bench.server.comeBack();
      expect(await untilTrafficFlows(() => tunnel.url)).toBeLessThan(withSlack(LIMIT_MS));
      await bench.until(({ state }) => state === "connected", 3);
      expect(tunnel.url).toBe(bench.server.publicUrl(DOMAIN));
      expect(statesOf(bench)).toEqual(["connecting", "connected", "lost", "connected"]);
    });

    it("carries traffic within 6 s of the service's return from an outage of 30 s", async () => {
      const bench = await startBench(agentUrl, { domain: DOMAIN });
      const tunnel = await bench.open();
      await bench.server.goAway();
      await systemClock.sleep(30_000);
      await bench.server.comeBack();
      expect(await untilTrafficFlows(() => tunnel.url)).toBeLessThan(withSlack(LIMIT_MS));
      await bench.until(({ state }) => state === "connected", 3);
      expect(statesOf(bench)).toEqual(["connecting", "connected", "lost", "connected"]);
    });

    it("carries traffic within 6 s of a frozen server's thaw", async () => {
      const bench = await startBench(agentUrl, { timing: QUICK_NOTICE, domain: DOMAIN });
      const tunnel = await bench.open();
      bench.server.freeze();
      await bench.until(({ state }) => state === "lost");
      // Long enough for the first agent to time out and another to hang.
      await systemClock.sleep(5_000);
      bench.server.thaw();
      expect(await untilTrafficFlows(() => tunnel.url)).toBeLessThan(withSlack(LIMIT_MS));
      await bench.until(({ state }) => state === "connected", 3);
      expect(statesOf(bench)).toEqual(["connecting", "connected", "lost", "connected"]);
    });
  },
);
