import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import { expect, it, onTestFinished } from "vitest";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { startSandbox } from "../support/sandbox.ts";

const BIN = fileURLToPath(new URL("../../bin/bluum-hooks.js", import.meta.url));
const { apiKey, apiSecret } = EMULATOR_ACCESS;

it("login prints none of the secrets that are typed at a terminal", async () => {
  const { env } = await startSandbox();
  const { BLUUM_HOOKS_HOME = "", BLUUM_BASE_URL = "" } = env;
  const terminal = spawn(process.execPath, [BIN, "login"], {
    cols: 80,
    rows: 24,
    env: { PATH: process.env["PATH"] ?? "", TERM: "xterm", BLUUM_HOOKS_HOME, BLUUM_BASE_URL },
  });
  onTestFinished(() => terminal.kill());
  const answers = [
    { question: "API key (", answer: apiKey },
    { question: "API secret", answer: apiSecret },
    { question: "investor id", answer: "" },
    { question: "ngrok authtoken", answer: "" },
  ];
  let [screen, unread] = ["", ""];
  terminal.onData((text) => {
    screen += text;
    unread += text;
    const [next] = answers;
    if (next === undefined || !unread.includes(next.question)) return;
    answers.shift();
    unread = "";
    terminal.write(`${next.answer}\r`);
  });
  const exitCode = await new Promise<number>((resolve) => terminal.onExit((end) => resolve(end.exitCode)));
  expect(exitCode).toBe(0);
  expect(screen).toContain("The API accepts the key pair.");
  for (const secret of [apiKey, apiSecret]) expect(screen).not.toContain(secret);
  expect(readFileSync(join(BLUUM_HOOKS_HOME, "config.json"), "utf8")).toContain(apiSecret);
});
