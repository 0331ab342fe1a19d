import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { runCli } from "./cli.ts";
import { startSandbox } from "./sandbox.ts";

/** Runs these commands one after the other in one home; they create this number of webhooks. */
export function keepsSecrets(commands: readonly (readonly string[])[], created: number): void {
  it("the API secret and the webhook's secret are never printed, and stored only in the config, readable by the user alone", async () => {
    const { env } = await startSandbox();
    const home = env["BLUUM_HOOKS_HOME"] ?? "";
    const printed: string[] = [];
    for (const args of commands) {
      const { stdout, stderr } = await runCli(args, env);
      printed.push(stdout, stderr);
    }
    const config = readFileSync(join(home, "config.json"), "utf8");
    const webhookSecrets = [...config.matchAll(/whsec_[A-Za-z0-9+/=_-]+/g)].map(([secret]) => secret);
    expect(webhookSecrets).toHaveLength(created);
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
}
