import { describe, expect, it } from "vitest";
import { startApp } from "../support/app.ts";
import { BIN, startCli } from "../support/cli.ts";
import { startSandbox } from "../support/sandbox.ts";
import { startTerminal } from "../support/terminal.ts";

/** Prints each signal that it receives, and ends with 7 once no second one can follow. */
const TELLTALE = `
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => {
    console.log("got " + name);
    setTimeout(() => process.exit(7), 300);
  });
  setInterval(() => {}, 1000);
  console.log("up");`;

const exec = ["exec", "--base-url"];
const command = ["--", process.execPath, "-e", TELLTALE];
const gotten = (text: string) => [...text.matchAll(/got (\w+)/g)].map(([, name]) => name);

describe("a signal", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s sent to exec alone reaches the command", async (name) => {
    const { emulator, env } = await startSandbox();
    const cli = startCli([...exec, emulator.baseUrl, ...command], { BLUUM_HOOKS_HOME: env["BLUUM_HOOKS_HOME"] ?? "" });
    await cli.until(() => (cli.stdout.includes("up") ? true : undefined));
    cli.kill(name);
    const { code, stdout } = await cli.ended;
    expect([gotten(stdout), code]).toEqual([[name], 7]);
  });

  it("reaches the command while a listener runs, and the listener ends after it", async () => {
    const { emulator, env } = await startSandbox();
    const app = await startApp();
    const cli = startCli([...exec, emulator.baseUrl, "--forward-to", String(app.port), ...command], {
      BLUUM_HOOKS_HOME: env["BLUUM_HOOKS_HOME"] ?? "",
    });
    await cli.until(() => (cli.stdout.includes("up") ? true : undefined));
    cli.kill("SIGINT");
    const { code, stdout } = await cli.ended;
    expect([gotten(stdout), code]).toEqual([["SIGINT"], 130]);
  });

  it("of a terminal's Ctrl-C reaches the command once: the terminal has sent it to both", async () => {
    const { emulator, env } = await startSandbox();
    const terminal = startTerminal([process.execPath, BIN, ...exec, emulator.baseUrl, ...command], 100, {
      BLUUM_HOOKS_HOME: env["BLUUM_HOOKS_HOME"] ?? "",
    });
    await terminal.line(/^up/);
    terminal.press("\x03");
    expect(await terminal.ended).toBe(7);
    expect(gotten(terminal.lines.join("\n"))).toEqual(["SIGINT"]);
  });
});
