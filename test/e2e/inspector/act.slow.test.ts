import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { seedHome, type Seed } from "../../integration/events/seed.ts";
import { hasBrowser } from "../../support/browser.ts";
import { startInspect } from "../../support/inspector.ts";
import { openInspectorPage, rows } from "../../support/inspector-page.ts";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An app on this machine, with its received requests. */
async function startApp(): Promise<{ url: string; port: number; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.end('{"ok":true}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hooks`, port, received };
}

const BODY = '{"event":"order.filled","data":{"id":"ord_1","quantity":1.0,"holder":"Jane Roe"}}';
const SECRET = `whsec_${Buffer.from("an example that signs a body").toString("base64")}`;

async function openOne(seed: Seed = {}) {
  const { env, deliveries } = await seedHome([{ body: Buffer.from(BODY), ...seed }]);
  const page = await openInspectorPage(await startInspect({ ...env, BLUUM_WEBHOOK_SECRET: SECRET }));
  await rows(page).first().click();
  await page.locator(".facts").waitFor();
  return { page, id: deliveries[0]?.id ?? "" };
}

/** The part of a text field that a test uses in the page. */
interface Field {
  value: string;
  dispatchEvent(event: Event): boolean;
  closest(selector: string): { querySelector(selector: string): { click(): void } };
}

describe.skipIf(!hasBrowser)("acting on a delivery", () => {
  it("replays it byte for byte with two keys, and shows the answer", async () => {
    const app = await startApp();
    const { page } = await openOne();
    await page.keyboard.press("r");
    await page.getByLabel("Port or URL of your app").fill(app.url);
    await page.keyboard.press("Enter");
    await page.locator(".outcome", { hasText: "200" }).waitFor();
    expect(app.received.map(({ body }) => body)).toStrictEqual([BODY]);
    await page.getByRole("button", { name: "Show the answer" }).click();
    await page.locator(".attempt", { hasText: "replay" }).waitFor();
    await page.locator(".line", { hasText: '"ok": true' }).waitFor();
  });

  it("asks before it sends to another machine", async () => {
    const { page } = await openOne();
    await page.keyboard.press("r");
    await page.getByLabel("Port or URL of your app").fill("http://staging.invalid/hooks");
    await page.keyboard.press("Enter");
    await page.getByText("staging.invalid is not on this machine", { exact: false }).waitFor();
    await page.getByRole("button", { name: "Send to staging.invalid" }).click();
    await expect.poll(() => page.locator(".outcome").innerText()).toMatch(/dns|ENOTFOUND|lookup/i);
  });

  it("sends an edited body with a signature of its own, and shows both", async () => {
    const app = await startApp();
    const { page } = await openOne();
    await page.keyboard.press("e");
    const editor = page.getByLabel("Body");
    await editor.fill(BODY.replace("1.0", "2"));
    const signature = page.locator(".signature").nth(1);
    await expect.poll(() => signature.locator("p").innerText()).toContain("Will be sent");
    expect(await signature.innerText()).not.toContain("evt_");
    await page.getByLabel("Port or URL of your app").fill(app.url);
    await page.getByRole("button", { name: "Re-sign and send" }).click();
    await page.locator(".outcome", { hasText: "200" }).waitFor();
    expect(app.received[0]?.body).toBe(BODY.replace("1.0", "2"));
    await expect.poll(() => signature.locator("p").innerText()).toMatch(/^Sent/);
    expect(await signature.innerText()).toContain(String(app.received[0]?.headers["webhook-id"]));
    await page.getByRole("button", { name: "Show the answer" }).click();
    const difference = page.locator(".differences tr", { hasText: "data.quantity" });
    expect(await difference.locator("td").allInnerTexts()).toStrictEqual(["1.0", "2"]);
    await page.getByText("Payload that was sent").click();
    await page.locator("details .line", { hasText: '"quantity": 2' }).waitFor();
  });

  it("keeps an edited body while the dialog is closed, until it is sent", async () => {
    const app = await startApp();
    const { page } = await openOne();
    const editor = page.getByLabel("Body");
    const edited = BODY.replace("1.0", "2");
    await page.keyboard.press("e");
    await editor.fill(edited);
    await page.keyboard.press("Escape");
    await editor.waitFor({ state: "detached" });
    await page.keyboard.press("e");
    expect(await editor.inputValue()).toBe(edited);
    await page.getByLabel("Port or URL of your app").fill(app.url);
    await page.getByRole("button", { name: "Re-sign and send" }).click();
    await page.locator(".outcome", { hasText: "200" }).waitFor();
    await page.keyboard.press("Escape");
    await editor.waitFor({ state: "detached" });
    await page.keyboard.press("e");
    expect(await editor.inputValue()).toBe(BODY);
  });

  it("keeps the last change if the dialog is closed before the next frame", async () => {
    const { page } = await openOne();
    const edited = BODY.replace("1.0", "3");
    await page.keyboard.press("e");
    const editor = page.getByLabel("Body");
    await editor.evaluate((element, text) => {
      const field = element as unknown as Field;
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.closest("dialog").querySelector("[aria-label=Close]").click();
    }, edited);
    await editor.waitFor({ state: "detached" });
    await page.keyboard.press("e");
    await editor.waitFor();
    expect(await editor.inputValue()).toBe(edited);
  });

  it("says that the signature has expired, unless it is re-signed", async () => {
    const signedAt = Date.parse("2025-06-15T14:30:15Z") / 1_000;
    const { page } = await openOne({
      headers: [
        ["webhook-id", "evt_1"],
        ["webhook-timestamp", String(signedAt)],
        ["webhook-signature", `v1,${Buffer.alloc(32).toString("base64")}`],
      ],
    });
    await page.keyboard.press("r");
    const warning = page.getByText("This signature has expired", { exact: false });
    await expect.poll(async () => warning.count()).toBe(1);
    await page.getByLabel("Re-sign with the current time").check();
    await expect.poll(async () => warning.count()).toBe(0);
  });

  it("says where an edited body is not JSON, and restores the original", async () => {
    const { page } = await openOne();
    await page.keyboard.press("e");
    const editor = page.getByLabel("Body");
    await editor.fill('{\n"a" 1}');
    await page.getByText("Not JSON: unexpected number in line 2").waitFor();
    await page.getByRole("button", { name: "Original" }).click();
    expect(await editor.inputValue()).toBe(BODY);
  });

  it("keeps the focus on the button that sends, while it sends and afterwards", async () => {
    const app = await startApp();
    const { page } = await openOne();
    for (const [key, action] of [
      ["r", "Replay"],
      ["e", "Re-sign and send"],
    ] as const) {
      await page.keyboard.press(key);
      await page.getByLabel("Port or URL of your app").fill(app.url);
      await page.locator(".modal-actions").getByRole("button", { name: action }).click();
      await page.locator(".outcome", { hasText: "200" }).waitFor();
      expect(await page.evaluate("document.activeElement.type")).toBe("submit");
      await page.keyboard.press("Escape");
    }
  });

  it("copies it as curl, redacted", async () => {
    const { page } = await openOne();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.keyboard.press("Y");
    await page.getByText("curl command copied, redacted").waitFor();
    const copied = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(copied).toContain("curl");
    expect(copied).not.toContain("Jane Roe");
  });

  it("exports what the filter lets through, redacted unless that is switched off", async () => {
    const { page, id } = await openOne();
    const exported = async () => {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "Export" }).click(),
      ]);
      return readFileSync(await download.path(), "utf8");
    };
    await page.getByRole("button", { name: "Export" }).click();
    const redacted = await exported();
    expect(redacted).toContain(id);
    expect(redacted).not.toContain("Jane Roe");
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByLabel("Redact personal data").uncheck();
    expect(await exported()).toContain("Jane Roe");
  });

  it("sends again what the app has never accepted", async () => {
    const app = await startApp();
    const { page } = await openOne({
      appUrl: app.url,
      status: 500,
      app: [
        {
          kind: "answered",
          status: 500,
          headers: [],
          body: Buffer.alloc(0),
          bodyBytes: 0,
          startedAt: 0,
          durationMs: 1,
        },
      ],
    });
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Replay failed" }).click();
    await page.getByText("1 event sent, 1 accepted").waitFor();
    expect(app.received).toHaveLength(1);
  });
});
