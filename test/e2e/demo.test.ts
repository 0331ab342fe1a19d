import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { runCli, startCli } from "../support/cli.ts";
import { runInProcess } from "../support/in-process.ts";
import { tempFolder } from "../support/temp.ts";

it("demo shows an order's two events, verified, and leaves nothing behind", async () => {
  const [temp, home] = [tempFolder(), tempFolder()];
  const end = await runCli(["demo"], { TMPDIR: temp, HOME: home });
  expect(end.code).toBe(0);
  // A valid signature is not mentioned.
  expect(end.stdout).toMatch(/order\.accepted.*buy 1 AAPL +✓ 200/);
  expect(end.stdout).toMatch(/order\.filled.*filled 1 @ 178\.50 +✓ 200/);
  expect(end.stderr).toMatch(
    /\nForward events to your app with: bluum-hooks listen --env emulator --forward-to 3000\n$/,
  );
  expect([...readdirSync(temp), ...readdirSync(home)]).toEqual([]);
});

it("demo --json is pure NDJSON, with the records of a session in their order", async () => {
  const end = await runCli(["demo", "--json"], { TMPDIR: tempFolder() });
  expect(end.code).toBe(0);
  expect(end.stderr).toBe("");
  expect(end.records().map(({ type }) => type)).toEqual([
    "listening",
    "registered",
    "ready",
    "delivery",
    "answer",
    "delivery",
    "answer",
    "restored",
    "stopped",
  ]);
  for (const record of end.records()) expect(new Date(String(record["at"])).toISOString()).toBe(record["at"]);
});

it("demo ends with 130 on Ctrl-C and leaves nothing behind", async () => {
  const temp = tempFolder();
  const cli = startCli(["demo", "--json"], { TMPDIR: temp });
  await cli.record("listening");
  cli.kill("SIGINT");
  const { code } = await cli.ended;
  // It may have ended already.
  expect([0, 130]).toContain(code);
  expect(readdirSync(temp)).toEqual([]);
});

it.each([
  ["--account", "11111111-1111-4111-8111-111111111111"],
  ["--investor", "inv_of_another_place"],
  ["--webhook", "wh_of_another_place"],
])("demo ignores %s %s", async (...flags) => {
  const temp = tempFolder();
  expect((await runInProcess(["demo", ...flags, "--json"], { TMPDIR: temp })).code).toBe(0);
  expect(readdirSync(temp)).toEqual([]);
});

it("demo says what to do if no temporary folder can be created", async () => {
  const end = await runCli(["demo", "--json"], { TMPDIR: "/nonexistent/folder" });
  expect([end.code, end.error().code]).toEqual([1, "file_unusable"]);
  expect(end.error().hint).toContain("TMPDIR");
});
