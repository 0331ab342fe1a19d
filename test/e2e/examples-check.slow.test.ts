import { describe, expect, it } from "vitest";
import type { CheckReport } from "../../src/core/check-report.ts";
import { BROKEN, MISTAKES, type Mistake } from "../support/broken-examples.ts";
import { startExample, type Edit, type Example } from "../support/example.ts";
import { EXAMPLES } from "../support/examples.ts";
import { runInProcess } from "../support/in-process.ts";

const SECRET = "whsec_YSBzaXh0aCBzZWNyZXQ=";
const OTHER_SECRET = "whsec_YSBzZXZlbnRoIHNlY3JldA==";

/** Checks a running example, with a home of its own. */
async function check(example: Example, flags: readonly string[], secret = SECRET, edit?: Edit): Promise<CheckReport> {
  await using app = await startExample(example, secret, edit);
  const words = flags.map((flag) => (flag === "STATE" ? app.stateUrl : flag));
  const { stdout, stderr } = await runInProcess(["check", app.url, "--json", ...words], {
    PATH: process.env["PATH"] ?? "",
    BLUUM_HOOKS_HOME: app.folder,
    BLUUM_WEBHOOK_SECRET: SECRET,
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as CheckReport;
}

/** The checks that show a mistake. */
const FLAGS: Readonly<Record<Mistake, readonly string[]>> = {
  "data.id": ["--only", "order.accepted-then-filled", "--state", "STATE"],
  reserialized: ["--only", "events.unknown-name,signature"],
  "wrong secret": ["--only", "events.unknown-name,signature"],
  "CSRF guard": ["--only", "events.unknown-name"],
  limit: ["--only", "robustness.large-body"],
};

/** What `check` explains first: the cause of all failures, or the fix of the first one. */
function firstSentence({ notes, results }: CheckReport): string {
  const failure = results.find(({ result, explained }) => result === "failed" && !explained);
  return notes[0] ?? (failure === undefined ? "passed" : `${failure.id}: ${failure.fix}`);
}

describe.concurrent.each(EXAMPLES)("the example for $title", (example) => {
  const { missing, title } = example;
  const skip = missing !== "";

  it(
    `passes every check of an endpoint${skip ? ` (not run: ${missing})` : ""}`,
    { skip, timeout: 600_000 },
    async () => {
      const { results, ready } = await check(example, ["--state", "STATE"]);
      // Plain http is fine on this machine.
      expect(results.filter(({ result }) => result !== "passed").map(({ id }) => id)).toStrictEqual([
        "transport.https",
      ]);
      expect(results).toHaveLength(21);
      expect(ready).toBe(true);
    },
  );

  it.each(MISTAKES)(`gets the right explanation of a mistake: %s`, { skip }, async (mistake) => {
    const broken = BROKEN[example.name]?.[mistake];
    if (broken === undefined) throw new Error(`${title} has no edit that makes this mistake`);
    const { edit, explained } = broken;
    const secret = mistake === "wrong secret" ? OTHER_SECRET : SECRET;
    expect(firstSentence(await check(example, FLAGS[mistake], secret, edit))).toMatch(explained);
  });
});
