import { existsSync } from "node:fs";
import { join } from "node:path";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { openConfig, type Config } from "../../src/config/config-file.ts";
import { AppError } from "../../src/core/errors.ts";
import type { Context } from "../../src/context.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";

const LISTEN = ["listen", "--tunnel", "none", "--port", "0", "--timeout", "0.1s", "--json"];

async function setting() {
  const { emulator, env, call } = await startSandbox();
  const { id } = (await call("POST", "/webhooks", {
    name: "w",
    url: "http://127.0.0.1:9/mine",
    eventTypeNames: ["*"],
  })) as { id: string };
  const proxy = await startFaultProxy(emulator.baseUrl);
  return {
    id,
    run: (args: readonly string[], overrides?: Partial<Context>) =>
      runInProcess(args, { ...env, BLUUM_BASE_URL: proxy.baseUrl }, overrides),
    /** The calls that change something at the API. */
    changes: () => proxy.calls.filter(({ method }) => method !== "GET"),
    calls: proxy.calls,
    before: await webhooksOf(call),
    now: () => webhooksOf(call),
  };
}

/** A config that can be read but not written. */
const readOnly: Partial<Context> = {
  async openConfig(folder): Promise<Config> {
    const refuse = async () => {
      throw new AppError("file_unusable", "the config file cannot be used (EROFS)");
    };
    return { ...(await openConfig({ folder })), remember: refuse, rememberWebhook: refuse };
  },
};

describe("if the config cannot be written, no webhook is changed", () => {
  it.each<[string, (id: string) => string[]]>([
    ["listen, of one that is there", (id) => [...LISTEN, "--webhook", id]],
    ["listen, of a new one", () => [...LISTEN, "--new"]],
    ["register, of a new one", () => ["register", "http://127.0.0.1:9/new", "--new", "--json"]],
    ["webhooks delete", (id) => ["webhooks", "delete", id, "--yes", "--json"]],
  ])("by %s", async (_what, args) => {
    const { id, run, changes, before, now } = await setting();
    expect((await run(args(id), readOnly)).error?.code).toBe("file_unusable");
    expect(changes()).toEqual([]);
    expect(await now()).toEqual(before);
  });
});

describe("listen --ready-file", () => {
  it("in a folder that does not exist is refused before anything is done, and no folder is created", async () => {
    const { id, run, calls } = await setting();
    const folder = join(tempFolder(), "not", "there");
    const { code, error } = await run([...LISTEN, "--webhook", id, "--ready-file", join(folder, "ready.json")]);
    expect([code, error?.code]).toEqual([1, "file_unusable"]);
    expect(error?.message).toContain("the ready file");
    expect(calls).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  it("that is a folder is refused too", async () => {
    const { id, run, calls } = await setting();
    const { error } = await run([...LISTEN, "--webhook", id, "--ready-file", tempFolder()]);
    expect(error?.code).toBe("file_unusable");
    expect(calls).toEqual([]);
  });
});

it("check --junit in a folder that does not exist is refused before the endpoint is contacted", async () => {
  let isAsked = false;
  const { run } = await setting();
  const app = createServer((_request, response) => {
    isAsked = true;
    response.end();
  });
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void app.close());
  const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}/`;
  const file = join(tempFolder(), "not", "there.xml");
  const { error } = await run(["check", url, "--junit", file, "--json"]);
  expect([error?.code, isAsked]).toEqual(["file_unusable", false]);
});
