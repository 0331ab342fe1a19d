import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/commands/index.ts";
import { answered, seedHome } from "../integration/events/seed.ts";
import { startApp } from "../support/app.ts";
import { runCli } from "../support/cli.ts";
import { hasFullDevice, runIntoFull } from "../support/full-device.ts";
import { startSandbox } from "../support/sandbox.ts";

/** Command lines that print a result, for each command; `@` is a placeholder for the test's data. */
const PRINTING: readonly (readonly string[])[] = [
  ["--version"],
  ["--help"],
  ["listen", "--no-register", "--port", "0", "--json"],
  ["trigger", "order"],
  ["trigger", "order", "--dry-run"],
  ["trigger", "deposit", "--curl"],
  ["trigger", "event", "order.filled", "--to", "@app", "--unsigned"],
  ["trigger", "recipe", "--list"],
  ["trigger", "recipe", "@recipe"],
  ["events", "list"],
  ["events", "show", "last"],
  ["events", "timeline", "ord_1"],
  ["events", "tail", "--last", "1", "--count", "1"],
  ["events", "replay", "last", "--to", "@app"],
  ["events", "export"],
  ["events", "export", "--format", "har", "--redact"],
  ["events", "export", "--format", "curl"],
  ["events", "stats"],
  ["events", "prune", "--older-than", "9000d", "--yes"],
  ["sign", "@payload"],
  ["verify", "@payload", "--header", "x-bluum-signature: 00"],
  ["register", "https://mine.example/hooks", "--new"],
  ["webhooks", "list", "--json"],
  ["webhooks", "show", "@webhook"],
  ["event-types"],
  ["restore", "--list", "--json"],
  ["check", "@app", "--only", "transport"],
  ["check", "--list"],
  ["promote", "https://mine.example/hooks", "--dry-run", "--skip-checks", "--webhook", "@webhook", "--json"],
  ["emulator", "--port", "0", "--json"],
  ["demo"],
  ["config", "list"],
  ["config", "path"],
  ["doctor"],
  ["completion", "zsh"],
  ["inspect", "--port", "0", "--json"],
  ["init", "--yes", "--json"],
];

/**
 * `exec` prints nothing on standard output, and `login` and `logout` print only what they have saved or removed. `mcp`
 * answers a program that reads its output, and `team` prints what a database contains.
 */
const OTHERS = ["exec", "login", "logout", "mcp", "team"];

describe.runIf(hasFullDevice)("with its output on a full device", () => {
  it.each(PRINTING)("%s %s %s %s %s %s %s %s fails, and gives the reason in one line", async (...args) => {
    const { env: place } = await startSandbox();
    const app = await startApp();
    const { env: home } = await seedHome([{ app: [answered(200)] }]);
    const env = { ...place, ...home, BLUUM_WEBHOOK_SECRET: "a secret of the test" };
    const folder = home["BLUUM_HOOKS_HOME"] ?? "";
    const [recipe, payload] = [join(folder, "mine.yaml"), join(folder, "payload.json")];
    writeFileSync(recipe, "- sleep: 0\n");
    writeFileSync(payload, "{}");
    const made: Record<string, string> = { "@app": app.url, "@recipe": recipe, "@payload": payload };
    if (args.includes("@webhook")) {
      const { stdout } = await runCli(["register", "https://a.example/hooks", "--new", "--json"], env);
      made["@webhook"] = (JSON.parse(stdout) as { webhookId: string }).webhookId;
    }
    const { code, stderr } = await runIntoFull(
      args.filter(Boolean).map((arg) => made[arg] ?? arg),
      env,
      folder,
    );
    expect(stderr).toMatch(/^error: cannot write to standard output: .*$|^\{"error":\{"code":"output_unwritable".*$/m);
    expect(stderr.match(/cannot write to standard output/g)).toHaveLength(1);
    // A result such as an invalid signature keeps its exit code.
    expect(code).toBeGreaterThan(0);
    if (!["verify", "check", "doctor"].includes(args[0] ?? "")) expect(code).toBe(1);
  });

  it("is tested for every command that prints a result", () => {
    const tried = new Set(PRINTING.map(([name]) => name));
    const untried = COMMANDS.map(({ name }) => name).filter((name) => !tried.has(name) && !OTHERS.includes(name));
    expect(untried).toEqual([]);
  });
});
