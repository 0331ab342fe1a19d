import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BIN } from "../support/cli.ts";
import { FULL, hasFullDevice, runIntoFull } from "../support/full-device.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";
import { seedHome } from "../integration/events/seed.ts";
import { startListener } from "../support/listener.ts";
import { spawn } from "node:child_process";

describe.runIf(hasFullDevice)("with a full output device", () => {
  // unwritable-output.slow.test.ts has every command.
  it.each([["--version"], ["events", "list", "--json"]])("%s %s %s ends with 1 and one line", async (...args) => {
    const { env } = await seedHome([{}]);
    const { code, stderr } = await runIntoFull(args.filter(Boolean), env);
    expect(code).toBe(1);
    const message = "cannot write to standard output: no space left on device (ENOSPC)";
    expect(stderr.trim()).toBe(
      args.includes("--json") ? JSON.stringify({ error: { code: "output_unwritable", message } }) : `error: ${message}`,
    );
  });

  it("listen ends, and restores the webhook", async () => {
    const { env } = await startSandbox();
    const created = await runInProcess(["register", "https://mine.example/hooks", "--new", "--json"], env);
    const { webhookId } = JSON.parse(created.stdout) as { webhookId: string };
    const args = ["listen", "--webhook", webhookId, "--tunnel", "none", "--port", "0", "--yes", "--json"];
    expect(await runIntoFull(args, env)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("output_unwritable") as string,
    });
    const shown = await runInProcess(["webhooks", "show", webhookId, "--json"], env);
    expect(JSON.parse(shown.stdout)).toMatchObject({ url: "https://mine.example/hooks" });
  });

  it.each([["--ready-file"], ["--junit"]])(
    "a full device that %s names fails the command, and the device stays",
    async (flag) => {
      const env = { BLUUM_HOOKS_HOME: tempFolder(), BLUUM_WEBHOOK_SECRET: "a secret of the test" };
      const args =
        flag === "--junit"
          ? ["check", (await startListener([], env)).url, "--only", "transport", flag, FULL]
          : ["listen", "--no-register", "--port", "0", flag, FULL];
      const end = await runInProcess([...args, "--json"], env);
      expect(end.code).toBe(1);
      expect(end.error).toMatchObject({
        code: "file_unusable",
        message: expect.stringContaining("ENOSPC") as string,
      });
      expect(statSync(FULL).isCharacterDevice()).toBe(true);
    },
  );
});

it("a reader that closes the pipe is not an error: 141, without a message", async () => {
  const { env } = await seedHome(Array.from({ length: 50 }, (_, index) => ({ resourceId: `ord_${index}` })));
  const child = spawn(process.execPath, ["--", BIN, "events", "export"], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdout.destroy();
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(code).toBe(141);
  expect(stderr).not.toContain("error");
});

it("a report is written atomically: its folder contains nothing else", async () => {
  const env = { BLUUM_HOOKS_HOME: tempFolder(), BLUUM_WEBHOOK_SECRET: "a secret of the test" };
  const { url } = await startListener([], env);
  const folder = tempFolder();
  await runInProcess(["check", url, "--only", "transport", "--junit", join(folder, "report.xml")], env);
  expect(readdirSync(folder)).toEqual(["report.xml"]);
  expect(readFileSync(join(folder, "report.xml"), "utf8").trim()).toMatch(/<\/testsuites>$/);
});
