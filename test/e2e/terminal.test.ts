import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { startApp } from "../support/app.ts";
import { BIN } from "../support/cli.ts";
import { runInProcess } from "../support/in-process.ts";
import { inspected } from "../support/inspector.ts";
import { deliver, listen, localUrl, neverTooWide } from "../support/listen-terminal.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { startTerminal } from "../support/terminal.ts";
import { tempFolder } from "../support/temp.ts";

const WAIT = { timeout: 20_000, interval: 20 };

/** An environment whose program that opens URLs is this script. */
function opener(script: string): Record<string, string> {
  const folder = tempFolder();
  for (const name of ["xdg-open", "open"]) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return { BLUUM_HOOKS_HOME: tempFolder(), PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}` };
}

/** The page's request for a session. */
const signInRequest = (url: string) => {
  const { origin, hash } = new URL(url);
  return {
    method: "POST",
    headers: { "sec-fetch-site": "same-origin", "content-type": "application/json", origin },
    body: JSON.stringify({ token: hash.slice(1) }),
  };
};

describe("keys", () => {
  it("do what the help says", async () => {
    const { env, call } = await startSandbox();
    const app = await startApp();
    const terminal = listen(["--tunnel", "none", "--forward-to", String(app.port)], 100, env);
    await terminal.line(/Press \? for keyboard shortcuts/);

    terminal.press("?");
    for (const words of [
      "show keyboard shortcuts",
      "place a test order",
      "show the last",
      "resend the last",
      "summary",
      "clear",
      "quit",
    ]) {
      await terminal.line(new RegExp(words));
    }
    terminal.press("t");
    await terminal.line(/^order ord_\S+ placed/);
    await terminal.line(/order\.filled .*200/);
    expect(app.requests.map(({ name }) => name.split(" ")[0])).toEqual(["order.accepted", "order.filled"]);

    terminal.press("r");
    await terminal.line(/order\.filled .* replay {2}✓ 200/);
    expect(app.requests).toHaveLength(3);
    expect(app.requests[2]?.body).toEqual(app.requests[1]?.body);

    terminal.press("s");
    await terminal.line(/2 received · 2 forwarded · 1 replay/);
    terminal.press("\x1b[A\x1bOPzé");
    terminal.press("q");
    expect(await terminal.ended).toBe(0);
    expect(terminal.lines.join("\n")).toContain("Stopped: quit");
    expect(await webhooksOf(call)).toMatchObject([{ status: "INACTIVE" }]);
  });

  it.skipIf(process.platform === "win32")("o opens the inspector, with a token that works once", async () => {
    const opened = join(tempFolder(), "opened");
    const terminal = listen(["--no-register", "--inspect-port", "0"], 100, opener(`echo "$1" >> ${opened}`));
    await terminal.line(/Press \? for keyboard shortcuts/);
    terminal.press("o");
    const url = await vi.waitUntil(() => existsSync(opened) && readFileSync(opened, "utf8").trim(), WAIT);
    expect(terminal.lines.join("\n")).toContain(new URL(url).origin);
    const signIn = async () => (await inspected(url).ask("/_inspector/session", signInRequest(url))).status;
    expect([await signIn(), await signIn()]).toEqual([204, 401]);
    expect(terminal.lines.join("\n")).not.toContain("Cannot open");
  });

  it.skipIf(process.platform === "win32")("o prints the URL where no browser can be opened", async () => {
    const terminal = listen(["--no-register", "--inspect-port", "0"], 100, opener("exit 3"));
    await terminal.line(/Press \? for keyboard shortcuts/);
    terminal.press("o");
    await terminal.line(/Cannot open a browser\. Open this URL: http:\/\/127\.0\.0\.1:\d+\/#[\w-]{22}/);
    terminal.press("q");
    expect(await terminal.ended).toBe(0);
  });

  it("that fail say why, and the session continues", async () => {
    const terminal = listen(["--no-register"], 100, { BLUUM_HOOKS_HOME: tempFolder() });
    await terminal.line(/Press \? for keyboard shortcuts/);
    terminal.press("t");
    await terminal.line(/^! /);
    terminal.press("r");
    await terminal.line(/Nothing to replay/);
    terminal.press("q");
    expect(await terminal.ended).toBe(0);
  });

  it.each([
    ["Ctrl-C", "\x03", 130],
    ["Ctrl-D", "\x04", 0],
  ])("%s ends the program, and the terminal is restored", async (_name, key, code) => {
    const script = `trap : INT; ${process.execPath} ${BIN} listen --no-register --port 0; echo "code $?"; stty -a`;
    const terminal = startTerminal(["sh", "-c", script], 80, { BLUUM_HOOKS_HOME: tempFolder() });
    await terminal.line(/Press \? for keyboard shortcuts/);
    terminal.press(key);
    await terminal.line(new RegExp(`code ${code}`));
    await terminal.ended;
    expect(terminal.lines.join(" ")).toMatch(/ isig icanon .* echo /);
  });

  it("are not read by a program in the background, which would be stopped if it tried", async () => {
    const program = `${process.execPath} ${BIN} listen --no-register --port 0`;
    const script = `set -m; ${program} & echo "pid $!"; wait $!; echo "code $?"`;
    const terminal = startTerminal(["sh", "-c", script], 80, { BLUUM_HOOKS_HOME: tempFolder() });
    const pid = Number((await terminal.line(/^pid \d+$/)).replace("pid ", ""));
    await terminal.line(/Ready for events/);
    process.kill(pid, "SIGTERM");
    await terminal.line(/code 143/);
    expect(terminal.lines.join("\n")).not.toContain("Press ?");
  });
});

it("a delivery that waits for the app is shown below the others, and gets one line once it is answered", async () => {
  const answers = new Map<string, () => void>();
  const app = await startApp(({ name }, response) => void answers.set(name, () => response.end()));
  const env = { BLUUM_HOOKS_HOME: tempFolder() };
  const terminal = listen(["--no-register", "--forward-to", String(app.port)], 80, env);
  const url = await localUrl(terminal);
  const first = deliver(url, "order.filled", { id: "ord_1" });
  await terminal.shown(/order\.filled +ord_1 .*…$/);
  const second = deliver(url, "order.filled", { id: "ord_2" });
  await terminal.shown(/ord_1 .*… \+1$/);
  // Messages are printed above the status line.
  terminal.press("s");
  await terminal.line(/2 received/);
  await terminal.shown(/ord_1 .*… \+1$/);
  answers.get("order.filled ord_2")?.();
  expect(await second).toBe(200);
  await terminal.line(/order\.filled +ord_2 .*✓ 200/);
  await terminal.shown(/ord_1 .*…$/);
  answers.get("order.filled ord_1")?.();
  expect(await first).toBe(200);
  await terminal.line(/order\.filled +ord_1 .*✓ 200/);
  await terminal.shown(/^$/);
  expect(terminal.lines.filter((line) => line.includes("order.filled"))).toHaveLength(2);
});

it("v shows the last delivery in full, as events show does", async () => {
  const app = await startApp((_request, response) => response.writeHead(422, { "x-app": "mine" }).end("no such order"));
  const env = { BLUUM_HOOKS_HOME: tempFolder() };
  const terminal = listen(["--no-register", "--forward-to", String(app.port)], 100, env);
  const url = await localUrl(terminal);
  terminal.press("v");
  await terminal.line(/No deliveries in this session/);
  await deliver(url, "order.filled", { id: "ord_1", symbol: "AAPL" });
  await terminal.line(/✗ 422/);
  await terminal.line(/↳ app: no such order/);
  const from = terminal.lines.length - 1;
  terminal.press("v");
  await terminal.line(/^ {2}no such order$/, from);
  const shown = terminal.lines.slice(from).join("\n");
  terminal.press("q");
  await terminal.ended;
  const { stdout } = await runInProcess(["events", "show", "last"], env);
  for (const line of stdout.split("\n")) expect(shown).toContain(line.trimEnd());
  expect(shown).toContain('"symbol": "AAPL"');
  expect(shown).toContain("x-app: mine");
});

// terminal.slow.test.ts has wider ones.
neverTooWide([60]);
