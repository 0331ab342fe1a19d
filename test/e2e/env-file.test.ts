import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { BIN, runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp.ts";

const dryRun = ["trigger", "order", "--dry-run", "--json", "--env-file"];

function fileWith(...lines: string[]): string {
  const path = join(tempFolder(), ".env");
  writeFileSync(path, lines.join("\n"));
  return path;
}

it("a missing env file is an error of this program", async () => {
  const end = await runCli([...dryRun, join(tempFolder(), "missing.env")], { BLUUM_HOOKS_HOME: tempFolder() });
  expect([end.code, end.stdout, end.error().code]).toEqual([1, "", "file_unusable"]);
});

it("a NODE_OPTIONS in an env file loads nothing", async () => {
  const script = join(tempFolder(), "loaded.cjs");
  writeFileSync(script, 'process.stderr.write("loaded");');
  const file = fileWith(`NODE_OPTIONS=--require=${script}`, "BLUUM_INVESTOR_ID=inv_file");
  const end = await runCli([...dryRun, file], { BLUUM_HOOKS_HOME: tempFolder() });
  expect([end.code, end.stderr]).toEqual([0, ""]);
});

it("the installed program reads an env file, and the environment takes precedence", async () => {
  const file = fileWith("BLUUM_INVESTOR_ID=inv_file", "BLUUM_BASE_URL=https://test-service.bluumfinance.com/v1");
  const env = { PATH: process.env["PATH"], BLUUM_HOOKS_HOME: tempFolder(), BLUUM_API_BASE_URL: "http://127.0.0.1:9" };
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile(BIN, [...dryRun, file], { env }, (error, text) => (error === null ? resolve(text) : reject(error)));
  });
  expect(JSON.parse(stdout)).toMatchObject({ url: "http://127.0.0.1:9/investors/inv_file/orders" });
});
