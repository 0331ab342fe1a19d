import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { answered, seedHome } from "../../integration/events/seed.ts";
import { accessibilityProblems, hasBrowser, type Look } from "../../support/browser.ts";
import { startInspect } from "../../support/inspector.ts";
import { openInspectorPage, rows } from "../../support/inspector-page.ts";

const BODY =
  '{"event":"order.filled","data":{"id":"ord_1","quantity":1.0,"notes":null,"holder":"Jane Roe","fees":[{"amount":1}]}}';

/** Each brings the page, with a delivery open, to a typical state. */
const STATES: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  payload: async (page) => page.locator(".line").first().waitFor(),
  headers: async (page) => page.keyboard.press("2"),
  signature: async (page) => page.keyboard.press("3"),
  attempts: async (page) => page.keyboard.press("4"),
  timeline: async (page) => {
    await page.keyboard.press("5");
    await page.locator(".life").waitFor();
  },
  raw: async (page) => page.keyboard.press("6"),
  hex: async (page) => page.keyboard.press("7"),
  "hidden data": async (page) => {
    await page.keyboard.press("1");
    await page.getByRole("button", { name: "Hide personal data" }).click();
  },
  shortcuts: async (page) => {
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
  },
  replay: async (page) => {
    await closeDialog(page);
    await page.keyboard.press("r");
    await page.getByRole("dialog").waitFor();
  },
  edit: async (page) => {
    await closeDialog(page);
    await page.keyboard.press("e");
    await page.locator(".signatures, .outcome, .warn").first().waitFor();
  },
  export: async (page) => {
    await closeDialog(page);
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("dialog").waitFor();
  },
  trigger: async (page) => {
    await closeDialog(page);
    await page.keyboard.press("t");
    await page.getByRole("radio", { name: "event" }).check();
    await page
      .getByRole("textbox", { name: "Event" })
      .or(page.getByRole("combobox", { name: "Event" }))
      .waitFor();
  },
  filter: async (page) => {
    await closeDialog(page);
    await page.locator("#filter").focus();
  },
  overview: async (page) => {
    await page.locator("#filter").blur();
    await page.keyboard.press("Escape");
    const link = page.getByRole("button", { name: "Overview" });
    if (await link.isVisible()) await link.click();
    await page.locator(".tiles").waitFor();
  },
  list: async (page) => page.keyboard.press("Escape"),
  "no match": async (page) => {
    await page.locator("#filter").fill("nothing-like-this");
    await page.locator(".notice-title", { hasText: "No delivery matches" }).waitFor();
  },
};

async function closeDialog(page: Page): Promise<void> {
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

describe.skipIf(!hasBrowser)("axe finds nothing wrong with the page", () => {
  it.each<Look>([
    { scheme: "light", width: 1280 },
    { scheme: "dark", width: 1280 },
    { scheme: "light", width: 768 },
    { scheme: "dark", width: 768 },
  ])("in any state: $scheme, $width px", async (look) => {
    const body = Buffer.from(BODY);
    const { env } = await seedHome([
      { event: "order.accepted", body: Buffer.from(BODY.replace("filled", "accepted")) },
      { body, app: [answered(500, '{"error":"no"}')], status: 500 },
      { body, verdict: "mismatch", app: [answered(200)] },
    ]);
    const page = await openInspectorPage(await startInspect(env), look);
    await rows(page).first().click();
    const problems: Record<string, readonly string[]> = {};
    for (const [state, reach] of Object.entries(STATES)) {
      await reach(page);
      const found = await accessibilityProblems(page);
      if (found.length > 0) problems[state] = found;
    }
    expect(problems).toStrictEqual({});
  });
});
