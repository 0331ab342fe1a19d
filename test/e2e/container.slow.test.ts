import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BIN, startCli } from "../support/cli.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";
import { CAN_CONTAIN, container } from "../support/unshare.ts";

const skip = !CAN_CONTAIN;
const reason = skip ? " (not run: unshare is not permitted here)" : "";

/** The process that is the first one in its container. */
function firstProcess(outer: number | undefined): number {
  return Number(readFileSync(`/proc/${outer}/task/${outer}/children`, "utf8").trim());
}

describe("listen as the first process of a container, with a read-only root, no home and another user id", () => {
  it(`restores the webhook on SIGTERM and ends with 143${reason}`, { skip }, async () => {
    const { env, call } = await startSandbox();
    const webhook = { name: "mine", url: "http://127.0.0.1:9/before", eventTypeNames: ["order.filled"] };
    const { id } = (await call("POST", "/webhooks", webhook)) as { id: string };
    const before = await webhooksOf(call);
    const volume = tempFolder();
    const own = { ...env, BLUUM_HOOKS_HOME: volume, BLUUM_WEBHOOK_ID: id };
    const ready = join(volume, "ready");
    const flags = ["--tunnel", "none", "--host", "0.0.0.0", "--port", "0", "--ready-file", ready, "--yes", "--json"];
    const cli = startCli(["listen", ...flags, "--trigger", "order"], own, container(volume));
    await cli.record("answer", ({ status }) => status === 200);
    expect(JSON.parse(readFileSync(ready, "utf8"))).toMatchObject({ webhookId: id });
    expect(await webhooksOf(call)).not.toEqual(before);
    process.kill(firstProcess(cli.child.pid), "SIGTERM");
    const ended = await cli.ended;
    expect(ended.records().map(({ type }) => type)).toContain("restored");
    expect(ended.code).toBe(143);
    expect(await webhooksOf(call)).toEqual(before);
  });

  it(`finds nothing to write to but the volume${reason}`, { skip }, async () => {
    const volume = tempFolder();
    const outside = join(tempFolder(), "home");
    mkdirSync(outside);
    const write = async (home: string) => {
      const cli = startCli(
        ["config", "set", "env", "emulator", "--json"],
        { BLUUM_HOOKS_HOME: home },
        container(volume),
      );
      return (await cli.ended).code;
    };
    expect(await write(outside)).toBe(1);
    expect(await write(volume)).toBe(0);
    const nowhere = startCli(["config", "list", "--json"], { HOME: "" }, container(volume));
    const ended = await nowhere.ended;
    expect([ended.code, ended.error().code]).toEqual([2, "invalid_setting"]);
  });

  it("is what the Dockerfile starts", () => {
    const dockerfile = readFileSync(new URL("../../Dockerfile", import.meta.url), "utf8");
    const words = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? "") as string[];
    expect(words.slice(0, 2)).toEqual(["node", "--"]);
    expect(BIN.endsWith(words[2]?.split("/node_modules/bluum-hooks")[1] ?? "-")).toBe(true);
  });
});
