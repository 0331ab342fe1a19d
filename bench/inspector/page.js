import { createHmac } from "node:crypto";
import { chromium } from "playwright-core";
import { findBrowser } from "../../scripts/find-browser.js";
import { median, p95, report, SECRET, sleep, start } from "./program.js";

const ROUNDS = 5;
const FRAMES = 300;
const JUMPS = 15;
const MOVES = 30;
const CALM = 250;
const PER_SECOND = 50;
const BURST = 20_000;
const CONNECTIONS = 50;
const PAIRS = 3;
const FAST_PER_SECOND = 1_000;
const FAST_MS = 8_000;

/** Opens the page, and returns it with the milliseconds until its rows are painted, the token exchanged. */
async function open(/** @type {import("playwright-core").Browser} */ browser, /** @type {string} */ url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const startedAt = performance.now();
  await page.goto(url);
  await page.locator(".row[id]").first().waitFor();
  return { page, ms: performance.now() - startedAt };
}

/** The page with stored deliveries: the time until it can be used, scrolling, and moving. */
export async function measurePages(/** @type {{ home: string, count: number }[]} */ stores) {
  const browser = await chromium.launch({ executablePath: findBrowser() ?? "", args: ["--no-sandbox"] });
  try {
    for (const { home, count } of stores) {
      const inspector = await start(home, ["inspect", "--port", "0"]);
      const name = `${count.toLocaleString("en-US")} deliveries:`;
      const times = [];
      let page;
      for (let round = 0; round < ROUNDS; round += 1) {
        const opened = await open(browser, inspector.inspectorUrl);
        times.push(opened.ms);
        await page?.context().close();
        page = opened.page;
      }
      report(`${name} list usable`, median(times), 1_000, "ms", `the first time ${Math.round(times[0] ?? 0)} ms`);
      if (page === undefined) continue;
      const frames = await page.evaluate(SCROLL, FRAMES);
      const gaps = (100 * frames.gaps) / FRAMES;
      report(
        `${name} frames while scrolling, median`,
        median(frames.ms),
        20,
        "ms",
        `p95 ${Math.round(p95(frames.ms))} ms`,
      );
      report(`${name} frames with rows that are not there`, gaps, 5, "%");
      report(
        `${name} to the oldest`,
        await timed(() => page.keyboard.press("G"), page.locator(`.row[id][aria-rowindex="${count}"]`)),
        150,
        "ms",
      );
      const jumps = [];
      for (let round = 1; round <= JUMPS; round += 1) {
        // Spread over the list, and never near the jump before.
        const row = Math.floor(count * ((round * 0.618) % 1));
        jumps.push(await timed(() => scrollTo(page, row), page.locator(`.row[id][aria-rowindex="${row + 5}"]`)));
      }
      report(`${name} jump anywhere, median`, median(jumps), 150, "ms", `p95 ${Math.round(p95(jumps))} ms`);
      const { rows } = await inspector.get("deliveries?limit=50");
      const moves = [];
      await page.keyboard.press("g");
      await page.locator('.row[id][aria-rowindex="1"]').waitFor();
      await page.keyboard.press("j");
      await page.keyboard.press("Enter");
      await page.locator(".facts", { hasText: rows[0].id }).waitFor();
      for (const { id } of rows.slice(1, MOVES)) {
        moves.push(await timed(() => page.keyboard.press("j"), page.locator(".facts", { hasText: id })));
      }
      report(`${name} j to the next detail, median`, median(moves), 150, "ms", `p95 ${Math.round(p95(moves))} ms`);
      const { megabytes, nodes } = await memoryOf(page);
      report(`${name} memory after all of this`, megabytes, 8, "MB");
      report(`${name} nodes after all of this`, nodes, 3_000, "");
      await page.context().close();
      await inspector.stop();
    }
  } finally {
    await browser.close();
  }
}

async function timed(/** @type {() => Promise<void>} */ act, /** @type {import("playwright-core").Locator} */ shown) {
  const startedAt = performance.now();
  await act();
  await shown.waitFor();
  return performance.now() - startedAt;
}

/** Scrolls twenty rows in each frame. */
const SCROLL = async (/** @type {number} */ frames) => {
  const list = document.querySelector(".list");
  const ms = [];
  let gaps = 0;
  let before = await new Promise(requestAnimationFrame);
  for (let frame = 0; frame < frames; frame += 1) {
    list?.scrollBy(0, 640);
    const now = await new Promise(requestAnimationFrame);
    ms.push(now - before);
    before = now;
    if (document.querySelector(".row.loading") !== null) gaps += 1;
  }
  return { ms, gaps };
};

