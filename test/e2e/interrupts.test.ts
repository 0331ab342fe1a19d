import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { BIN, startCli } from "../support/cli.ts";
import { Gate, startFaultProxy } from "../support/fault-proxy.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";

/** A session that is ready, and whose restore waits at a gate. */
async function startHeldSession(more: Readonly<Record<string, string>> = {}) {
  const { emulator, env, call } = await startSandbox();
  await call("POST", "/webhooks", { name: "w", url: "http://127.0.0.1:9/mine", eventTypeNames: ["*"] });
  const before = await webhooksOf(call);
  const proxy = await startFaultProxy(emulator.baseUrl);
  const throughProxy = { ...env, BLUUM_BASE_URL: proxy.baseUrl };
  const cli = startCli(["listen", "--tunnel", "none", "--port", "0", "--webhook", before[0]?.id ?? "", "--json"], {
    ...throughProxy,
    ...more,
  });
  await cli.record("ready");
  const gate = new Gate();
  proxy.rules.push({ method: "PATCH", path: /./, times: 1, fault: { kind: "hold", gate } });
  return { cli, gate, before, env: throughProxy, now: () => webhooksOf(call) };
}

describe("a session that is interrupted again while it restores its webhook", () => {
  it("treats two interrupts in quick succession as one, and finishes", async () => {
    const { cli, gate, before, now } = await startHeldSession();
    // Two signals of one kind could be merged; a runner that forwards the terminal's Ctrl-C may send another kind.
    cli.kill("SIGINT");
    cli.kill("SIGTERM");
    await gate.reached;
    gate.open();
    const end = await cli.ended;
    // The system does not guarantee their order.
    expect([130, 143]).toContain(end.code);
    expect(end.stderr).toBe("");
    expect(end.records().map(({ type }) => type)).toContain("restored");
    expect(await now()).toEqual(before);
  });

  it("treats a later one as a forced exit: it exits at once and says how to finish", async () => {
    const { cli, gate, before, now, env } = await startHeldSession();
    cli.kill("SIGINT");
    await gate.reached;
    const again = setInterval(() => cli.kill("SIGINT"), 100);
    const end = await cli.ended;
    clearInterval(again);
    expect(end.code).toBe(130);
    expect(end.stderr).toContain(`bluum-hooks restore --base-url ${env["BLUUM_BASE_URL"]}`);
    expect(end.records().map(({ type }) => type)).not.toContain("restored");
    expect(await now()).not.toEqual(before);
    gate.open();
    expect((await runInProcess(["restore", "--json"], env)).code).toBe(0);
    expect(await now()).toEqual(before);
  });

  it("restores it in spite of an unhandled exception meanwhile, and reports the exception", async () => {
    const fault = "process.once('SIGINT', () => setTimeout(() => { throw new Error('out of the blue') }, 50));";
    const { cli, gate, before, now } = await startHeldSession({
      NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(fault)}"`,
    });
    cli.kill("SIGINT");
    await gate.reached;
    await cli.until(() => (cli.stderr.includes("out of the blue") ? true : undefined));
    gate.open();
    const end = await cli.ended;
    expect([end.code, end.error().code]).toEqual([70, "internal"]);
    expect(await now()).toEqual(before);
  });
});

it("a pipe that does not end does not prevent the program from exiting", async () => {
  const child = spawn(process.execPath, [BIN, "login", "--stdin"], {
    env: { BLUUM_HOOKS_HOME: tempFolder() },
    stdio: ["pipe", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "exit");
  // More than a pipe can hold: once it is written, the program reads.
  await new Promise((resolve) => child.stdin.write("#".repeat(4_000_000), resolve));
  child.kill("SIGINT");
  expect((await ended)[0]).toBe(130);
});

it("a wait for the lock of the config ends with the signal", async () => {
  const home = tempFolder();
  mkdirSync(join(home, "config.json.lock"));
  const cli = startCli(["config", "set", "retention", "90d"], { BLUUM_HOOKS_HOME: home });
  await cli.until(() => (cli.stderr.includes("Waiting for another process") ? true : undefined));
  cli.kill("SIGTERM");
  expect(await cli.ended).toMatchObject({ code: 143 });
});

it("a slow response of the API is reported, and awaited", async () => {
  const { emulator, env } = await startSandbox();
  const proxy = await startFaultProxy(emulator.baseUrl);
  const gate = new Gate();
  proxy.rules.push({ method: "GET", path: /event-types/, fault: { kind: "hold", gate } });
  const cli = startCli(["event-types"], { ...env, BLUUM_BASE_URL: proxy.baseUrl });
  await cli.until(() =>
    cli.stderr === "Waiting for the API to answer GET /webhooks/event-types …\n" ? true : undefined,
  );
  gate.open();
  expect(await cli.ended).toMatchObject({ code: 0, stdout: expect.stringContaining("order.filled") as string });
});
