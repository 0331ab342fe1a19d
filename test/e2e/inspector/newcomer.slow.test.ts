import { describe, expect, it } from "vitest";
import { AT, answered, seedHome } from "../../integration/events/seed.ts";
import { startApp } from "../../support/app.ts";
import { hasBrowser } from "../../support/browser.ts";
import { startInspect } from "../../support/inspector.ts";
import { openInspectorPage, rows } from "../../support/inspector-page.ts";

const SECRET = `whsec_${Buffer.from("an example that signs a body").toString("base64")}`;
const order = (event: string, status: string, filled: string) =>
  Buffer.from(
    `{"event":"${event}","data":{"id":"ord_1","symbol":"AAPL","quantity":"1","status":"${status}","filled_quantity":"${filled}"}}`,
  );

/** An order of three events, the last of which the app refuses with a reason. */
async function openOrder() {
  const app = await startApp();
  const appUrl = `${app.url}/hooks`;
  const refusal = answered(422, '{"error":"quantity 1 is below the minimum of 2"}', [
    ["content-type", "application/json"],
  ]);
  const { env } = await seedHome([
    { event: "order.accepted", body: order("order.accepted", "accepted", "0"), app: [answered(200)], appUrl },
    { event: "transfer.created", resourceId: "trf_1", app: [answered(200)], appUrl, at: AT + 1_000 },
    {
      event: "order.filled",
      body: order("order.filled", "filled", "1"),
      status: 422,
      app: [refusal],
      appUrl,
      at: AT + 95_000,
    },
  ]);
  const page = await openInspectorPage(await startInspect({ ...env, BLUUM_WEBHOOK_SECRET: SECRET }));
  return { page, app };
}

describe.skipIf(!hasBrowser)("the page alone", () => {
  it("answers why the handler refused the third event", async () => {
    const { page } = await openOrder();
    await page.locator(".row", { hasText: "422" }).click();
    await page.locator(".facts dd", { hasText: "422 in" }).getByRole("button").click();
    await expect.poll(() => page.locator("#view").innerText()).toContain("quantity 1 is below the minimum of 2");
  });

  it("answers what differs between two", async () => {
    const { page } = await openOrder();
    await rows(page).nth(0).click();
    await page.getByRole("button", { name: "Compare" }).click();
    await page.getByText("Marked. Open another delivery").waitFor();
    await rows(page).nth(2).click();
    await page.getByRole("button", { name: "Compare with marked" }).click();
    const row = page.locator(".differences tr", { hasText: "data.filled_quantity" });
    await expect.poll(() => row.locator("td").allInnerTexts()).toStrictEqual(['"0"', '"1"']);
  });

  it("answers whether the order was filled, and how long after it was accepted", async () => {
    const { page } = await openOrder();
    await page.locator("#filter").fill("ord_1");
    await expect.poll(() => rows(page).count()).toBe(2);
    await rows(page).first().click();
    await page.locator(".facts").getByRole("button", { name: "ord_1" }).click();
    const filled = page.locator(".life li", { hasText: "order.filled" });
    await expect.poll(() => filled.innerText()).toContain("+95 s");
  });

  it("sends it again with quantity 2", async () => {
    const { page, app } = await openOrder();
    await rows(page).first().click();
    await page.getByRole("button", { name: "Edit" }).click();
    const editor = page.getByLabel("Body");
    await editor.fill((await editor.inputValue()).replace('"quantity":"1"', '"quantity":"2"'));
    await page.getByRole("button", { name: "Re-sign and send" }).click();
    await page.locator(".outcome", { hasText: "200" }).waitFor();
    expect(app.requests[0]?.body.toString()).toContain('"quantity":"2"');
  });
});
