import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { startApp } from "../support/app.ts";
import { shellBlocks, yamlBlocks } from "../support/ci.ts";
import { BIN } from "../support/cli.ts";
import { freePort, linkPackages } from "../support/example.ts";
import { tempFolder } from "../support/temp.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A folder with the program on its PATH, as after its installation. */
function machine() {
  const folder = tempFolder();
  mkdirSync(join(folder, "bin"));
  const program = join(folder, "bin", "bluum-hooks");
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' -- '${BIN}' "$@"\n`);
  chmodSync(program, 0o755);
  const env = { PATH: [join(folder, "bin"), process.env["PATH"]].join(delimiter), HOME: folder, RUNNER_TEMP: folder };
  const run = (script: string, more: Readonly<Record<string, string>> = {}, cwd = folder) =>
    new Promise<{ code: number | null; output: string }>((resolve) => {
      const shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script] as const;
      const [command, ...words] = shell;
      const child = spawn(command, words, {
        cwd,
        env: { ...env, ...more },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text) => (output += text));
      // Not "close": what the script leaves in the background may hold its output open.
      child.once("exit", (code) => resolve({ code, output }));
      onTestFinished(() => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        } catch {
          // It has left nothing behind.
        }
      });
    });
  return { folder, run };
}

interface Step {
  readonly name: string;
  readonly run: string;
}

/** `NAME=value` lines, as a runner reads them. */
function variablesIn(path: string): Record<string, string> {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

it("the action starts an emulator and a listener for the steps that follow, and collects what arrived", async () => {
  const app = await startApp();
  const { folder, run } = machine();
  const { runs } = parse(readFileSync(join(ROOT, "action.yml"), "utf8")) as { runs: { steps: Step[] } };
  const step = (name: string, more: Record<string, string>) =>
    run(runs.steps.find((each) => each.name === name)?.run ?? "exit 99", more);
  const envFile = join(folder, "env");
  const inputs = { FORWARD_TO: String(app.port), DELIVERY_PATH: "/hooks", EVENTS: "order.filled" };
  const started = await step("start", { ...inputs, GITHUB_ENV: envFile });
  expect(started).toMatchObject({ code: 0 });
  const variables = variablesIn(envFile);
  expect(started.output).toContain(`::add-mask::${variables["BLUUM_WEBHOOK_SECRET"]}`);
  const reports = variables["BLUUM_HOOKS_REPORTS"] ?? "";

  const order = await run("bluum-hooks trigger order --wait order.filled", variables);
  expect(order).toMatchObject({ code: 0 });
  const checked = await run(
    `bluum-hooks check ${app.port} --only events.unknown-name --junit "$BLUUM_HOOKS_REPORTS/check.xml"`,
    variables,
  );
  expect(checked).toMatchObject({ code: 0 });
  expect(new Set(app.requests.map(({ path }) => path))).toEqual(new Set(["/hooks", "/webhooks/bluum"]));

  const finished = await step("finish", variables);
  expect(finished).toMatchObject({ code: 0 });
  const lines = readFileSync(join(reports, "events.ndjson"), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(["order.filled"]);
  expect(readFileSync(join(reports, "listen.ndjson"), "utf8")).toContain('"type":"restored"');
  expect(existsSync(join(reports, "check.xml"))).toBe(true);
  for (const pid of (variables["BLUUM_HOOKS_PIDS"] ?? "").split(" "))
    expect(() => process.kill(Number(pid), 0)).toThrow();
});

it("the action fails, and shows why, if the listener does not start", async () => {
  const { folder, run } = machine();
  const { runs } = parse(readFileSync(join(ROOT, "action.yml"), "utf8")) as { runs: { steps: Step[] } };
  const script = runs.steps.find((each) => each.name === "start")?.run ?? "";
  const inputs = { FORWARD_TO: "nonsense port", DELIVERY_PATH: "", EVENTS: "" };
  const { code, output } = await run(script, { ...inputs, GITHUB_ENV: join(folder, "env") });
  expect([code, output]).toEqual([1, expect.stringContaining("invalid --forward-to")]);
  const finish = runs.steps.find((each) => each.name === "finish")?.run ?? "";
  const finished = await run(finish, variablesIn(join(folder, "env")));
  expect(finished).toMatchObject({ code: 0 });
});

/** The Express example, as a project of a user. */
function project(folder: string, port: number): string {
  const cwd = join(folder, "project");
  cpSync(join(ROOT, "examples/express"), cwd, { recursive: true });
  linkPackages(cwd, ".");
  const [script = ""] = shellBlocks();
  writeFileSync(join(cwd, "webhooks.sh"), script.replaceAll("3000", String(port)));
  return cwd;
}

it("the job for GitLab tests an app from its script to its artifacts", async () => {
  const { folder, run } = machine();
  const port = await freePort();
  const cwd = project(folder, port);
  const { webhooks } = parse(yamlBlocks()[1] ?? "") as {
    webhooks: {
      variables: Record<string, string>;
      script: string[];
      after_script: string[];
      artifacts: { paths: string[] };
    };
  };
  const home = webhooks.variables["BLUUM_HOOKS_HOME"]?.replace("$CI_PROJECT_DIR", cwd) ?? "";
  const env = { BLUUM_HOOKS_HOME: home, PORT: String(port) };
  for (const line of [...webhooks.script, ...webhooks.after_script]) {
    if (line.startsWith("npm ")) continue;
    const ended = await run(line.replaceAll("3000", String(port)), env, cwd);
    expect(ended).toMatchObject({ code: 0 });
    // Nothing of the app has remained.
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  }
  for (const path of webhooks.artifacts.paths) {
    expect(readFileSync(join(cwd, path), "utf8")).toContain('"event":"order.filled"');
  }
  expect(readFileSync(join(cwd, "check.xml"), "utf8")).toContain("<testsuite");
});

it("a listener in the background is ready when its file is, and ends with 143", async () => {
  const app = await startApp();
  const { folder, run } = machine();
  const [, script = ""] = shellBlocks();
  // An emulator of its own, on another port than the default one.
  const own = script.replace("3000", String(app.port)).replaceAll("--env emulator", `--env emulator --base-url "$URL"`);
  const ready = `bluum-hooks emulator --port 0 --json < /dev/null > emulator.json &
    until [ -s emulator.json ]; do sleep 0.1; done
    URL=$(node -p 'JSON.parse(require("node:fs").readFileSync("emulator.json", "utf8")).baseUrl')
    ${own.replace("--no-inspect", "--no-inspect --port 0")}`;
  const ended = await run(ready, { BLUUM_HOOKS_HOME: join(folder, "home") });
  expect(ended).toMatchObject({ code: 0 });
  expect(app.requests.map(({ name }) => name.split(" ")[0])).toEqual(["order.accepted", "order.filled"]);
});
