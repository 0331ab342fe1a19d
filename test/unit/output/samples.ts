import { readDelivery, type HeaderPair, type StoredDelivery } from "../../../src/core/delivery.ts";
import type { ExchangeOutcome, ForwardCause } from "../../../src/core/exchange.ts";
import { type Fact, forwardFact } from "../../../src/core/facts.ts";
import type { Clock } from "../../../src/platform/clock.ts";
import { createRenderer } from "../../../src/output/live/renderer.ts";
import type { RendererOptions, Sink } from "../../../src/output/live/sink.ts";

export const AT = Date.parse("2025-06-15T14:30:15Z");

export function payload(event: string, data: object): Buffer {
  return Buffer.from(JSON.stringify({ event, timestamp: "2025-06-15T14:30:15Z", data }));
}

export const FILLED = payload("order.filled", {
  id: "ord_x9y8z7a6b5c4d3e2",
  symbol: "AAPL",
  side: "buy",
  filled_quantity: "10",
  average_price: "178.50",
});

export function delivery(body: Buffer = FILLED, changes: Partial<StoredDelivery> = {}): StoredDelivery {
  const request = { method: "POST", path: "/webhooks/bluum", headers: [], body, receivedAt: AT };
  return {
    ...readDelivery("dlv_1", request),
    verification: { verdict: "verified", scheme: "hex", header: "x-bluum-signature" },
    recurrence: { kind: "first", attempt: 1 },
    environment: "sandbox",
    seq: 1,
    ...changes,
  };
}

/** An attempt to forward `delivery()`: with a status and the app's response, or with the reason why there was none. */
export function forwarded(
  end: number | string,
  { cause = "live", body = "", headers = [] }: { cause?: ForwardCause; body?: string; headers?: HeaderPair[] } = {},
): Extract<Fact, { type: "forward" }> {
  const time = { startedAt: AT, durationMs: 12 };
  const bytes = Buffer.from(body);
  const outcome: ExchangeOutcome =
    typeof end === "number"
      ? { kind: "answered", ...time, status: end, headers, body: bytes, bodyBytes: bytes.length }
      : { kind: "failed", ...time, reason: "refused", message: end };
  const url = "http://127.0.0.1:3000/hooks";
  return { ...forwardFact({ deliveryId: "dlv_1", cause, url, outcome }, delivery()), at: AT };
}

export interface MemorySink extends Sink {
  readonly writes: string[];
  text(): string;
  /** The status line that a terminal shows below everything written. */
  shown: string;
}

export function memorySink(columns: number | null = null): MemorySink {
  const writes: string[] = [];
  return {
    writes,
    shown: "",
    ...(columns === null
      ? {}
      : {
          status(this: MemorySink, text: string) {
            this.shown = text;
          },
        }),
    write: (text) => void writes.push(text),
    text: () => writes.join(""),
    isTTY: columns !== null,
    columns: columns ?? 80,
  };
}

/** A clock that stands still until a test advances it. */
export function manualClock(): Clock & { advance(ms: number): Promise<void> } {
  let now = AT;
  let sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    sleep: (ms) => new Promise((wake) => void sleepers.push({ until: now + ms, wake })),
    async advance(ms) {
      now += ms;
      const due = sleepers.filter(({ until }) => until <= now);
      sleepers = sleepers.filter(({ until }) => until > now);
      for (const { wake } of due) wake();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export function startRenderer(options: Partial<Omit<RendererOptions, "stdout" | "stderr">> = {}, columns?: number) {
  const clock = manualClock();
  const stdout = memorySink(columns ?? null);
  const stderr = memorySink(columns ?? null);
  const defaults = { json: false, color: false, quiet: false, verbose: false, clock };
  return { clock, stdout, stderr, renderer: createRenderer({ ...defaults, ...options, stdout, stderr }) };
}
