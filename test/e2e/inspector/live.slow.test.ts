import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { seedHome } from "../../integration/events/seed.ts";
import { hasBrowser } from "../../support/browser.ts";
import { runInProcess } from "../../support/in-process.ts";
import { inspected, startInspect } from "../../support/inspector.ts";
import { arrive, events, openInspectorPage, rows } from "../../support/inspector-page.ts";
import { startListener, type Listener } from "../../support/listener.ts";
import { tempFolder } from "../../support/temp.ts";

/** A page that follows a store with one delivery, and others from before it was opened. */
async function openLive(others = 0) {
  const { env } = await seedHome([{ event: "order.accepted" }]);
  const home = env["BLUUM_HOOKS_HOME"] ?? "";
  const more = Array.from({ length: others }, () => ({ event: "order.accepted" }));
  if (others > 0) await arrive(home, more);
  const inspector = await startInspect(env);
  const page = await openInspectorPage(inspector);
  await connection(page, "Live");
  return { page, inspector, env, home };
}

async function connection(page: Page, words: string): Promise<void> {
  await page.locator(".connection", { hasText: words }).waitFor();
}

async function scroll(page: Page, top: number): Promise<void> {
  await page.evaluate(`document.querySelector(".list").scrollTo(0, ${top})`);
}

/** In a headless browser no page is ever hidden. */
async function setVisibility(page: Page, state: "hidden" | "visible"): Promise<void> {
  await page.evaluate(
    `Object.defineProperty(document, "visibilityState", { value: "${state}", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"))`,
  );
}

describe.skipIf(!hasBrowser)("what arrives while the page is open", () => {
  it("appears at the top of the list, and is counted", async () => {
    const { page, home } = await openLive();
    await arrive(home, [{ event: "order.filled" }]);
    await expect.poll(() => events(page)).toStrictEqual(["order.filled", "order.accepted"]);
    await expect.poll(() => page.locator(".chip", { hasText: "All" }).textContent()).toBe("All 2");
  });

  it("waits behind a button while the top is out of view, and nothing moves", async () => {
    const { page, home } = await openLive(150);
    await scroll(page, 1_600);
    const first = async () => rows(page).nth(10).getAttribute("id");
    await expect.poll(first).not.toBe(null);
    const before = await first();
    await arrive(home, [{ event: "order.filled" }, { event: "order.filled" }]);
    const button = page.getByRole("button", { name: "↑ 2 new" });
    await button.waitFor();
    expect(await first()).toBe(before);
    await button.click();
    await expect
      .poll(async () => (await events(page)).slice(0, 3))
      .toStrictEqual(["order.filled", "order.filled", "order.accepted"]);
    await button.waitFor({ state: "detached" });
  });

  it("waits behind the button if it is more than a person can follow, and none is missing then", async () => {
    const { page, home } = await openLive();
    await arrive(
      home,
      Array.from({ length: 500 }, () => ({})),
    );
    await expect.poll(() => page.locator(".chip", { hasText: "All" }).textContent()).toBe("All 501");
    await page.keyboard.press("g");
    await expect.poll(() => page.locator(".list").getAttribute("aria-rowcount")).toBe("501");
  });

  it("is not lost while the page is hidden", async () => {
    const { page, home } = await openLive();
    await setVisibility(page, "hidden");
    await connection(page, "Paused");
    await arrive(home, [{ event: "order.filled" }]);
    await setVisibility(page, "visible");
    await expect.poll(() => events(page)).toStrictEqual(["order.filled", "order.accepted"]);
  });

  it("is not lost while the inspector is restarted", async () => {
    const { page, inspector, env, home } = await openLive();
    await inspector.stop();
    await connection(page, "Reconnecting");
    await arrive(home, [{ event: "order.filled" }]);
    await startInspect(env, {}, ["--port", String(inspector.port)]);
    await connection(page, "Live");
    await expect.poll(() => events(page)).toStrictEqual(["order.filled", "order.accepted"]);
  });

  it("appears in a list of what failed once it is answered", async () => {
    const { page, home } = await openLive();
    await page.getByRole("button", { name: /^Failed/ }).click();
    await page.locator(".notice-title", { hasText: "No delivery matches" }).waitFor();
    await connection(page, "Live");
    await arrive(home, [{ event: "order.rejected", status: 500 }, { event: "order.filled" }]);
    await expect.poll(() => events(page)).toStrictEqual(["order.rejected"]);
  });

  it("is followed with the last valid filter while the filter is invalid", async () => {
    const { page, home } = await openLive();
    const refused: string[] = [];
    page.on("response", (response) => {
      if (response.status() === 400 && response.url().includes("/stream")) refused.push(response.url());
    });
    for (const invalid of ["status:422", "since:zz"]) {
      await page.locator("#filter").fill(invalid);
      await page.locator(".list .notice", { hasText: `invalid filter ${invalid}` }).waitFor();
    }
    await arrive(home, [{ event: "order.filled" }]);
    await expect.poll(() => page.locator(".chip", { hasText: "All" }).textContent()).toBe("All 2");
    await connection(page, "Live");
    expect(refused).toStrictEqual([]);
    await page.locator("#filter").fill("event:order.filled");
    await expect.poll(() => events(page)).toStrictEqual(["order.filled"]);
  });

  it("is shown in four windows at once; an older one pauses, and resumes when asked", async () => {
    const { page, home, inspector } = await openLive();
    const others: Page[] = [];
    for (let window = 0; window < 4; window += 1) {
      const other = await page.context().newPage();
      await other.goto(`http://127.0.0.1:${inspector.port}/`);
      await connection(other, "Live");
      others.push(other);
    }
    await connection(page, "Paused here");
    await arrive(home, [{ event: "order.filled" }]);
    await expect.poll(() => events(others[3]!)).toStrictEqual(["order.filled", "order.accepted"]);
    expect(await events(page)).toStrictEqual(["order.accepted"]);
    await page.getByRole("button", { name: "Resume" }).click();
    await expect.poll(() => events(page)).toStrictEqual(["order.filled", "order.accepted"]);
  });
});

