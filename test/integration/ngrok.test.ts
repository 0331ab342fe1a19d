import { createHash, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { buildAgent, isSdkInstalled, processesOf } from "../support/ngrok-server/agent-program.ts";
import { startBench, TOKEN } from "../support/ngrok-server/tunnel-bench.ts";

const EIGHT_MIB = 8 * 1024 * 1024;

describe.skipIf(!isSdkInstalled)("a tunnel through the ngrok SDK (skipped where its native package is absent)", () => {
  let agentUrl: URL;
  beforeAll(async () => {
    agentUrl = await buildAgent();
  });

  it("forwards a POST from the public URL to the local server, with body and signature header unchanged", async () => {
    const bench = await startBench(agentUrl);
    const tunnel = await bench.open();
    const body = '{"event":"order.filled","spaces":  1.50}';
    const response = await fetch(`${tunnel.url}/webhooks/bluum?x=1`, {
      method: "POST",
      headers: { "x-bluum-signature": "t=1,v1=ab", "content-type": "application/json" },
      body,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-sha256")).toBe(createHash("sha256").update(body).digest("hex"));
    expect(JSON.parse(response.headers.get("x-seen") ?? "")).toMatchObject({
      method: "POST",
      url: "/webhooks/bluum?x=1",
      headers: { "x-bluum-signature": "t=1,v1=ab", "content-length": String(body.length) },
    });
  });

  it("transfers 8 MiB completely, in both directions", async () => {
    const bench = await startBench(agentUrl);
    const tunnel = await bench.open();
    const body = randomBytes(EIGHT_MIB);
    const response = await fetch(`${tunnel.url}/?bytes=${EIGHT_MIB}`, { method: "POST", body });
    expect(response.headers.get("x-sha256")).toBe(createHash("sha256").update(body).digest("hex"));
    expect((await response.arrayBuffer()).byteLength).toBe(EIGHT_MIB);
  });

  it("serves fifty visitors at once", async () => {
    const bench = await startBench(agentUrl);
    const tunnel = await bench.open();
    const answers = await Promise.all(Array.from({ length: 50 }, async () => (await fetch(tunnel.url)).text()));
    expect(new Set(answers)).toEqual(new Set(["hello"]));
  });

  it("reports connecting, connected and closed, each once, and the service sees it close", async () => {
    const bench = await startBench(agentUrl);
    const tunnel = await bench.open();
    const { url } = tunnel;
    await Promise.all([tunnel.close(), tunnel.close()]);
    await tunnel.ended;
    expect(bench.changes).toEqual([
      { state: "connecting", url: null },
      { state: "connected", url },
      { state: "closed", url },
    ]);
    expect(bench.server.unbinds).toEqual([{ Id: expect.any(String) }]);
    expect((await fetch(url)).status).toBe(404);
  });

  it("requests the configured domain, in any spelling", async () => {
    const bench = await startBench(agentUrl, { domain: "https://Fixed.Example.test/" });
    const tunnel = await bench.open();
    expect(bench.server.binds[0]?.Opts.Domain).toBe("fixed.example.test");
    expect(tunnel.url).toBe(bench.server.publicUrl("fixed.example.test"));
  });

  it("sends the service the token and our version, and nothing about this machine", async () => {
    const bench = await startBench(agentUrl);
    await bench.open();
    const { hostname, homedir } = await import("node:os");
    const [auth, bind] = [bench.server.auths[0], bench.server.binds[0]];
    expect(auth?.Extra.AuthToken).toBe(TOKEN);
    expect(auth?.Extra.UserAgent).toContain("bluum-hooks/0.0.0-test");
    expect(bind?.ForwardsTo).toBe("bluum-hooks");
    expect(bind?.Extra.Metadata).toBe("bluum-hooks");
    const said = JSON.stringify([auth, bind]);
    for (const secret of [hostname(), homedir(), process.cwd(), process.execPath]) expect(said).not.toContain(secret);
  });

  it("stays up when Ctrl-C or a closed terminal reaches the agent too", async () => {
    const bench = await startBench(agentUrl);
    const tunnel = await bench.open();
    const [agent] = processesOf(agentUrl);
    if (agent === undefined) throw new Error("no agent is running");
    process.kill(agent.pid, "SIGINT");
    process.kill(agent.pid, "SIGHUP");
    for (let visit = 0; visit < 5; visit += 1) expect(await (await fetch(tunnel.url)).text()).toBe("hello");
    expect(processesOf(agentUrl)).toEqual([agent]);
    expect(bench.changes.map(({ state }) => state)).toEqual(["connecting", "connected"]);
  });

  it("cancels opening when the user stops it, and leaves no agent connected", async () => {
    const stop = new AbortController();
    const bench = await startBench(agentUrl, { signal: stop.signal });
    bench.server.onBind = "hang";
    const opening = bench.open();
    // Checked below; until then its rejection must not be reported as unhandled.
    opening.catch(() => {});
    const reason = new Error("stopped");
    await bench.server.until(() => bench.server.binds.length === 1);
    stop.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await bench.server.until(() => bench.server.agentCount === 0);
    expect(bench.changes.map(({ state }) => state)).toEqual(["connecting", "closed"]);
  });
});
