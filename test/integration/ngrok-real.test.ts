import { describe, expect, it } from "vitest";
import { buildAgent, isSdkInstalled } from "../support/ngrok-server/agent-program.ts";
import { startBench } from "../support/ngrok-server/tunnel-bench.ts";

const authtoken = process.env["NGROK_AUTHTOKEN"];

// The only test that uses the internet, and only if the variable is set.
describe.skipIf(authtoken === undefined || !isSdkInstalled)("the real ngrok service (NGROK_AUTHTOKEN is set)", () => {
  it("opens a public https URL that leads here, and closes it", async () => {
    const bench = await startBench(await buildAgent(), {
      authtoken,
      domain: process.env["NGROK_DOMAIN"],
      serverAddr: undefined,
      rootCas: undefined,
    });
    const tunnel = await bench.open();
    expect(tunnel.url).toMatch(/^https:\/\/[a-z0-9.-]+$/);
    const answer = await fetch(tunnel.url, { headers: { "ngrok-skip-browser-warning": "1" } });
    expect(await answer.text()).toBe("hello");
    await tunnel.close();
    expect(bench.changes.map(({ state }) => state)).toEqual(["connecting", "connected", "closed"]);
  });
});