describe.skipIf(!hasBrowser)("a listener that is restarted in a burst", () => {
  it("leaves the page with exactly what events list shows", async () => {
    const home = tempFolder();
    const env = { BLUUM_HOOKS_HOME: home };
    const listen = (port: string) => startListener(["--inspect-port", port], env);
    const burst = async (listener: Listener, name: string) =>
      Promise.all(Array.from({ length: 150 }, (_, index) => listener.deliver("order.filled", `ord_${name}_${index}`)));
    const first = await listen("0");
    const { inspectorUrl } = await first.record("ready");
    const inspector = inspected(String(inspectorUrl));
    const page = await openInspectorPage(inspector);
    await connection(page, "Live");
    await burst(first, "a");
    const cut = burst(first, "b").catch(() => []);
    await first.stop();
    await cut;
    await connection(page, "Reconnecting");
    const second = await listen(String(inspector.port));
    const rest = burst(second, "c");
    await connection(page, "Live");
    await rest;
    await second.stop();
    const third = await listen(String(inspector.port));
    await connection(page, "Live");
    const { stdout } = await runInProcess(["events", "list", "--limit", "1000", "--json"], env);
    const lines = stdout.split("\n").filter(Boolean);
    const listed = lines.map((line) => (JSON.parse(line) as { resourceId: string }).resourceId);
    expect(listed.length).toBeGreaterThanOrEqual(300);
    await page.keyboard.press("g");
    await expect.poll(() => page.locator(".list").getAttribute("aria-rowcount")).toBe(String(listed.length));
    expect((await allResources(page, listed.length)).toSorted()).toEqual(listed.toSorted());
    await third.stop();
  });
});

/** What the rows say, from the newest to the oldest. */
async function allResources(page: Page, total: number): Promise<string[]> {
  const found: string[] = [];
  for (let row = 1; row <= total; row += 1) {
    const cell = page.locator(`.row[id][aria-rowindex="${row}"] .resource`);
    if ((await cell.count()) === 0) await scroll(page, (row - 1) * 32);
    found.push((await cell.textContent()) ?? "");
  }
  return found;
}

describe.skipIf(!hasBrowser)("a long list", () => {
  it("reaches the oldest delivery, and keeps few rows in the page", async () => {
    const { page } = await openLive(2_000);
    await page.locator(".list").focus();
    await page.keyboard.press("G");
    await page.locator('.row[id][aria-rowindex="2001"] .event', { hasText: "order.accepted" }).waitFor();
    expect(await page.locator(".row").count()).toBeLessThan(80);
    await scroll(page, 32 * 1_000);
    await page.locator('.row[id][aria-rowindex="1001"]').waitFor();
  });
});