/** What arrives while the page is open: the time until it is painted, a burst, and the memory of the page. */
export async function measureArrivals(/** @type {string} */ folder) {
  const browser = await chromium.launch({ executablePath: findBrowser() ?? "", args: ["--no-sandbox"] });
  const listener = await start(folder, ["listen", "--no-register", "--port", "0", "--inspect-port", "0"]);
  try {
    let sent = 0;
    const post = async () => {
      sent += 1;
      const body = `{"event":"order.filled","timestamp":"2025-06-15T14:30:15Z","data":{"id":"ord_${sent}"}}`;
      // The quota for deliveries without a valid signature would delete them.
      const signature = `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`;
      const headers = { "content-type": "application/json", "x-bluum-signature": signature };
      const startedAt = performance.now();
      const response = await fetch(listener.localUrl, { method: "POST", headers, body });
      await response.arrayBuffer();
      return { ms: performance.now() - startedAt, ok: response.ok };
    };
    const burst = async () => {
      const answers = [];
      let left = BURST;
      await Promise.all(
        Array.from({ length: CONNECTIONS }, async () => {
          while (left > 0) {
            left -= 1;
            answers.push(await post());
          }
        }),
      );
      if (!answers.every(({ ok }) => ok)) throw new Error("a delivery was not accepted");
      return answers.map(({ ms }) => ms);
    };
    await post();
    const { page } = await open(browser, listener.inspectorUrl);
    await page.locator(".connection", { hasText: "Live" }).waitFor();
    await page.evaluate(WATCH);
    const postedAt = new Map();
    for (let count = 0; count < CALM; count += 1) {
      postedAt.set(`ord_${sent + 1}`, Date.now());
      void post();
      await sleep(1_000 / PER_SECOND);
    }
    await sleep(1_000);
    const painted = await page.evaluate("[...painted]");
    const waits = painted.flatMap(([id, at]) => (postedAt.has(id) ? [at - postedAt.get(id)] : []));
    report("POST to painted row, median", median(waits), 80, "ms", `${waits.length} of ${CALM} rows`);
    report("POST to painted row, p95", p95(waits), 150, "ms");

    await page.keyboard.press("g");
    const before = await memoryOf(page);
    const first = await burst();
    const total = String(sent);
    await until(page, `document.querySelector(".chip .count").textContent.replaceAll(",", "") === "${total}"`);
    await page.keyboard.press("g");
    await until(page, `document.querySelector(".list").getAttribute("aria-rowcount") === "${total}"`);
    console.log(`${"burst while the page is open".padEnd(46)} none of ${sent} deliveries is missing in the list`);
    const after = await memoryOf(page);
    report("memory of the page after the burst", after.megabytes, 8, "MB", `${before.megabytes.toFixed(1)} MB before`);
    report("nodes of the page after the burst", after.nodes, 3_000, "", `${before.nodes} before`);
    await measureFast(page, post, () => sent);
    await page.context().close();
    // In turns, because the bursts of a process become faster.
    const [closed, opened] = [[], []];
    for (let pair = 0; pair < PAIRS; pair += 1) {
      closed.push(await burst());
      const next = await open(browser, listener.inspectorUrl);
      opened.push(await burst());
      await next.page.context().close();
    }
    const compared = (/** @type {(ms: number[]) => number} */ of) => median(opened.map(of)) / median(closed.map(of));
    report(
      "answers in a burst with a page, to none: median",
      compared(median),
      1.1,
      "×",
      `${median(closed.map(median)).toFixed(1)} ms without`,
    );
    report(
      "answers in a burst with a page, to none: p95",
      compared(p95),
      1.1,
      "×",
      `${median(closed.map(p95)).toFixed(1)} ms without; the first burst ${(median(first) / median(closed.map(median))).toFixed(2)} ×`,
    );
  } finally {
    await browser.close();
    await listener.stop();
  }
}

/** A thousand deliveries a second: the frames meanwhile, and when the page has counted the last one. */
async function measureFast(
  /** @type {import("playwright-core").Page} */ page,
  /** @type {() => Promise<unknown>} */ post,
  /** @type {() => number} */ total,
) {
  await page.evaluate(FRAMES_BEGIN);
  const startedAt = performance.now();
  const answers = [];
  for (let count = 0; count < (FAST_PER_SECOND * FAST_MS) / 1_000;) {
    const due = ((performance.now() - startedAt) * FAST_PER_SECOND) / 1_000;
    for (; count < due; count += 1) answers.push(post());
    await sleep(1);
  }
  await Promise.all(answers);
  const endedAt = performance.now();
  await until(page, `document.querySelector(".chip .count").textContent.replaceAll(",", "") === "${total()}"`);
  const counted = performance.now() - endedAt;
  /** @type {number[]} */
  const frames = await page.evaluate("globalThis.framesEnd()");
  report("1,000 a second: frames, p95", p95(frames), 34, "ms", `median ${Math.round(median(frames))} ms`);
  report("1,000 a second: counted after the last answer", counted, 1_000, "ms");
}

/** Collects the milliseconds of each frame. */
const FRAMES_BEGIN = `
  globalThis.frames = [];
  let last = performance.now();
  let isOver = false;
  const next = () => requestAnimationFrame((now) => {
    frames.push(now - last);
    last = now;
    if (!isOver) next();
  });
  next();
  globalThis.framesEnd = () => {
    isOver = true;
    return frames.slice(1);
  };
`;

async function memoryOf(/** @type {import("playwright-core").Page} */ page) {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.enable");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const { nodes } = await session.send("Memory.getDOMCounters");
  await session.detach();
  return { megabytes: usedSize / 1e6, nodes };
}

/** Shows the row with this index at the top. */
async function scrollTo(/** @type {import("playwright-core").Page} */ page, /** @type {number} */ row) {
  await page.evaluate(`document.querySelector(".list").scrollTo(0, ${row * 32})`);
}

/** Waits for a condition; the page's policy forbids to evaluate a text in it. */
async function until(/** @type {import("playwright-core").Page} */ page, /** @type {string} */ condition) {
  while (!(await page.evaluate(condition))) await sleep(50);
}

/** Records when the row of each order was painted first. */
const WATCH = `
  globalThis.painted = new Map();
  const look = () => requestAnimationFrame(() => setTimeout(() => {
    // More than three at once wait behind the button.
    document.querySelector(".button.new")?.click();
    for (const cell of document.querySelectorAll(".row[id] .resource")) {
      if (!painted.has(cell.textContent)) painted.set(cell.textContent, Date.now());
    }
  }));
  look();
  new MutationObserver(look).observe(document.querySelector(".left"), { childList: true, subtree: true, characterData: true });
`;
