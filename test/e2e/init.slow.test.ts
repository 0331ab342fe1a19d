import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CheckReport } from "../../src/core/check-report.ts";
import { Cli } from "../support/cli.ts";
import { freePort, linkPackages, startIn } from "../support/example.ts";
import { EXAMPLES } from "../support/examples.ts";
import { isWhole } from "../support/sampled.ts";
import { startTlsInFront } from "../support/tls-in-front.ts";

const SECRET = "whsec_YSBzaXh0aCBzZWNyZXQ=";

/** A test of the examples checks all of them; what `init` makes differs from an example in its port, path and names. */
const PROJECTS = EXAMPLES.filter(({ name }) =>
  ["express", "fastify", "hono", "flask", "php", ...(isWhole ? ["fastapi", "go"] : [])].includes(name),
);

interface PackageJson {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const packageIn = (folder: string) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as PackageJson;

describe.concurrent.each(PROJECTS)("a project that init has made in $title", (example) => {
  const { name, missing, packages, start } = example;
  const skip = missing !== "";

  it(
    `passes every check${skip ? ` (not run: ${missing})` : ""}`,
    { skip, timeout: 600_000 },
    async ({ onTestFinished }) => {
      const folder = mkdtempSync(join(tmpdir(), "bluum-hooks-init-"));
      const port = await freePort();
      const env = { BLUUM_HOOKS_HOME: join(folder, "home"), BLUUM_WEBHOOK_SECRET: SECRET };
      const within = ["sh", "-c", 'cd "$0" && exec "$@"', folder];
      const run = (...args: string[]) => new Cli(args, env, within).ended;
      const flags = ["--framework", name, "--port", String(port), "--path", "/api/hooks"];
      const made = await run("init", ...flags, "--yes", "--json");
      expect(made.stderr).toBe("");
      if (packages !== undefined) {
        linkPackages(folder, packages);
        // What `npm install` would install is what is tested.
        for (const [each, version] of Object.entries(packageIn(folder).dependencies)) {
          expect(packageIn(join(folder, "node_modules", each)).version).toBe(version);
        }
      }
      const command = packages === undefined ? start : () => ["npm", "start"] as const;
      const { url, stateUrl } = await startIn(
        folder,
        { ...example, start: command },
        { secret: SECRET, port },
        onTestFinished,
      );
      const check = async (...args: string[]) => {
        const { stdout, stderr } = await run("check", ...args, "--json");
        if (stdout === "") throw new Error(stderr);
        return JSON.parse(stdout) as CheckReport;
      };
      const { results, ready } = await check("--state", stateUrl);
      const others = results.filter(({ result }) => result !== "passed").map(({ id }) => id);
      expect([others, results.length, ready]).toEqual([["transport.https"], 21, true]);
      await using front = await startTlsInFront(new URL("/api/hooks", url).href, folder);
      const secured = await check(front.url, "--ca", front.caFile, "--only", others.join(","));
      expect(secured).toMatchObject({ passed: true, results: [{ id: "transport.https", result: "passed" }] });
    },
  );
});
