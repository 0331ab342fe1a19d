import type { Page } from "playwright-core";
import { openStore } from "../../src/store/store.ts";
import { readDelivery, type HeaderPair } from "../../src/core/delivery.ts";
import { newId } from "../../src/platform/ids.ts";
import { newPage, type Look } from "./browser.ts";
import type { Inspected } from "./inspector.ts";

/** The page of an inspector, opened with the URL that `listen` prints, once its list is there. */
export async function openInspectorPage(
  { port, token }: Inspected,
  look: Look & { path?: string } = {},
): Promise<Page> {
  const page = await newPage(look);
  await page.goto(`http://127.0.0.1:${port}${look.path ?? "/"}#${token}`);
  await page.locator(".list[aria-busy=false]").waitFor({ state: "attached" });
  return page;
}

export const rows = (page: Page) => page.locator(".row[id]");

/** What the first rows say happened. */
export async function events(page: Page): Promise<string[]> {
  return page.locator(".row[id] .event").allTextContents();
}

const JSON_HEADERS: HeaderPair[] = [["Content-Type", "application/json"]];

export interface Arrival {
  readonly event?: string;
  readonly body?: string;
  readonly headers?: HeaderPair[];
  readonly status?: number;
}

/** Deliveries that arrive while the page is open, stored as another process does. */
export async function arrive(home: string, arrivals: readonly Arrival[]): Promise<void> {
  await using store = await openStore({ folder: home });
  const stored = arrivals.map(async ({ event = "order.filled", body, headers = JSON_HEADERS, status }) => {
    const id = newId("dlv");
    const data = { id: `ord_${id.slice(4)}` };
    const delivery = readDelivery(id, {
      method: "POST",
      path: "/webhooks/bluum",
      headers,
      body: Buffer.from(body ?? JSON.stringify({ event, timestamp: "2025-06-15T14:31:00Z", data })),
      receivedAt: Date.parse("2025-06-15T14:31:00Z"),
    });
    const recorded = await store.append(delivery, { verdict: "verified" }, "sandbox");
    store.recordAnswer(recorded, { status: status ?? 200, durationMs: 3 });
  });
  await Promise.all(stored);
  await store.flush();
}
