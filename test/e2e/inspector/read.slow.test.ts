import { describe, expect, it } from "vitest";
import { answered, seedHome, type Seed } from "../../integration/events/seed.ts";
import { hasBrowser } from "../../support/browser.ts";
import { startInspect } from "../../support/inspector.ts";
import { events, openInspectorPage, rows } from "../../support/inspector-page.ts";

const BODY = `{"event":"order.filled","timestamp":"2025-06-15T14:30:00Z","data":{"id":"ord_9","quantity":136.0,
"sequence":1152921506151679042,"fee":1E-2,"10":1,"2":2,"10":3,"holder":"Jane Roe","symbol":"AAPL"}}`;

async function openWith(seeds: readonly Seed[], path?: string) {
  const { env, deliveries } = await seedHome(seeds);
  const inspector = await startInspect(env);
  const page = await openInspectorPage(inspector, path === undefined ? {} : { path });
  return { page, inspector, deliveries, ids: deliveries.map(({ id }) => id) };
}

describe.skipIf(!hasBrowser)("the page of the inspector", () => {
  it("removes the token from the address, and lists deliveries, newest first", async () => {
    const { page, inspector } = await openWith([{ event: "order.accepted" }, { event: "order.filled" }]);
    expect(await events(page)).toStrictEqual(["order.filled", "order.accepted"]);
    expect(page.url()).toBe(`http://127.0.0.1:${inspector.port}/`);
    await page.goBack();
    expect(page.url()).not.toContain(inspector.token);
  });

  it("shows every number and name as it was sent", async () => {
    const { page } = await openWith([{ body: Buffer.from(BODY) }]);
    await rows(page).first().click();
    const lines = await page.locator(".line").allTextContents();
    expect(lines).toContain('"quantity": 136.0,');
    expect(lines).toContain('"sequence": 1152921506151679042,');
    expect(lines).toContain('"fee": 1E-2,');
    expect(lines.filter((line) => line.startsWith('"10"'))).toStrictEqual(['"10": 1,', '"10": 3,']);
  });

  it("opens a delivery by its address, and says that one is gone", async () => {
    const { page, ids, inspector } = await openWith([{ event: "order.accepted" }, {}], "/d/last");
    await page.locator(".facts").waitFor();
    await expect.poll(() => page.url()).toBe(`http://127.0.0.1:${inspector.port}/d/${ids[1]}`);
    await page.goto(`http://127.0.0.1:${inspector.port}/d/dlv_gone`);
    await page.getByText("Cannot show this delivery").waitFor();
  });

  it("shows the life of an order, with what came out of order", async () => {
    const { page } = await openWith([
      { event: "order.filled", resourceId: "ord_7", timestamp: "2025-06-15T14:30:09Z" },
      { event: "order.accepted", resourceId: "ord_7", timestamp: "2025-06-15T14:30:01Z" },
    ]);
    await rows(page).first().click();
    await page.locator(".facts .link", { hasText: "ord_7" }).click();
    await page.locator(".life").waitFor();
    expect(page.url()).toMatch(/\/r\/ord_7$/);
    expect(await page.locator(".life .event").allTextContents()).toStrictEqual(["order.filled", "order.accepted"]);
    expect(await page.locator(".life .tag").allTextContents()).toContain("out of order");
    await page.locator(".remark-box", { hasText: "arrived before" }).waitFor();
  });

  it("compares two deliveries by path, with values as written", async () => {
    const body = (price: string) => Buffer.from(`{"event":"order.filled","data":{"id":"ord_1","price":${price}}}`);
    const { page, inspector, ids } = await openWith([{ body: body("1.0") }, { body: body("1.00") }]);
    // The older one is on the left, in whichever order they were chosen.
    await page.goto(`http://127.0.0.1:${inspector.port}/compare/${ids[1]}/${ids[0]}`);
    const row = page.locator(".differences tr[data-kind=changed]").first();
    await row.waitFor();
    expect(await row.locator("th, td").allTextContents()).toStrictEqual(["data.price", "1.0", "1.00"]);
    expect((await page.locator(".differences thead").first().innerText()).split(/\s+/)).toEqual(
      expect.arrayContaining(["Older", "Newer"]),
    );
  });

  it("has the focus after a delivery is compared with the marked one", async () => {
    const { page } = await openWith([{}, {}]);
    await rows(page).nth(0).click();
    await page.getByRole("button", { name: "Compare" }).click();
    await rows(page).nth(1).click();
    await page.getByRole("button", { name: "Compare with marked" }).click();
    await page.getByRole("region", { name: "Differences" }).waitFor();
    await expect.poll(() => page.evaluate("document.activeElement.className")).toBe("view");
  });

  it("never cuts the end of a resource's ID, and shows all of it where there is room", async () => {
    const resourceId = "ord_hlxmfbq7t2c3vtnl";
    const { page } = await openWith([{ resourceId }]);
    const cell = page.locator(".row .resource");
    const isCut = async () =>
      page.evaluate<boolean>(
        `(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)(document.querySelector(".id-head"))`,
      );
    for (const [width, cut] of [
      [1_440, false],
      [1_200, true],
    ] as const) {
      await page.setViewportSize({ width, height: 800 });
      await expect.poll(isCut).toBe(cut);
      const isWithin = `((cell) => cell.scrollWidth <= cell.clientWidth)(document.querySelector(".row .resource"))`;
      expect(await page.evaluate(isWithin)).toBe(true);
    }
    expect([await cell.textContent(), await cell.getAttribute("title")]).toStrictEqual([resourceId, resourceId]);
  });

  it("says whose time each duration is, and leads from the app's status to the attempts", async () => {
    const { page } = await openWith([{ status: 422, answeredAfterMs: 40, app: [answered(422)] }]);
    expect(await page.locator(".row .duration").getAttribute("title")).toBe("The time until the sender was answered");
    await rows(page).first().click();
    await page.locator(".facts dd", { hasText: "422 after 40 ms" }).waitFor();
    await page.locator(".facts dd", { hasText: "422 in 12 ms" }).getByRole("button").click();
    await expect.poll(() => page.locator("#tab-attempts").getAttribute("aria-selected")).toBe("true");
  });

  it("hides personal data until it is shown, one value at a time", async () => {
    const { page } = await openWith([{ body: Buffer.from(BODY) }]);
    await page.getByRole("button", { name: "Hide personal data" }).click();
    await rows(page).first().click();
    await page.locator(".line").first().waitFor();
    expect(await page.locator("#view").innerText()).not.toContain("Jane Roe");
    expect(await page.locator("#view").innerText()).toContain("AAPL");
    await page.keyboard.press("6");
    await page.locator("pre.raw").waitFor();
    expect(await page.locator("#view").innerText()).not.toContain("Jane");
    await page.keyboard.press("7");
    await page.locator(".hex").waitFor();
    expect(await page.locator(".hex-text").allInnerTexts()).not.toContain("Jane");
    await page.keyboard.press("1");
    await page.locator(".line", { hasText: "holder" }).getByRole("button").click();
    expect(await page.locator("#view").innerText()).toContain("Jane Roe");
  });

  it("says that personal data is hidden, and in which payload there is none", async () => {
    const { page } = await openWith([
      {
        event: "document.rejected",
        body: Buffer.from('{"event":"document.rejected","data":{"reason":"Jane Roe left"}}'),
      },
      {
        body: Buffer.from('{"event":"order.filled","data":{"id":"ord_1","filled_quantity":"2","average_price":"1.5"}}'),
      },
    ]);
    await page.getByRole("button", { name: "Hide personal data" }).click();
    await page.locator(".top", { hasText: "Personal data hidden" }).waitFor();
    expect(await page.locator(".row .summary").allTextContents()).toStrictEqual(["filled 2 @ 1.5", "••••••"]);
    await rows(page).nth(0).click();
    await page.getByText("Personal data is hidden: this payload has none").waitFor();
    await rows(page).nth(1).click();
    await page.getByText("Personal data is hidden: 1 value of this payload").waitFor();
  });

  it("keeps the chosen view for the next delivery", async () => {
    const { page } = await openWith([{ headers: [["x-one", "1"]] }, { headers: [["x-two", "2"]] }]);
    await rows(page).nth(0).click();
    await page.getByRole("tab", { name: "Headers" }).click();
    await page.locator("#view", { hasText: "x-two" }).waitFor();
    await rows(page).nth(1).click();
    await page.locator("#view", { hasText: "x-one" }).waitFor();
    await page.keyboard.press("Escape");
    await rows(page).nth(0).click();
    await expect.poll(() => page.locator("#view").innerText()).toContain("x-two");
  });

  it("shows bodies that are binary, empty or not JSON", async () => {
    const { page } = await openWith([
      { body: Buffer.from([0, 255, 1, 254]) },
      { body: Buffer.alloc(0) },
      { body: Buffer.from("order=1") },
    ]);
    await rows(page).nth(0).click();
    await page.locator("pre.raw", { hasText: "order=1" }).waitFor();
    await rows(page).nth(1).click();
    await page.locator("#view", { hasText: "Empty body" }).waitFor();
    await rows(page).nth(2).click();
    await expect
      .poll(() => page.locator(".hex-line").allInnerTexts())
      .toStrictEqual([expect.stringContaining("00 ff 01 fe")]);
  });

  it("keeps the filter in the address, and clears it with Esc", async () => {
    const { page } = await openWith([{ event: "order.accepted", status: 500 }, { event: "order.filled" }]);
    await page.getByRole("button", { name: /^Failed/ }).click();
    await expect.poll(() => events(page)).toStrictEqual(["order.accepted"]);
    expect(page.url()).toMatch(/\?q=status%3Afailed$/);
    await page.reload();
    await expect.poll(() => events(page)).toStrictEqual(["order.accepted"]);
    await page.locator("#filter").fill("event:transfer.*");
    await page.locator(".notice-title", { hasText: "No delivery matches" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => events(page)).toHaveLength(2);
  });

  it("says what is wrong with a filter, once, and keeps the overview", async () => {
    const { page } = await openWith([{}]);
    const overview = page.getByRole("region", { name: "Overview" }).locator(".stack");
    await overview.waitFor();
    await page.locator("#filter").fill("status:perhaps");
    await expect.poll(() => page.locator(".list .notice").innerText()).toContain("invalid filter status:perhaps");
    expect([await overview.count(), await page.locator(".notice").count()]).toStrictEqual([1, 1]);
  });

  it("says how to cause an event while there is none", async () => {
    const { page } = await openWith([]);
    expect(await page.locator(".notice").innerText()).toContain("No deliveries yet");
    expect(await page.locator(".notice .command").innerText()).toMatch(/^bluum-hooks /);
  });

  it("says that the session has ended without its cookie", async () => {
    const { page } = await openWith([{}]);
    await page.context().clearCookies();
    await page.reload();
    await expect.poll(() => page.locator("h1").allTextContents()).toStrictEqual(["Session ended"]);
  });
});
