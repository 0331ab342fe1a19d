import { source as axe } from "axe-core";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, expect, onTestFinished } from "vitest";
import { findBrowser } from "../../scripts/find-browser.js";

const executablePath = findBrowser();
if (executablePath === undefined) {
  if (process.env["CI"] !== undefined) throw new Error("no chromium found: tests of the page need one");
  console.warn("browser tests skipped: no chromium found");
}

/** Without one, tests that need it are to be reported as skipped. */
export const hasBrowser = executablePath !== undefined;

/** A name that resolves to this machine, as in an attack by rebinding. */
const REBINDING = "--host-resolver-rules=MAP rebound.test 127.0.0.1";

let browser: Promise<Browser> | undefined;
afterAll(async () => (await browser)?.close());

export interface Look {
  readonly width?: number;
  readonly scheme?: "light" | "dark";
}

/** A page in a profile of its own. The test fails on an error of the page, and on anything that its policy does not allow. */
export async function newPage({ width = 1280, scheme = "light" }: Look = {}): Promise<Page> {
  browser ??= chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox", REBINDING] });
  const context = await (await browser).newContext({ viewport: { width, height: 800 }, colorScheme: scheme });
  const problems: string[] = [];
  await context.exposeBinding("reportViolation", (_source, violation: string) => problems.push(violation));
  await context.addInitScript(
    "addEventListener('securitypolicyviolation', (event) => reportViolation(`${event.violatedDirective}: ${event.sample}`))",
  );
  context.on("page", (page) => page.on("pageerror", (error) => problems.push(String(error))));
  onTestFinished(async () => {
    await context.close();
    expect(problems).toStrictEqual([]);
  });
  return context.newPage();
}

/** What axe finds wrong on the page, as a line for each rule and place. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // A script element would be refused by the page's policy.
  await page.evaluate(axe);
  return page.evaluate<string[]>(
    `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
      id + ": " + target.join(" ") + " " + failureSummary.replaceAll("\\n", " "))))`,
  );
}
