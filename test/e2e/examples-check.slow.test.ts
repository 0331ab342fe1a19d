import { describe, expect, it, type TestContext } from "vitest";
import type { CheckReport } from "../../src/core/check-report.ts";
import { BROKEN, HONO_GUARD, MISTAKES, type Mistake } from "../support/broken-examples.ts";
import { startExample, type Edit, type Example } from "../support/example.ts";
import { EXAMPLES } from "../support/examples.ts";
import { runInProcess } from "../support/in-process.ts";
import { isWhole } from "../support/sampled.ts";
import { startTlsInFront } from "../support/tls-in-front.ts";

const SECRET = "whsec_YSBzaXh0aCBzZWNyZXQ=";
const OTHER_SECRET = "whsec_YSBzZXZlbnRoIHNlY3JldA==";

type Context = Pick<TestContext, "onTestFinished">;

/** Starts an example, with a home of its own. `STATE` in the arguments of a check is the URL of its state. */
async function startChecked({ onTestFinished }: Context, example: Example, secret = SECRET, edit?: Edit) {
  const app = await startExample(example, secret, onTestFinished, edit);
  const env = { PATH: process.env["PATH"] ?? "", BLUUM_HOOKS_HOME: app.folder, BLUUM_WEBHOOK_SECRET: SECRET };
  return {
    ...app,
    async check(url: string, ...args: string[]): Promise<CheckReport> {
      const words = args.map((word) => (word === "STATE" ? app.stateUrl : word));
      const { stdout, stderr } = await runInProcess(["check", url, "--json", ...words], env);
      if (stdout === "") throw new Error(stderr);
      return JSON.parse(stdout) as CheckReport;
    },
  };
}

/** The checks that show a mistake. */
const FLAGS: Readonly<Record<Mistake, readonly string[]>> = {
  "data.id": ["--only", "order.accepted-then-filled", "--state", "STATE"],
  reserialized: ["--only", "events.unknown-name,signature"],
  "wrong secret": ["--only", "events.unknown-name,signature"],
  "CSRF guard": ["--only", "events.unknown-name"],
  limit: ["--only", "robustness.large-body"],
};

/** A burst that was accepted completely, though a machine that does other work as well took more than 5 s for it. */
function isSlowBurst({ id, requirement }: CheckReport["results"][number]): boolean {
  return id === "speed.burst" && requirement === "advisory";
}

/** What `check` explains first: the cause of all failures, or the fix of the first one. */
function firstSentence({ notes, results }: CheckReport): string {
  const failure = results.find(({ result, explained }) => result === "failed" && !explained);
  return notes[0] ?? (failure === undefined ? "passed" : `${failure.id}: ${failure.fix}`);
}

const hono = EXAMPLES.find(({ name }) => name === "hono");

it.skipIf(hono?.missing !== "")(
  "Hono's own CSRF guard accepts deliveries, as docs/frameworks.md says",
  async (context) => {
    if (hono === undefined) throw new Error("there is no example for Hono");
    const app = await startChecked(context, hono, SECRET, HONO_GUARD);
    const { results } = await app.check(app.url, "--only", "events");
    expect(new Set(results.map(({ result }) => result))).toEqual(new Set(["passed"]));
    // The guard is there: a form is refused.
    const form = await fetch(app.url, { method: "POST", body: new URLSearchParams({ a: "b" }) });
    expect(form.status).toBe(403);
  },
);

describe.concurrent.each(EXAMPLES.map((example, at) => ({ ...example, at })))("the example for $title", (example) => {
  const { missing, title } = example;
  const skip = missing !== "";

  it(
    `passes every check of an endpoint${skip ? ` (not run: ${missing})` : ""}`,
    { skip, timeout: 600_000 },
    async (context) => {
      const app = await startChecked(context, example);
      const { results, ready } = await app.check(app.url, "--state", "STATE");
      const others = results.filter((each) => each.result !== "passed" && !isSlowBurst(each)).map(({ id }) => id);
      expect(others).toStrictEqual(["transport.https"]);
      expect(results).toHaveLength(21);
      expect(ready).toBe(!results.some(isSlowBurst));
      // Alone, because the burst of fifty handshakes can take too long if the machine does other work as well.
      await using front = await startTlsInFront(app.url, app.folder);
      const secured = await app.check(front.url, "--ca", front.caFile, "--only", others.join(","));
      expect(secured).toMatchObject({ passed: true, results: [{ id: "transport.https", result: "passed" }] });
    },
  );

  // One for each example, so that each mistake is made in two.
  const mistakes = MISTAKES.filter((_, at) => isWhole || at === example.at % MISTAKES.length);
  it.for(mistakes)(`gets the right explanation of a mistake: %s`, { skip }, async (mistake, context) => {
    const broken = BROKEN[example.name]?.[mistake];
    if (broken === undefined) throw new Error(`${title} has no edit that makes this mistake`);
    const { edit, explained } = broken;
    const secret = mistake === "wrong secret" ? OTHER_SECRET : SECRET;
    const app = await startChecked(context, example, secret, edit);
    expect(firstSentence(await app.check(app.url, ...FLAGS[mistake]))).toMatch(explained);
  });
});
