// Creates the pictures of the documentation: a session with the emulator, and an app that makes mistakes, in the
// inspector. With a folder as its argument, it creates pictures of every view there instead, in both themes and two
// widths.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { root } from "./bundling.js";
import { findBrowser } from "./find-browser.js";

const BIN = join(root, "bin/bluum-hooks.js");
const [allViews] = process.argv.slice(2);
const home = mkdtempSync(join(tmpdir(), "bluum-hooks-pictures-"));
const env = { ...process.env, BLUUM_HOOKS_HOME: home, NO_COLOR: "1" };

/** Every view of the page; each begins where the previous one ended. */
const VIEWS = {
  list: async () => {},
  overview: async (page) => {
    const link = page.getByRole("button", { name: "Overview" });
    if (await link.isVisible()) await link.click();
    await page.locator(".tiles").waitFor();
  },
  payload: async (page) => {
    await page.keyboard.press("Escape");
    await show(page, "order.filled", "Payload");
  },
  headers: (page) => page.keyboard.press("2"),
  signature: (page) => page.keyboard.press("3"),
  attempts: (page) => page.keyboard.press("4"),
  timeline: async (page) => {
    await page.keyboard.press("5");
    await page.locator(".life").waitFor();
  },
  raw: (page) => page.keyboard.press("6"),
  hex: (page) => page.keyboard.press("7"),
  hidden: async (page) => {
    await page.keyboard.press("1");
    await page.getByRole("button", { name: "Hide personal data" }).click();
  },
  shortcuts: async (page) => {
    await page.getByRole("button", { name: "Hide personal data" }).click();
    await page.keyboard.press("?");
  },
  replay: async (page) => {
    await closeDialog(page);
    await page.keyboard.press("r");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Enter");
    await page.locator(".outcome .strong").waitFor();
  },
  edit: async (page) => {
    await closeDialog(page);
    await page.keyboard.press("e");
    await page.locator(".signature").first().waitFor();
  },
  trigger: async (page) => {
    await closeDialog(page);
    await page.keyboard.press("t");
    await page.getByRole("radio", { name: "event" }).check();
  },
  compare: async (page) => {
    await closeDialog(page);
    await page.keyboard.press("c");
    await page.keyboard.press("j");
    await page.locator("#view > *").first().waitFor();
    await page.keyboard.press("c");
    await page.locator(".differences").first().waitFor();
  },
  "no-match": async (page) => {
    await page.keyboard.press("Escape");
    await page.locator("#filter").fill("nothing-like-this");
    await page.locator(".notice").first().waitFor();
  },
  filter: async (page) => {
    await page.locator("#filter").fill("event:order.* s");
    await page.keyboard.press("ArrowDown");
  },
};

/** An app that refuses its first partial fills, and answers slowly. */
let requests = 0;
const app = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    requests += 1;
    const { event } = JSON.parse(Buffer.concat(chunks).toString());
    const isRefused = event === "order.partially_filled" && requests % 3 !== 0;
    const headers = { "content-type": "application/json" };
    setTimeout(
      () => {
        response.writeHead(isRefused ? 500 : 200, headers);
        response.end(isRefused ? '{"error":"no position for this order"}' : '{"received":true}');
      },
      4 + ((requests * 37) % 160),
    );
  });
});
app.listen(0, "127.0.0.1");
await once(app, "listening");
const forwardTo = String(app.address().port);

const listen = spawn(
  process.execPath,
  [BIN, "listen", "--env", "emulator", "--forward-to", forwardTo, "--port", "0", "--inspect-port", "0", "--json"],
  { env, stdio: ["ignore", "pipe", "inherit"] },
);
try {
  const ready = await firstRecord(listen.stdout, "ready");
  for (const args of steps()) await run(args);
  const browser = await chromium.launch({
    executablePath: findBrowser(),
    args: ["--no-sandbox", "--font-render-hinting=none", "--disable-lcd-text"],
  });
  if (allViews === undefined) await takePictures(browser, ready.inspectorUrl);
  else await takeAllViews(browser, ready.inspectorUrl, allViews);
  await browser.close();
} finally {
  listen.kill("SIGINT");
  await once(listen, "exit");
  app.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}

/** Successful orders and a deposit, and events that cause problems for handlers. */
function steps() {
  const order = (symbol, quantity) => ["order", "--symbol", symbol, "--qty", quantity, "--wait"];
  const event = (name, ...flags) => ["event", name, "--expect", "any", ...flags];
  return [
    order("PARTIAL", "4"),
    ["deposit", "--amount", "2500.00", "--wait", "transfer.deposit.initiated"],
    event("order.filled", "--stale"),
    order("MSFT", "10"),
    event("transfer.deposit.completed", "--duplicate"),
    event("order.canceled"),
    order("NVDA", "5"),
    event("order.accepted", "--tampered"),
    event("account.updated", "--unsigned"),
    event("document.rejected"),
    order("VTI", "1"),
  ];
}

async function run(args) {
  const child = spawn(process.execPath, [BIN, "trigger", ...args, "--env", "emulator", "--timeout", "15s"], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  await once(child, "exit");
}

/** The stream is read to its end, because a program whose output is not read would stop. */
function firstRecord(stream, type) {
  return new Promise((resolve, reject) => {
    let text = "";
    stream.on("data", (chunk) => {
      text += chunk;
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      const found = lines.map((line) => JSON.parse(line)).find((record) => record.type === type);
      if (found !== undefined) resolve(found);
    });
    stream.on("end", () => reject(new Error(`listen ended before its record "${type}"`)));
  });
}

async function closeDialog(page) {
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

async function open(browser, url, { width, height, scheme }) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, deviceScaleFactor: 1 });
  const page = await context.newPage();
  await page.goto(url);
  await page.locator(".row[id]").first().waitFor();
  return page;
}

async function show(page, event, tab) {
  await page.locator(".row[id]", { hasText: event }).first().click();
  await page.getByRole("tab", { name: tab }).click();
  await page.locator("#view > *").first().waitFor();
}

async function takePictures(browser, url) {
  const folder = join(root, "docs/pictures");
  mkdirSync(folder, { recursive: true });
  const size = { width: 1280, height: 720 };
  const light = await open(browser, url, { ...size, scheme: "light" });
  await show(light, "order.filled", "Payload");
  await light.mouse.move(0, 0);
  await light.screenshot({ path: join(folder, "inspector.png") });
  const dark = await open(browser, url, { ...size, scheme: "dark" });
  await dark.locator(".tiles").waitFor();
  await dark.screenshot({ path: join(folder, "inspector-overview.png") });
}

async function takeAllViews(browser, url, folder) {
  mkdirSync(folder, { recursive: true });
  for (const width of [1440, 768]) {
    for (const scheme of ["light", "dark"]) {
      const page = await open(browser, url, { width, height: 900, scheme });
      for (const [name, reach] of Object.entries(VIEWS)) {
        await reach(page);
        await page.evaluate("new Promise((resolve) => setTimeout(resolve, 250))");
        await page.screenshot({ path: join(folder, `${name}-${scheme}-${width}.png`) });
      }
      await page.context().close();
    }
  }
}
