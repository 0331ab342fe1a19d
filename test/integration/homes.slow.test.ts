import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { CAN_UNSHARE, NAMELESS_USER } from "../support/unshare.ts";

const SECRET = { BLUUM_WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" };

describe.skipIf(!CAN_UNSHARE)("a user without a home (needs unshare of Linux)", () => {
  it.each([
    [["sign"]],
    [["verify", "--header", "x: y"]],
    [["check", "--list"]],
    [["events", "list"]],
    [["config", "list"]],
    [["doctor"]],
    [["exec", "--", "true"]],
    [["listen", "--env", "emulator"]],
  ])("gets a hint to BLUUM_HOOKS_HOME with %j", async (args) => {
    const end = await runCli(["--json", ...args], SECRET, NAMELESS_USER);
    expect([end.code, end.error().code]).toEqual([2, "invalid_setting"]);
    expect(end.error().hint).toContain("BLUUM_HOOKS_HOME");
  });

  it("does not need one in demo", async () => {
    const { code, stderr } = await runCli(["demo"], {}, NAMELESS_USER);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("error")]);
  });
});
