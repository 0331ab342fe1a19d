import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { CheckReport } from "../../src/core/check-report.ts";
import { startExample } from "../support/example.ts";
import { runInProcess } from "../support/in-process.ts";
import { tempFolder } from "../support/temp.ts";

const SECRET = "whsec_YSBzaXh0aCBzZWNyZXQ=";
const EXAMPLE = {
  name: "SQLite",
  command: process.execPath,
  args: [fileURLToPath(new URL("../../examples/sqlite/server.js", import.meta.url))],
  isMissing: false,
};

it("the handler that docs/deduplication.md shows passes every check", async () => {
  const app = await startExample(EXAMPLE, { BLUUM_WEBHOOK_SECRET: SECRET, DATABASE: join(tempFolder(), "events.db") });
  const { stdout } = await runInProcess(["check", app.url, "--state", app.stateUrl, "--json"], {
    PATH: process.env["PATH"] ?? "",
    BLUUM_HOOKS_HOME: tempFolder(),
    BLUUM_WEBHOOK_SECRET: SECRET,
  });
  const { results, ready } = JSON.parse(stdout) as CheckReport;
  // Plain http is fine on this machine.
  expect(results.filter(({ result }) => result !== "passed").map(({ id }) => id)).toStrictEqual(["transport.https"]);
  expect(ready).toBe(true);
});
