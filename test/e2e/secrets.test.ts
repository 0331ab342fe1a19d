import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { startCli } from "../support/cli.ts";
import { startSandbox } from "../support/sandbox.ts";

it("the API secret and the webhook's secret are printed nowhere, and stored in the config alone, for the user alone", async () => {
  const { env } = await startSandbox();
  const home = env["BLUUM_HOOKS_HOME"] ?? "";
  const printed: string[] = [];
  const run = async (...args: string[]) => {
    const { stdout, stderr } = await startCli(args, env).ended;
    printed.push(stdout, stderr);
  };
  await run(
    "listen",
    "--tunnel",
    "none",
    "--port",
    "0",
    "--trigger",
    "order",
    "--until",
    "order.filled",
    "--json",
    "--debug",
  );
  await run(
    "listen",
    "--tunnel",
    "none",
    "--port",
    "0",
    "--trigger",
    "order",
    "--until",
    "order.filled",
    "--verbose",
    "--debug",
  );
  await run("register", "http://127.0.0.1:9/hooks", "--new", "--json", "--debug");
  await run("webhooks", "list", "--json", "--debug");
  await run("events", "show", "last", "--json");
  await run("trigger", "order", "--curl");
  await run("trigger", "order", "--dry-run");
  await run("promote", "http://insecure.example", "--debug");

  const config = readFileSync(join(home, "config.json"), "utf8");
  const webhookSecrets = [...config.matchAll(/whsec_[A-Za-z0-9+/=_-]+/g)].map(([secret]) => secret);
  expect(webhookSecrets).toHaveLength(2);
  expect(statSync(join(home, "config.json")).mode & 0o777).toBe(0o600);

  const basic = Buffer.from(`${EMULATOR_ACCESS.apiKey}:${EMULATOR_ACCESS.apiSecret}`).toString("base64");
  const files = readdirSync(home, { recursive: true, encoding: "utf8" })
    .filter((file) => file !== "config.json" && statSync(join(home, file)).isFile())
    .map((file) => readFileSync(join(home, file), "latin1"));
  expect(files.join("").length).toBeGreaterThan(10_000);
  for (const secret of [...webhookSecrets, EMULATOR_ACCESS.apiSecret, basic]) {
    expect(printed.join("")).not.toContain(secret);
    expect(files.join("")).not.toContain(secret);
  }
});

it("--print-secret shows the secret of a webhook that is created, once", async () => {
  const { env } = await startSandbox();
  const end = await startCli(["register", "http://127.0.0.1:9/hooks", "--print-secret", "--json"], env).ended;
  expect(JSON.parse(end.stdout)).toMatchObject({
    action: "created",
    secret: expect.stringMatching(/^whsec_/) as string,
  });
});
