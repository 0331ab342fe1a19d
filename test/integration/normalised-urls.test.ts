import { describe, expect, it } from "vitest";
import { deployed } from "../support/deployed.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";

/** An API that normalizes URLs: in every response, scheme and host are in capitals. */
async function startShouting() {
  const { emulator, env, call } = await startSandbox();
  const proxy = await startFaultProxy(emulator.baseUrl, {
    transform: (_call, _status, body) =>
      body.replaceAll(/"url":"(https?:\/\/[^/"]+)/g, (_all, origin: string) => `"url":"${origin.toUpperCase()}`),
  });
  const { id } = (await call("POST", "/webhooks", {
    name: "staging",
    url: "http://localhost:9/mine",
    eventTypeNames: ["order.*"],
  })) as { id: string };
  const run = (...args: string[]) =>
    runInProcess([...args, "--webhook", id, "--yes", "--json"], { ...env, BLUUM_BASE_URL: proxy.baseUrl }, deployed());
  const urlNow = async () => new URL((await webhooksOf(call))[0]?.url ?? "").href;
  return { run, urlNow };
}

describe("with an API that normalizes URLs", () => {
  it("a session takes a webhook over and restores it", async () => {
    const { run, urlNow } = await startShouting();
    const { code, error, stdout } = await run("listen", "--tunnel", "none", "--port", "0", "--timeout", "0.1s");
    expect([code, error?.code]).toEqual([5, "timed_out"]);
    expect(stdout).toContain('"action":"restored"');
    expect(await urlNow()).toBe("http://localhost:9/mine");
  });

  it("a second registration changes nothing", async () => {
    const { run, urlNow } = await startShouting();
    expect(JSON.parse((await run("register", "http://localhost:9/new")).stdout)).toMatchObject({ action: "patched" });
    expect(JSON.parse((await run("register", "http://localhost:9/new")).stdout)).toMatchObject({ action: "none" });
    expect(await urlNow()).toBe("http://localhost:9/new");
  });

  it("a promotion is made, and rolled back", async () => {
    const { run, urlNow } = await startShouting();
    expect((await run("promote", "https://app.example/hooks")).code).toBe(0);
    expect(await urlNow()).toBe("https://app.example/hooks");
    expect((await run("promote", "--rollback")).code).toBe(0);
    expect(await urlNow()).toBe("http://localhost:9/mine");
  });
});
