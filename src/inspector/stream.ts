import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { InspectorApi } from "./api.ts";
import type { Answers } from "./answers.ts";
import type { StreamEventName, StreamEvents } from "./contract.ts";

const TICK_MS = 15_000;
const COUNTS_MS = 500;
const RETRY_MS = 1_000;
/** Beyond this number of buffered bytes, a stream's reader has stalled. */
const MAX_WAITING_BYTES = 256 * 1024;
/** Each event is up to three places of the feed. A page that is further behind loads a new snapshot. */
const MAX_RESUMED = 3_000;
const MAX_BEHIND = 60_000;
/** A browser allows six connections to a server, for all its pages together. */
const MAX_STREAMS = 4;

/** Server-sent events of every open page. */
export class Streams {
  readonly #api: Pick<InspectorApi, "head" | "next">;
  readonly #answers: Answers;
  /** By session, the oldest first. */
  readonly #open = new Map<string, Set<Stream>>();

  constructor(api: Pick<InspectorApi, "head" | "next">, answers: Answers) {
    this.#api = api;
    this.#answers = answers;
  }

  /** Sends entries after the cursor until the reader disconnects. Rejects first if the filter is invalid. */
  async serve(response: ServerResponse, session: string, q: string, cursor: string | undefined): Promise<void> {
    const head = await this.#api.head();
    const after = cursor === undefined ? head : readCursor(cursor);
    const first = await this.#api.next({ ...FIRST, q, after: after ?? head });
    const stream = new Stream(response, this.#answers);
    const streams = this.#open.get(session) ?? new Set();
    this.#open.set(session, streams.add(stream));
    const [oldest] = streams;
    if (streams.size > MAX_STREAMS && oldest !== undefined) oldest.supersede();
    response.once("close", () => {
      streams.delete(stream);
      if (streams.size === 0) this.#open.delete(session);
    });
    stream.begin();
    if (after === undefined) stream.send("gap", { head }, head);
    await this.#follow(stream, q, first, after ?? head);
  }

  /** Ends every stream. */
  close(): void {
    for (const streams of this.#open.values()) for (const stream of streams) stream.end();
  }

  async #follow(
    stream: Stream,
    q: string,
    first: Awaited<ReturnType<InspectorApi["next"]>>,
    start: number,
  ): Promise<void> {
    let [after, countsAfter, countsAt, tickAt] = [start, -1, 0, performance.now() + TICK_MS];
    for (let batch = first; stream.isOpen;) {
      if (await stream.isHeldUp()) {
        // Entries that were not read in time are part of a new snapshot.
        after = await this.#api.head();
        stream.send("gap", { head: after }, after);
      } else {
        after = batch.head;
        if (batch.kind === "gap") stream.send("gap", { head: after }, after);
        else {
          if (batch.rows !== undefined) stream.send("rows", batch.rows, after);
          if (batch.update !== undefined) stream.send("update", batch.update, after);
          if (batch.counts !== undefined) {
            stream.send("counts", batch.counts, after);
            [countsAfter, countsAt] = [after, performance.now()];
          }
        }
      }
      const now = performance.now();
      if (now >= tickAt) {
        stream.send("tick", { head: after }, after);
        tickAt = now + TICK_MS;
      }
      const areCountsDue = now - countsAt >= COUNTS_MS;
      batch = await this.#api.next({
        q,
        after,
        maxBehind: MAX_BEHIND,
        countsAfter: areCountsDue ? countsAfter : null,
        waitMs: Math.min(tickAt - now, areCountsDue ? TICK_MS : COUNTS_MS),
      });
    }
  }
}

const FIRST = { maxBehind: MAX_RESUMED, countsAfter: null, waitMs: 0 };

/** The place in a cursor; undefined for an invalid one. */
function readCursor(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

class Stream {
  readonly #response: ServerResponse;
  readonly #answers: Answers;

  constructor(response: ServerResponse, answers: Answers) {
    this.#response = response;
    this.#answers = answers;
  }

  get isOpen(): boolean {
    return !this.#response.writableEnded && !this.#response.destroyed;
  }

  begin(): void {
    this.#response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" });
    // Otherwise a page would not know that it is connected before the first event.
    this.#response.flushHeaders();
    this.#response.write(`retry: ${RETRY_MS}\n\n`);
  }

  send<Name extends StreamEventName>(name: Name, data: StreamEvents[Name], place: number): void {
    if (!this.isOpen) return;
    this.#response.write(`id: ${place}\nevent: ${name}\ndata: ${this.#answers.text(JSON.stringify(data))}\n\n`);
  }

  /** Whether the reader had left too much unread; resolves once there is room. */
  async isHeldUp(): Promise<boolean> {
    const isFull = () => this.isOpen && this.#response.writableLength > MAX_WAITING_BYTES;
    if (!isFull()) return false;
    while (isFull()) {
      await Promise.race([
        once(this.#response, "drain"),
        once(this.#response, "close"),
        delay(TICK_MS, undefined, { ref: false }),
      ]);
    }
    return true;
  }

  supersede(): void {
    if (this.isOpen) this.#response.end("event: superseded\ndata: {}\n\n");
  }

  end(): void {
    this.#response.end();
  }
}
