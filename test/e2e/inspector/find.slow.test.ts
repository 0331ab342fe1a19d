import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { seedHome } from "../../integration/events/seed.ts";
import { hasBrowser } from "../../support/browser.ts";
import { startInspect } from "../../support/inspector.ts";
import { events, openInspectorPage, rows } from "../../support/inspector-page.ts";

async function openMixed() {
  const { env } = await seedHome([
    { event: "order.accepted", timestamp: "t1", status: 500 },
    { event: "order.filled", timestamp: "t2", verdict: "mismatch" },
    { event: "order.filled", timestamp: "t3", status: 500 },
    { event: "order.filled", timestamp: "t3", status: 500 },
  ]);
  return openInspectorPage(await startInspect(env));
}

const chip = (page: Page, name: string) => page.locator("nav .chip", { hasText: name });
const pressed = (page: Page) => page.locator(".chip[aria-pressed=true]").allTextContents();
const filter = (page: Page) => page.locator("#filter").inputValue();

describe.skipIf(!hasBrowser)("the filter of the page", () => {
  it("is what the buttons above the list add to and remove from", async () => {
    const page = await openMixed();
    expect(await pressed(page)).toStrictEqual(["All 4"]);
    await chip(page, "Failed").click();
    await chip(page, "Repeated").click();
    await expect.poll(() => filter(page)).toBe("status:failed is:repeated");
    await expect.poll(() => rows(page).count()).toBe(1);
    expect(await pressed(page)).toStrictEqual(["Failed 3", "Repeated 1"]);
    await chip(page, "Repeated").click();
    await expect.poll(() => filter(page)).toBe("status:failed");
    await expect.poll(() => rows(page).count()).toBe(3);
  });

  it("has one word of a kind, and is empty after All", async () => {
    const page = await openMixed();
    await page.locator("#filter").fill("event:order.filled status:ok");
    await expect.poll(() => events(page)).toStrictEqual(["order.filled"]);
    await chip(page, "Failed").click();
    await expect.poll(() => filter(page)).toBe("event:order.filled status:failed");
    await chip(page, "All").click();
    await expect.poll(() => filter(page)).toBe("");
    await expect.poll(() => rows(page).count()).toBe(4);
  });

  it("suggests words only while one is typed", async () => {
    const page = await openMixed();
    const list = page.locator(".words");
    await page.locator("#filter").focus();
    await expect.poll(() => list.isVisible()).toBe(true);
    await page.keyboard.type("status:f");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    await expect.poll(() => filter(page)).toBe("status:failed ");
    await expect.poll(() => list.isVisible()).toBe(false);
    await page.keyboard.type("is");
    await expect.poll(() => list.isVisible()).toBe(true);
  });

  it("keeps what is typed while the page is late", async () => {
    const page = await openMixed();
    await page.locator("#filter").evaluate((element) => {
      const field = element as unknown as { value: string; dispatchEvent(event: Event): boolean };
      const type = (text: string) => {
        field.value = text;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      };
      type("status:f");
      // Just after the filter is applied, and before the page renders it.
      setTimeout(type, 201, "status:failed ");
    });
    await expect.poll(() => new URL(page.url()).search).toContain("status%3Afailed");
    expect(await filter(page)).toBe("status:failed ");
  });

  it("finds a value of a field as it was sent, where the name of the field finds all", async () => {
    const page = await openMixed();
    await page.locator("#filter").fill("timestamp");
    await expect.poll(() => rows(page).count()).toBe(4);
    await page.locator("#filter").fill('timestamp":"t2');
    await expect.poll(() => rows(page).count()).toBe(1);
  });

  it("explains what is repeated", async () => {
    const page = await openMixed();
    const tag = rows(page).first().locator(".tag");
    expect([await tag.textContent(), await tag.getAttribute("title")]).toStrictEqual([
      "retry 2",
      "Delivery 2 of this event: sent again after a failure",
    ]);
  });
});
