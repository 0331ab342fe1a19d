import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "../../core/errors.ts";
import type { Counts, DeliveryPage, Detail, FailedPlace, Row, Timeline } from "../../inspector/contract.ts";
import { timelineDocument } from "../../output/reports/timeline-report.ts";
import type { Database } from "../../store/database.ts";
import { lastPlace } from "../../store/feed.ts";
import { storeFile } from "../../store/file.ts";
import { connectToRead, type ReadConnection } from "../../store/read-connection.ts";
import { deliveryReads } from "../../store/reader.ts";
import { countRows, filterSeqs, findSeqs, rowsAt, touchedSeqs, type RowFilter } from "../../store/rows-query.ts";
import { keepSearchIndexed, restUntil } from "../../store/search/search-builder.ts";
import { SearchIndex } from "../../store/search/search-index.ts";
import { timelineOf } from "../events/timeline-of.ts";
import { detailOf } from "./details.ts";
import { Exports } from "./exports.ts";
import type { StreamBatch } from "../../inspector/api.ts";
import type { FailedQuery, InspectorReads, NextQuery, PageQuery, ReadsPlace } from "./reads.ts";
import { Pager } from "./pager.ts";
import { rowOf } from "./rows.ts";
import { readStats } from "./stats.ts";
import { Tally } from "./tally.ts";

/** Interval for polling new commits, and for collecting them into a batch. */
const POLL_MS = 40;
/** This many places at once are a burst, which is read less often: every read takes time from the receiver. */
const BURST = 100;
const BURST_MS = 500;
/** Maximum number of places in one batch, and of its rows. */
const MAX_BATCH = 10_000;
const MAX_ROWS = 100;

/** Counts are answered with what is counted until then. */
const PATIENCE_MS = 200;

/** Runs queries on a separate connection. */
export async function connectReads(place: ReadsPlace): Promise<InspectorReads & AsyncDisposable> {
  const connection = await connectToRead(place.folder, place.isWritable);
  return new StoreReads(connection, await SearchIndex.open(place.folder), place);
}

class StoreReads implements InspectorReads, AsyncDisposable {
  readonly #connection: ReadConnection;
  readonly #store: ReturnType<typeof deliveryReads>;
  readonly #tally: Tally;
  readonly #pager: Pager;
  readonly #exports: Exports;
  readonly #index: SearchIndex;
  readonly #place: ReadsPlace;
  readonly #closing = new AbortController();
  #indexing: Promise<void> | undefined;

  constructor(connection: ReadConnection, index: SearchIndex, place: ReadsPlace) {
    const { folder } = place;
    this.#connection = connection;
    this.#index = index;
    this.#place = place;
    this.#store = deliveryReads((work) => connection.read(work), { file: storeFile(folder), logFolder: folder });
    this.#tally = new Tally((work) => connection.read(work));
    this.#pager = new Pager((work) => connection.read(work), this.#tally, index);
    this.#exports = new Exports(this.#store);
  }

  async page({ offset = 0, ...query }: PageQuery): Promise<DeliveryPage> {
    const upTo = query.upTo ?? (await this.#read(lastPlace));
    const { total, searched, seqs } = await this.#pager.find({ ...query, upTo, offset });
    return { upTo, total, searched, rows: await this.#rows(seqs) };
  }

  async failed({ filter, upTo, seq, side }: FailedQuery): Promise<FailedPlace> {
    if (filter.outcome === "ok") return { place: null, searched: 1 };
    const { found, searched } = await this.#pager.nearest({
      filter: { ...filter, outcome: "failed" },
      upTo,
      seq,
      side,
    });
    if (found === undefined) return { place: null, searched };
    const { total } = await this.#pager.find({ filter, upTo: found, before: undefined, offset: 0, limit: 1 });
    return { place: total - 1, searched };
  }

  async counts({ upTo }: { readonly upTo: number | undefined }): Promise<Counts> {
    const head = await this.#read(lastPlace);
    return this.#tally.checked(Math.min(head, upTo ?? head), PATIENCE_MS);
  }

  async detail({ id, known }: Parameters<InspectorReads["detail"]>[0]): Promise<Detail> {
    const delivery = await this.#store.find(id);
    const attempts = await this.#store.forwards(delivery.id);
    const [row] = await this.#rows([delivery.seq]);
    if (row === undefined) throw deleted(delivery.id);
    return detailOf(row, delivery, attempts, known);
  }

  async body({ id }: { readonly id: string }): Promise<{ id: string; bytes: Uint8Array }> {
    const delivery = await this.#store.find(id);
    return { id: delivery.id, bytes: delivery.body };
  }

