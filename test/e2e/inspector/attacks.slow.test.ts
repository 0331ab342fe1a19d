import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { seedHome, type Seed } from "../../integration/events/seed.ts";
import { hasBrowser, newPage } from "../../support/browser.ts";
import { startInspect, type Inspected } from "../../support/inspector.ts";
import { openInspectorPage, rows } from "../../support/inspector-page.ts";

const SECRET = "order-that-nobody-else-may-see";
const MARKUP = `<img src=x onerror="document.title='owned'"></script><script>document.title='owned'</script>`;
const BODY = JSON.stringify({ event: "order.filled", data: { id: SECRET } });

interface Attack {
  readonly inspector: Inspected;
  /** A page of another port of this machine, in a browser that is signed in to the inspector. */
  readonly foreign: Page;
  readonly url: string;
}

/** The program that a foreign page runs; it returns all that it could read. */
const inForeignPage =
  (script: (url: string, inspector: Inspected) => string) =>
  async ({ foreign, url, inspector }: Attack): Promise<unknown> =>
    foreign.evaluate(`(async () => { ${script(url, inspector)} })().catch((error) => String(error))`);

const read = (init: string) => (url: string) =>
  `const response = await fetch("${url}/_inspector/deliveries", ${init}); return await response.text();`;

/** What a foreign page can try. Each returns what it has read. */
const ATTACKS: Readonly<Record<string, (attack: Attack) => Promise<unknown>>> = {
  "reads by a name that only resolves to this machine": async ({ foreign, inspector }) => {
    await foreign.goto(`http://rebound.test:${inspector.port}/`);
    return foreign.evaluate(`fetch("/_inspector/deliveries").then((response) => response.text()).catch(String)`);
  },
  "reads without credentials": inForeignPage(read("{}")),
  "reads with credentials": inForeignPage(read(`{ credentials: "include" }`)),
  "reads what no-cors lets through": inForeignPage(read(`{ mode: "no-cors", credentials: "include" }`)),
  "sends a form": inForeignPage(
    (url) => `
    const form = Object.assign(document.createElement("form"), {
      method: "post", enctype: "text/plain", action: "${url}/_inspector/deliveries/last/replay", target: "frame" });
    const frame = document.body.appendChild(Object.assign(document.createElement("iframe"), { name: "frame" }));
    document.body.append(form);
    const loaded = new Promise((resolve) => (frame.onload = resolve));
    form.submit();
    await loaded;
    return frame.contentDocument?.body?.textContent ?? "";`,
  ),
  "posts JSON with credentials": inForeignPage(
    (url) => `
    const response = await fetch("${url}/_inspector/deliveries/last/replay", {
      method: "POST", credentials: "include", headers: { "content-type": "application/json" }, body: "{}" });
    return await response.text();`,
  ),
  "posts text that is JSON": inForeignPage(
    (url) => `
    const response = await fetch("${url}/_inspector/deliveries/last/replay", {
      method: "POST", mode: "no-cors", credentials: "include", body: "{}" });
    return await response.text();`,
  ),
  "shows the page in a frame": inForeignPage(
    (url) => `
    const frame = document.createElement("iframe");
    const loaded = new Promise((resolve) => (frame.onload = resolve));
    frame.src = "${url}/d/last";
    document.body.append(frame);
    await loaded;
    return frame.contentDocument?.body?.textContent ?? "";`,
  ),
  "listens to the stream": inForeignPage(
    (url) => `
    const stream = new EventSource("${url}/_inspector/stream", { withCredentials: true });
    const event = await new Promise((resolve) => { stream.onopen = resolve; stream.onerror = resolve; });
    return event.type === "open" ? "${SECRET}" : "";`,
  ),
  "loads the export as a script": inForeignPage(
    (url) => `
    const script = document.createElement("script");
    const ended = new Promise((resolve) => { script.onload = resolve; script.onerror = resolve; });
    script.src = "${url}/_inspector/export?format=ndjson&redact=0";
    document.body.append(script);
    return (await ended).type === "load" ? "${SECRET}" : "";`,
  ),
  "opens a link without its token in another browser": async ({ url }) => {
    const stranger = await newPage();
    await stranger.goto(`${url}/d/last`);
    await stranger.getByRole("heading", { name: "Session ended" }).waitFor();
    return stranger.locator("body").innerText();
  },
  "uses a token of an earlier run": async ({ url }) => {
    const stranger = await newPage();
    await stranger.goto(`${url}/#AAAAAAAAAAAAAAAAAAAAAA`);
    await stranger.getByRole("heading", { name: "Session ended" }).waitFor();
    return stranger.locator("body").innerText();
  },
};

