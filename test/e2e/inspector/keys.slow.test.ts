import { describe, expect, it } from "vitest";
import { seedHome } from "../../integration/events/seed.ts";
import { hasBrowser } from "../../support/browser.ts";
import { startInspect } from "../../support/inspector.ts";
import { arrive, events, openInspectorPage } from "../../support/inspector-page.ts";

async function openThree() {
  const { env, deliveries } = await seedHome([
    { event: "order.accepted" },
    { event: "order.partially_filled", status: 500 },
    { event: "order.filled" },
  ]);
  const page = await openInspectorPage(await startInspect(env));
  return { page, title: page.locator(".pane h1"), ids: deliveries.map(({ id }) => id) };
}

describe.skipIf(!hasBrowser)("the keys of the inspector", () => {
  it("move, open, switch views and close", async () => {
    const { page, title } = await openThree();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await expect.poll(() => title.textContent()).toBe("order.filled");
    await page.keyboard.press("j");
    await expect.poll(() => title.textContent()).toBe("order.partially_filled");
    await page.keyboard.press("2");
    await expect.poll(() => page.getByRole("tab", { selected: true }).textContent()).toBe("Headers");
    await page.keyboard.press("G");
    await expect.poll(() => title.textContent()).toBe("order.accepted");
    await page.keyboard.press("p");
    await expect.poll(() => title.textContent()).toBe("order.partially_filled");
    await page.keyboard.press("Escape");
    await expect.poll(() => title.textContent()).toBe("Overview");
  });

  it("are listed by ?, and do nothing else while a dialog is open or a filter is typed", async () => {
    const { page, title } = await openThree();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Shortcuts" }).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await title.textContent()).toBe("Overview");
    await page.keyboard.press("/");
    await page.keyboard.type("order.accepted");
    expect(await page.locator("#filter").inputValue()).toBe("order.accepted");
    await expect.poll(() => events(page)).toStrictEqual(["order.accepted"]);
    await page.keyboard.press("Enter");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await expect.poll(() => title.textContent()).toBe("order.accepted");
  });

  it("work at once when a dialog has been closed", async () => {
    const { page, title } = await openThree();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await expect.poll(() => title.textContent()).toBe("order.filled");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Shortcuts" }).waitFor();
    // Both before the browser has closed it.
    await page.evaluate(`for (const key of ["Escape", "j"]) {
      (document.querySelector("dialog") ?? document).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    }`);
    await expect.poll(() => title.textContent()).toBe("order.partially_filled");
  });

  it("find a failed delivery that is not loaded", async () => {
    const failed = { event: "order.rejected", status: 500 };
    const { env } = await seedHome([failed]);
    await arrive(
      env["BLUUM_HOOKS_HOME"] ?? "",
      Array.from({ length: 350 }, () => ({})),
    );
    const page = await openInspectorPage(await startInspect(env));
    await page.keyboard.press("n");
    await expect
      .poll(() => page.locator('.row[data-cursor="true"] .event').allTextContents())
      .toEqual(["order.rejected"]);
    await page.keyboard.press("g");
    await page.keyboard.press("p");
    await page.getByText("No newer delivery failed").waitFor();
  });

  it("mark a delivery and compare it with another one", async () => {
    const { page, title, ids } = await openThree();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.keyboard.press("c");
    await page.keyboard.press("j");
    await expect.poll(() => title.textContent()).toBe("order.partially_filled");
    await page.keyboard.press("c");
    await expect.poll(() => title.textContent()).toBe("Compare");
    expect(page.url()).toMatch(new RegExp(`/compare/${ids[2]}/${ids[1]}$`));
  });

  it("of one letter can be switched off", async () => {
    const { page, title } = await openThree();
    await page.keyboard.press("?");
    await page.getByLabel("Use shortcuts of one letter").uncheck();
    await page.keyboard.press("Escape");
    await page.locator(".list").focus();
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect.poll(() => title.textContent()).toBe("order.filled");
  });

  it("fold the payload and walk through it", async () => {
    const { page } = await openThree();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.locator(".tree").focus();
    const before = await page.locator(".line").count();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".line").count()).toBe(1);
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.locator(".line").count()).toBe(before);
  });

  it("reach every control, with the focus in view", async () => {
    const { page } = await openThree();
    const names: string[] = [];
    for (let step = 0; step < 12; step += 1) {
      await page.keyboard.press("Tab");
      names.push(
        await page.evaluate<string>(
          "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()",
        ),
      );
      expect(await page.evaluate("getComputedStyle(document.activeElement).visibility")).toBe("visible");
    }
    expect(names).toEqual(
      expect.arrayContaining(["bluum-hooks", "Filter", "Hide personal data", "Export", "Shortcuts"]),
    );
    expect(names).toEqual(expect.arrayContaining([expect.stringMatching(/^Failed/), "Deliveries"]));
  });

  it("change the theme, which is kept", async () => {
    const { page } = await openThree();
    const theme = () => page.evaluate("document.documentElement.dataset.theme");
    expect(await theme()).toBe("light");
    await page.keyboard.press("T");
    await page.keyboard.press("T");
    expect(await theme()).toBe("dark");
    await page.reload();
    await expect.poll(theme).toBe("dark");
  });
});