  async attemptBody({
    id,
    n,
  }: {
    readonly id: string;
    readonly n: number;
  }): Promise<{ id: string; bytes: Uint8Array }> {
    const delivery = await this.#store.find(id);
    const outcome = (await this.#store.forwards(delivery.id))[n - 1]?.outcome;
    if (outcome?.kind === "answered") return { id: delivery.id, bytes: outcome.body };
    throw new AppError("delivery_not_found", `${delivery.id} has no attempt ${n} with an answer`);
  }

  async timeline({ resource }: { readonly resource: string }): Promise<Timeline> {
    const { resourceId, timeline } = await timelineOf(this.#store, resource, undefined);
    return timelineDocument(resourceId, timeline) as unknown as Timeline;
  }

  async stats({ filter }: { readonly filter: RowFilter }) {
    const stats = await this.#read((database) => readStats(database, filter));
    // The user who opens the page may search soon. Another thread lists deliveries.
    if (this.#place.isWritable) this.#indexing ??= this.#keepIndexed();
    return stats;
  }

  async #keepIndexed(): Promise<void> {
    const rest = restUntil(this.#closing.signal);
    await keepSearchIndexed({ folder: this.#place.folder, read: (work) => this.#read(work), rest });
  }

  head(): Promise<number> {
    return this.#read(lastPlace);
  }

  async next({ filter, after, maxBehind, countsAfter, waitMs }: NextQuery): Promise<StreamBatch> {
    const endAt = performance.now() + waitMs;
    for (let isFirst = true; ; isFirst = false) {
      const head = await this.#read(lastPlace);
      if (after > head || head - after > maxBehind) return { kind: "gap", head };
      const hasCounts = countsAfter !== null && countsAfter < head && this.#tally.isAsked;
      if (head > after || hasCounts) {
        // Entries of the same time are collected into one batch. In a burst only their number is shown.
        const isBurst = head - after >= BURST;
        if (isBurst ? head - after < MAX_BATCH : isFirst) await delay(isBurst ? BURST_MS : POLL_MS);
        return this.#batch(filter, after, hasCounts);
      }
      if (performance.now() >= endAt) {
        return { kind: "changed", head, rows: undefined, update: undefined, counts: undefined };
      }
      await delay(POLL_MS);
    }
  }

  async #batch(filter: RowFilter, after: number, hasCounts: boolean): Promise<StreamBatch> {
    const { span, count, rows, touched, left } = await this.#read((database) => {
      const upTo = Math.min(lastPlace(database), after + MAX_BATCH);
      const page = { order: "newest", offset: 0, limit: MAX_ROWS, isFew: false } as const;
      const seqs = findSeqs(database, filter, { after, upTo }, page);
      const changed = touchedSeqs(database, { after, upTo });
      const shown = filterSeqs(database, filter, changed);
      const others = rowsAt(database, changed);
      return {
        span: { after, upTo },
        count: seqs.length < MAX_ROWS ? seqs.length : countRows(database, filter, { after, upTo }),
        rows: rowsAt(database, seqs).map(rowOf),
        touched: others.filter(({ seq }) => shown.has(seq)).map(rowOf),
        left: others.filter(({ seq }) => !shown.has(seq)).map(({ id }) => id),
      };
    });
    const head = span.upTo;
    return {
      kind: "changed",
      head,
      rows: count === 0 ? undefined : { count, head, rows },
      update: touched.length + left.length === 0 ? undefined : { head, rows: touched, left },
      counts: hasCounts ? await this.#tally.upTo(head, 0) : undefined,
    };
  }

  exportBegin(query: Parameters<InspectorReads["exportBegin"]>[0]): Promise<number> {
    return this.#exports.begin(query);
  }

  exportNext({ number }: { readonly number: number }): Promise<string | null> {
    return this.#exports.next(number);
  }

  exportEnd({ number }: { readonly number: number }): Promise<void> {
    return this.#exports.end(number);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#indexing;
    this.#index.close();
    await this.#connection[Symbol.asyncDispose]();
  }

  #read<Result>(work: (database: Database) => Result): Promise<Result> {
    return this.#connection.read(work);
  }

  async #rows(seqs: readonly number[]): Promise<Row[]> {
    return this.#read((database) => rowsAt(database, seqs).map(rowOf));
  }
}

function deleted(id: string): AppError {
  return new AppError("delivery_not_found", `${id} has been deleted`, {
    hint: "List the deliveries with: bluum-hooks events list",
  });
}
