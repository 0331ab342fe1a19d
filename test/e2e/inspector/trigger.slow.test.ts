import { describe, expect, it } from "vitest";
import { accessibilityProblems, hasBrowser } from "../../support/browser.ts";
import { inspected, startInspect } from "../../support/inspector.ts";
import { events, openInspectorPage } from "../../support/inspector-page.ts";
import { startSandbox } from "../../support/sandbox.ts";
import { startSession } from "../../support/session.ts";
import { tempFolder } from "../../support/temp.ts";

const EVENT = "transfer.deposit.completed";

async function openListening() {
  const { env } = await startSandbox();
  const session = await startSession(["--env", "emulator", "--inspect-port", "0"], env);
  const page = await openInspectorPage(inspected(String((await session.record("ready"))["inspectorUrl"])));
  return {
    page,
    dialog: page.getByRole("dialog", { name: "Trigger" }),
    field: page.getByLabel("Event", { exact: true }),
  };
}

describe.skipIf(!hasBrowser)("the dialog that triggers", () => {
  it("places an order with two keys, and its events are listed", async () => {
    const { page, dialog } = await openListening();
    await page.locator(".list").focus();
    await page.keyboard.press("t");
    await dialog.waitFor();
    expect(await page.getByRole("radio", { name: "order" }).isChecked()).toBe(true);
    await page.keyboard.press("Enter");
    await page
      .getByText(/Order \S+ placed: /)
      .first()
      .waitFor();
    await dialog.waitFor({ state: "detached" });
    expect(await page.evaluate("document.activeElement.className")).toContain("list");
    await expect.poll(() => events(page)).toContain("order.accepted");
  });

  it("sends an event that it suggests, or any other, by keyboard alone", async () => {
    const { page, dialog, field } = await openListening();
    await page.keyboard.press("t");
    await dialog.waitFor();
    await page.keyboard.press("ArrowDown");
    await field.waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("[...document.activeElement.list.options].map(({ value }) => value)")).toContain(EVENT);
    await page.keyboard.type(EVENT);
    expect(await accessibilityProblems(page)).toStrictEqual([]);
    await page.keyboard.press("Enter");
    await expect.poll(() => events(page)).toStrictEqual([EVENT]);
    await dialog.waitFor({ state: "detached" });
    // The choice stays.
    await page.getByRole("button", { name: "Trigger" }).click();
    await dialog.waitFor();
    expect(await field.inputValue()).toBe(EVENT);
    await field.fill("kyc.approved");
    await page.keyboard.press("Enter");
    await expect.poll(() => events(page)).toStrictEqual(["kyc.approved", EVENT]);
  });

  it("says why it failed, with a hint, and can send again", async () => {
    const env = { BLUUM_HOOKS_HOME: tempFolder(), BLUUM_WEBHOOK_SECRET: "a-secret-of-some-length" };
    const page = await openInspectorPage(await startInspect(env));
    await page.keyboard.press("t");
    await page.getByRole("radio", { name: "event" }).check();
    await page.getByLabel("Event", { exact: true }).fill(EVENT);
    await page.keyboard.press("Enter");
    const refusal = page.getByRole("alert");
    await refusal.waitFor();
    expect(await refusal.locator("p").count()).toBe(2);
    expect(await refusal.innerText()).toContain("bluum-hooks listen");
    expect(await accessibilityProblems(page)).toStrictEqual([]);
    expect(await page.getByRole("dialog").getByRole("button", { name: "Trigger" }).isEnabled()).toBe(true);
  });

  it("is not offered in production", async () => {
    const page = await openInspectorPage(
      await startInspect({ BLUUM_HOOKS_HOME: tempFolder() }, {}, ["--env", "production"]),
    );
    await page.keyboard.press("t");
    await page.getByText("Nothing can be triggered here").first().waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(await page.getByRole("button", { name: "Trigger" }).count()).toBe(0);
  });
});
