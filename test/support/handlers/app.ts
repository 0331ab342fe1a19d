import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, RequestListener } from "node:http";

export interface AppEvent {
  readonly event: string;
  readonly timestamp: string;
  readonly data: { readonly id: string };
}

/** The app's data: the events it has seen, and what it did for them. `GET /state` shows the latter. */
export interface AppState {
  readonly seen: Set<string>;
  readonly done: { accepted: number; filled: number; others: number };
  queue: (() => void)[];
}

/** The decisions in which handlers differ; each bad handler makes one of them wrong. */
export interface Habits {
  isAuthentic(raw: Buffer, headers: IncomingHttpHeaders, secret: string): boolean;
  parse(raw: Buffer): AppEvent | undefined;
  isKnown(event: AppEvent): boolean;
  /** Whether to process the event; stores it. */
  isNew(event: AppEvent, state: AppState): boolean | Promise<boolean>;
  /** Queues the work; called before the response. */
  accept(event: AppEvent, state: AppState): void | Promise<void>;
}

/** A typical webhook handler with `node:http`, with a page that shows its state. */
export function createApp(habits: Habits, secret: string): RequestListener {
  const state: AppState = { seen: new Set(), done: { accepted: 0, filled: 0, others: 0 }, queue: [] };
  const pages: Readonly<Record<string, () => string>> = {
    "/state": () => JSON.stringify(state.done),
    "/state/total": () => String(total(state)),
    // Totals in floating point: 0.30000000000000004.
    "/state/money": () => String(Array.from({ length: total(state) }, () => 0.1).reduce((sum, each) => sum + each, 0)),
    "/state/words": () => "x".repeat(total(state)),
    "/state/fills": () => String(state.done.filled),
  };
  const receive = async (raw: Buffer, headers: IncomingHttpHeaders): Promise<[status: number, text: string]> => {
    if (headers["content-type"] !== "application/json") return [415, "JSON only"];
    if (raw.length === 0) return [400, "nothing there"];
    if (!habits.isAuthentic(raw, headers, secret)) return [401, "bad signature"];
    const event = habits.parse(raw);
    if (event === undefined) return [400, "malformed"];
    if (!habits.isKnown(event)) return [500, `cannot handle ${event.event}`];
    if (await habits.isNew(event, state)) await habits.accept(event, state);
    return [200, "ok"];
  };
  return (request, response) => {
    const page = request.method === "GET" ? pages[request.url ?? ""] : undefined;
    if (page !== undefined) {
      response.end(page());
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      void receive(Buffer.concat(chunks), request.headers).then(([status, text]) =>
        response.writeHead(status).end(text),
      );
    });
  };
}

function total({ done }: AppState): number {
  return done.accepted + done.filled + done.others;
}

/** The correct handler. */
export const GOOD: Habits = {
  isAuthentic: (raw, headers, secret) => isSigned(raw, headers, secret) && isFresh(headers),
  parse(raw) {
    try {
      return JSON.parse(raw.toString()) as AppEvent;
    } catch {
      return undefined;
    }
  },
  isKnown: () => true,
  isNew(event, { seen }) {
    const identity = `${event.event} ${event.data.id} ${event.timestamp}`;
    return !seen.has(identity) && seen.add(identity) !== undefined;
  },
  // It may answer as soon as the event is stored; the work is done afterwards.
  accept: (event, state) => void setTimeout(() => act(event, state), 3),
};

export function act({ event }: AppEvent, { done }: AppState): void {
  if (event === "order.accepted") done.accepted += 1;
  else if (event === "order.filled") done.filled += 1;
  else done.others += 1;
}

export function isSigned(raw: string | Buffer, headers: IncomingHttpHeaders, secret: string): boolean {
  const content = Buffer.concat([
    Buffer.from(`${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.`),
    Buffer.from(raw),
  ]);
  const expected = createHmac("sha256", Buffer.from(secret.replace("whsec_", ""), "base64"))
    .update(content)
    .digest();
  const given = Buffer.from(String(headers["webhook-signature"]).replace("v1,", ""), "base64");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

export function isFresh(headers: IncomingHttpHeaders): boolean {
  return Math.abs(Date.now() / 1000 - Number(headers["webhook-timestamp"])) < 300;
}