/** A page of another port, and an inspector that the same browser has opened before. */
async function prepare(): Promise<
  Attack & { readonly received: readonly string[]; readonly cookies: readonly string[] }
> {
  const received: string[] = [];
  const app = await serve((path) => received.push(path));
  const seed: Seed = { body: Buffer.from(BODY), appUrl: `${app}/hooks` };
  const { env } = await seedHome([
    { ...seed, app: [{ kind: "failed", reason: "refused", message: "", startedAt: 0, durationMs: 1 }] },
  ]);
  const inspector = await startInspect(env);
  const own = await openInspectorPage(inspector);
  await own.locator(".row[id]").waitFor();
  const cookies: string[] = [];
  const origin = await serve((_path, cookie) => cookies.push(cookie));
  const foreign = await own.context().newPage();
  await foreign.goto(`${origin}/api/`);
  return { inspector, foreign, url: `http://127.0.0.1:${inspector.port}`, received, cookies };
}

/** A server of another port, with an empty page. */
async function serve(onRequest: (path: string, cookie: string) => void): Promise<string> {
  const server = createServer((request, response) => {
    onRequest(request.url ?? "", request.headers.cookie ?? "");
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>foreign</title><body></body>");
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.skipIf(!hasBrowser)("a foreign page", () => {
  it.each(Object.entries(ATTACKS))("that %s reads nothing and changes nothing", async (_what, attack) => {
    const prepared = await prepare();
    expect(String(await attack(prepared))).not.toContain(SECRET);
    expect(prepared.received).toEqual([]);
    expect(prepared.cookies).toEqual(prepared.cookies.map(() => ""));
    const { attempts } = (await prepared.inspector.get("deliveries/last")).json();
    expect(attempts).toHaveLength(1);
  });
});

/** What a payload can try, and what the page shows of it. */
const PAYLOADS: Readonly<Record<string, { readonly seed: Seed; readonly shows: string }>> = {
  "markup in every field": {
    seed: {
      body: Buffer.from(
        JSON.stringify({ event: MARKUP, data: { id: MARKUP, [MARKUP]: MARKUP, url: "javascript:alert(1)" } }),
      ),
      headers: [["X-Attack", MARKUP]],
    },
    shows: MARKUP,
  },
  "JSON that is deeper than any stack": {
    seed: { body: Buffer.from(`{"event":"order.filled","data":${"[".repeat(100_000)}${"]".repeat(100_000)}}`) },
    shows: "order.filled",
  },
  "JSON of five megabytes": {
    seed: { body: Buffer.from(`{"event":"order.filled","data":{"id":"ord_1","pad":["${'x","'.repeat(1_250_000)}"]}}`) },
    shows: "order.filled",
  },
};

describe.skipIf(!hasBrowser)("a payload", () => {
  it.each(Object.entries(PAYLOADS))("with %s is only text", async (_what, { seed, shows }) => {
    const { env } = await seedHome([seed]);
    const page = await openInspectorPage(await startInspect(env));
    await rows(page).first().click();
    for (const tab of ["Payload", "Headers", "Signature", "Attempts", "Timeline", "Raw", "Hex"]) {
      await page.getByRole("tab", { name: tab }).click();
      await page.locator("#view").waitFor();
    }
    expect(await page.locator("img, iframe, .pane script, a[href^=javascript]").count()).toBe(0);
    expect(await page.title()).toBe("bluum-hooks inspector");
    expect(await page.locator(".pane h1").textContent()).toBe(shows);
  });

  it("cannot name the file that is downloaded", async () => {
    const { env, deliveries } = await seedHome([{ event: '../../"\r\n日本.sh', body: Buffer.from([0, 255, 1]) }]);
    const page = await openInspectorPage(await startInspect(env));
    await rows(page).first().click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator("a[download]").first().click()]);
    expect(download.suggestedFilename()).toContain(deliveries[0]?.id ?? "-");
    expect(download.suggestedFilename()).toMatch(/^[\w.-]+$/);
    expect(readFileSync(await download.path())).toEqual(Buffer.from([0, 255, 1]));
  });
});
