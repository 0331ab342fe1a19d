import { createServer, type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import type { Context } from "../../src/context.ts";
import { AppError } from "../../src/core/errors.ts";
import { openConfig } from "../../src/config/config-file.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";

const LISTEN = ["listen", "--tunnel", "none", "--port", "0", "--count", "1", "--timeout", "0.1s"];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

it("with an emulator that ends with listen, the webhook is deleted, and nothing of it is stored", async () => {
  const folder = tempFolder();
  const baseUrl = `http://127.0.0.1:${await freePort()}/v1`;
  const end = await runInProcess([...LISTEN, "--env", "emulator", "--base-url", baseUrl], { BLUUM_HOOKS_HOME: folder });
  expect(`${end.stdout}${end.stderr}`).toMatch(/webhook wh_\w+ deleted\n/);
  const { webhookId, webhooks } = (await openConfig({ folder })).profile("emulator");
  expect([webhookId, webhooks]).toEqual([undefined, {}]);
});

it("with an emulator that continues, the webhook is deactivated, without a promise about the next listen", async () => {
  const { emulator, env, call } = await startSandbox();
  const end = await runInProcess([...LISTEN, "--env", "emulator", "--base-url", emulator.baseUrl], env);
  expect(`${end.stdout}${end.stderr}`).toMatch(/webhook wh_\w+ deactivated\n/);
  expect((await webhooksOf(call)).map(({ status }) => status)).toEqual(["INACTIVE"]);
});

it("in the sandbox the next listen uses the webhook again, as it says", async () => {
  const { env, call } = await startSandbox();
  const first = await runInProcess(LISTEN, env);
  const [, id = ""] =
    /webhook (wh_\w+) deactivated; the next listen uses it again\n/.exec(`${first.stdout}${first.stderr}`) ?? [];
  const second = await runInProcess([...LISTEN, "--json"], env);
  expect(second.stdout).toContain(`"webhookId":"${id}","action":"patched"`);
  expect(await webhooksOf(call)).toHaveLength(1);
});

it("a webhook that was deleted at the end is removed from the config: the next listen does not report it missing", async () => {
  const { env } = await startSandbox();
  await runInProcess([...LISTEN, "--on-exit", "delete"], env);
  const { webhookId, webhooks } = (await openConfig({ folder: env["BLUUM_HOOKS_HOME"] ?? "" })).profile("sandbox");
  expect([webhookId, webhooks]).toEqual([undefined, {}]);
  const second = await runInProcess([...LISTEN, "--json"], env);
  expect(second.stdout).toContain('"action":"created"');
  expect(second.stdout).not.toContain("webhook_gone");
});

it("a config that cannot be written at the end does not fail a deletion", async () => {
  const { env, call } = await startSandbox();
  const refuse = async () => {
    throw new AppError("file_unusable", "the config file cannot be used (ENOSPC)");
  };
  const openFull: Context["openConfig"] = async (folder) => ({
    ...(await openConfig({ folder })),
    forgetWebhook: refuse,
  });
  const end = await runInProcess([...LISTEN, "--on-exit", "delete"], env, { openConfig: openFull });
  expect([end.code, await webhooksOf(call)]).toEqual([5, []]);
  expect(end.stderr).not.toContain("could not be restored");
});
