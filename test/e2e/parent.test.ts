import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { BIN, type CliRecord } from "../support/cli.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";
import { startTerminal } from "../support/terminal.ts";

/** Starts `listen` and continues to run; its child's process id is its first line on stderr. */
const PARENT = `
  const [stdin, ...words] = process.argv.slice(1);
  const child = require("node:child_process").spawn(process.execPath, words, { stdio: [stdin, "inherit", "ignore"] });
  process.stderr.write(child.pid + "\\n");
  setInterval(() => {}, 1000);
`;

/** A `listen` with its own parent process, which can be killed. */
async function startWithParent(childStdin: "pipe" | "inherit" | "ignore", stdin: "pipe" | "ignore" = "ignore") {
  const { env, call } = await startSandbox();
  const url = "http://127.0.0.1:9/mine";
  const { id } = (await call("POST", "/webhooks", { name: "w", url, eventTypeNames: ["*"] })) as { id: string };
  const before = await webhooksOf(call);
  const listen = ["--", BIN, "listen", "--tunnel", "none", "--port", "0", "--webhook", id, "--json"];
  const stdio: StdioOptions = [stdin, "pipe", "pipe"];
  const parent: ChildProcess = spawn(process.execPath, ["-e", PARENT, childStdin, ...listen], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio,
  });
  let [stdout, stderr] = ["", ""];
  parent.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  parent.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const records = () =>
    stdout
      .slice(0, stdout.lastIndexOf("\n") + 1)
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as CliRecord);
  const has = (type: string) => expect.poll(() => records().some((each) => each.type === type)).toBe(true);
  onTestFinished(() => {
    parent.kill("SIGKILL");
    try {
      process.kill(Number(stderr.split("\n")[0]), "SIGKILL");
    } catch {
      // It has already exited.
    }
  });
  await has("ready");
  return { parent, before, records, has, pid: Number(stderr.split("\n")[0]), now: () => webhooksOf(call) };
}

async function kill(parent: ChildProcess): Promise<void> {
  const ended = once(parent, "exit");
  parent.kill("SIGKILL");
  await ended;
}

it.each([
  ["with a pipe to it", "pipe", "ignore"],
  ["whose own input it shares", "inherit", "pipe"],
] as const)("listen restores its webhook when its parent is killed, %s", async (_how, childStdin, stdin) => {
  const { parent, before, records, has, now } = await startWithParent(childStdin, stdin);
  expect(await now()).not.toEqual(before);
  await kill(parent);
  await has("stopped");
  expect(records().at(-1)).toMatchObject({ type: "stopped", reason: "parent_exited" });
  expect(await now()).toEqual(before);
});

it("listen ends when its stdin pipe ends, although its parent lives", async () => {
  const { parent, before, has, now } = await startWithParent("inherit", "pipe");
  parent.stdin?.end();
  await has("stopped");
  expect(await now()).toEqual(before);
});

it("listen in the background of a script continues when the script has ended", async () => {
  const { parent, pid, records, has } = await startWithParent("ignore");
  await kill(parent);
  process.kill(pid, "SIGINT");
  await has("stopped");
  expect(records().at(-1)).toMatchObject({ reason: "SIGINT" });
});

/** A shell on a terminal, with what its jobs need to use an emulator, and without the user's files. */
async function startShell() {
  const { env, call } = await startSandbox();
  const shell = startTerminal(["bash", "--norc", "--noprofile", "-i"], 200, env);
  const log = join(tempFolder(), "log");
  const listen = `${process.execPath} ${BIN} listen --new --tunnel none --port 0 --json`;
  const has = (type: string) =>
    expect.poll(() => existsSync(log) && readFileSync(log, "utf8").includes(`"type":"${type}"`)).toBe(true);
  const reason = () => /"type":"stopped".*?"reason":"(\w+)"/.exec(readFileSync(log, "utf8"))?.[1];
  return { shell, log, listen, has, reason, now: () => webhooksOf(call) };
}

it("a background job of a terminal's shell continues when the shell has ended", async () => {
  const { shell, log, listen, has, reason } = await startShell();
  shell.press(`${listen} --timeout 4s > ${log} & disown\r`);
  await has("ready");
  shell.press("exit\r");
  await shell.ended;
  await has("stopped");
  expect(reason()).toBe("timed_out");
});

it("a program on a terminal whose parent is killed is not a job of the shell, and restores its webhook", async () => {
  const { shell, log, listen, has, reason, now } = await startShell();
  const parent = join(tempFolder(), "parent.js");
  writeFileSync(parent, PARENT.replace("slice(1)", "slice(2)"));
  shell.press(`${process.execPath} ${parent} inherit ${listen.slice(process.execPath.length + 1)} > ${log} &\r`);
  const [, pid = ""] = /\[1\] (\d+)/.exec(await shell.line(/^\r?\[1\] \d+$/)) ?? [];
  await has("ready");
  process.kill(Number(pid), "SIGKILL");
  await has("stopped");
  expect(reason()).toBe("parent_exited");
  expect(await now()).toMatchObject([{ status: "INACTIVE" }]);
});
