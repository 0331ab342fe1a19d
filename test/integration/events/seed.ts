import { readDelivery, type Delivery, type HeaderPair, type Verification } from "../../../src/core/delivery.ts";
import type { ExchangeOutcome } from "../../../src/core/exchange.ts";
import { newId } from "../../../src/platform/ids.ts";
import { openStore } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";

export const APP_URL = "http://localhost:3000/hooks";
export const AT = Date.parse("2025-06-15T14:30:15Z");

export interface Seed {
  readonly event?: string;
  readonly resourceId?: string;
  readonly timestamp?: string;
  readonly at?: number;
  readonly path?: string;
  /** The URL that it was forwarded to. */
  readonly appUrl?: string;
  readonly body?: Buffer;
  readonly headers?: HeaderPair[];
  readonly status?: number;
  /** How long its answer took; the default is 2 ms. */
  readonly answeredAfterMs?: number;
  readonly app?: readonly ExchangeOutcome[];
  /** The app's response to the edited delivery. */
  readonly edited?: ExchangeOutcome;
  readonly verdict?: "verified" | "mismatch";
  readonly verification?: Verification;
}

export function answered(status: number, body: Buffer | string = "ok", headers: HeaderPair[] = []): ExchangeOutcome {
  const bytes = Buffer.from(body);
  return { kind: "answered", status, headers, body: bytes, bodyBytes: bytes.length, startedAt: AT, durationMs: 12 };
}

/** A home folder whose store contains these deliveries, in this order. */
export async function seedHome(
  seeds: readonly Seed[],
): Promise<{ env: Record<string, string>; deliveries: Delivery[] }> {
  const home = tempFolder();
  await using store = await openStore({ folder: home });
  const deliveries: Delivery[] = [];
  for (const [index, seed] of seeds.entries()) {
    const payload = {
      event: seed.event ?? "order.filled",
      timestamp: seed.timestamp ?? `2025-06-15T14:30:${String(index).padStart(2, "0")}Z`,
      data: { id: seed.resourceId ?? "ord_1" },
    };
    const delivery = readDelivery(newId("dlv"), {
      method: "POST",
      path: seed.path ?? "/webhooks/bluum?x=1",
      headers: seed.headers ?? [["Content-Type", "application/json"]],
      body: seed.body ?? Buffer.from(JSON.stringify(payload)),
      receivedAt: seed.at ?? AT + index * 1000,
    });
    deliveries.push(delivery);
    const recorded = await store.append(
      delivery,
      seed.verification ?? { verdict: seed.verdict ?? "verified" },
      "sandbox",
    );
    store.recordAnswer(recorded, { status: seed.status ?? 200, durationMs: seed.answeredAfterMs ?? 2 });
    for (const outcome of seed.app ?? []) {
      store.recordForward({ deliveryId: delivery.id, cause: "live", url: seed.appUrl ?? APP_URL, outcome });
    }
    if (seed.edited !== undefined) {
      store.recordForward({ deliveryId: delivery.id, cause: "edited", url: APP_URL, outcome: seed.edited });
    }
    await store.flush();
  }
  return { env: { BLUUM_HOOKS_HOME: home }, deliveries };
}
