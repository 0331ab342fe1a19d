import type { Answer } from "../../core/delivery.ts";
import type { AppError } from "../../core/errors.ts";
import type { ForwardAttempt } from "../../core/exchange.ts";
import { endOfTurn } from "../../platform/turn.ts";
import { answerColumns } from "../delivery-row.ts";
import { Indexing, type IndexingOptions, settler, type Settler } from "./indexing.ts";
import { encodeRecords, type LoggedAnswer, type LoggedDelivery, type LogRecord } from "./record.ts";
import type { IndexRunner } from "./runner.ts";
import { Scratch } from "./scratch.ts";
import { Segment } from "./segment.ts";
import { segmentName } from "./slots.ts";

export interface DeliveryLogOptions extends IndexingOptions {
  /** Claims a log for this process, so that no other process treats it as abandoned, and returns its name. */
  readonly claim: () => Promise<string>;
  readonly startRunner: () => IndexRunner;
  /** A new segment begins when the current one exceeds this size. */
  readonly maxSegmentBytes?: number;
}

interface Unwritten {
  readonly record: LogRecord;
  /** Size of the body in the record. */
  readonly bodyBytes: number;
  /** Settled when the record is on disk. Absent if no caller waits: such a record is retried with the next ones. */
  readonly durable?: Settler<void>;
}

const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;
/** How long a record without a waiting caller may wait to be written with a delivery. */
const NOTE_MS = 10;
const MAX_WRITE_BYTES = 4 * 1024 * 1024;
const KEPT_WRITE_BYTES = 1024 * 1024;
/** Maximum size of the unindexed log: if the tables cannot be written, that must be noticed before the disk is full. */
const MAX_AHEAD_BYTES = 2 * 1024 * 1024 * 1024;

/**
 * Appends incoming deliveries to a log, with one write and one sync for all that arrive together, and indexes them in
 * the tables after the response.
 */
export class DeliveryLog {
  readonly #options: DeliveryLogOptions;
  #name: string | undefined;
  #indexing: Indexing | undefined;
  #segment: Segment | undefined;
  #segmentCount = 0;
  readonly #scratch = new Scratch(KEPT_WRITE_BYTES);
  /** Attempts and answers of deliveries that are already written: they are written first. */
  #notes: Unwritten[] = [];
  /** The answers of the last note, while more can be added. */
  #openAnswers: LoggedAnswer[] | undefined;
  #deliveries: Unwritten[] = [];
  readonly #writeWatchers: Settler<void>[] = [];
  #noteTimer: NodeJS.Timeout | undefined;
  #isBeginning = false;
  #isArmed = false;
  #writing: Promise<void> | undefined;
  /** More records wait for the current write to end. */
  #isDue = false;

  constructor(options: DeliveryLogOptions) {
    this.#options = options;
  }

  /** Resolves once the delivery is on disk and cannot be lost. Rejects with `store_unavailable`. */
  accept(delivery: LoggedDelivery): Promise<void> {
    const durable = settler<void>();
    this.#deliveries.push({ record: { type: "delivery", delivery }, bodyBytes: delivery.body.length, durable });
    this.#arm();
    return durable.promise;
  }

  /** Records the answer to a durable delivery with the next write or shortly after. It is kept if a write fails. */
  answered(deliveryId: string, answer: Answer): void {
    if (this.#openAnswers === undefined) {
      this.#openAnswers = [];
      this.#notes.push({ record: { type: "answers", answers: this.#openAnswers }, bodyBytes: 0 });
    }
    this.#openAnswers.push([deliveryId, ...answerColumns(answer)]);
    this.#armLater();
  }

  /** Records an attempt to forward a durable delivery, like an answer. */
  forwarded(attempt: ForwardAttempt): void {
    const { outcome } = attempt;
    const bodyBytes = outcome.kind === "answered" ? outcome.body.length : 0;
    this.#openAnswers = undefined;
    this.#notes.push({ record: { type: "forward", attempt }, bodyBytes });
    this.#armLater();
  }

  /** How many deliveries were written to the log. */
  get written(): number {
    return this.#indexing?.written ?? 0;
  }

  /** How many deliveries are in the log and not yet in the tables. */
  get ahead(): number {
    return this.#indexing?.ahead ?? 0;
  }

  /** Resolves once all earlier records are on disk and in the tables; rejects if that is not possible now. */
  async caughtUp(): Promise<void> {
    await this.#allWritten();
    await this.#indexing?.caughtUp();
  }

  async #allWritten(): Promise<void> {
    if (!this.#hasUnwritten && this.#writing === undefined) return;
    const watcher = settler<void>();
    this.#writeWatchers.push(watcher);
    this.#arm();
    await watcher.promise;
  }

  /**
   * Writes and indexes everything. What cannot be indexed stays in the log for the next process that opens the store.
   */
  async close(): Promise<void> {
    let failure: AppError | undefined;
    try {
      await this.#allWritten();
      // If the tables cannot be written, it does not wait for them again.
      failure = this.#indexing?.failure;
      if (failure === undefined) await this.#indexing?.caughtUp();
    } catch (error) {
      failure = this.#options.failure(error);
    }
    clearTimeout(this.#noteTimer);
    await this.#writing;
    await this.#indexing?.close({ isToTheEnd: failure === undefined });
    if (failure !== undefined) throw failure;
  }

  get #hasUnwritten(): boolean {
    return this.#notes.length + this.#deliveries.length > 0;
  }

  #armLater(): void {
    this.#noteTimer ??= setTimeout(() => this.#arm(), NOTE_MS).unref();
  }

  /** Writes once all code that continues together with the caller has added its records. */
  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    queueMicrotask(() => {
      this.#isArmed = false;
      clearTimeout(this.#noteTimer);
      this.#noteTimer = undefined;
      this.#write();
    });
  }

  /** One write at a time: later records are written with the next. */
  #write(): void {
    if (this.#writing !== undefined) {
      this.#isDue = true;
      return;
    }
    if (!this.#hasUnwritten) return;
    if (this.#indexing === undefined) return void this.#begin();
    if (this.#indexing.aheadBytes > MAX_AHEAD_BYTES) {
      return this.#fail(this.#deliveries.splice(0), new Error("indexing is too far behind the received deliveries"));
    }
    const batch = this.#takeBatch();
    this.#isDue = this.#hasUnwritten;
    this.#writing = this.#append(this.#indexing, batch).finally(() => {
      this.#writing = undefined;
      if (!this.#hasUnwritten) this.#settleWatchers((watcher) => watcher.resolve());
      // Records added in the same turn as its end are included.
      if (this.#isDue) void endOfTurn().then(() => this.#arm());
    });
  }

  async #append(indexing: Indexing, batch: readonly Unwritten[]): Promise<void> {
    // Callers that wait for earlier records wait for this write, unless records are left for the next.
    const watching = this.#hasUnwritten ? 0 : this.#writeWatchers.length;
    let segment: Segment | undefined;
    try {
      segment = this.#openSegment();
      await segment.append(
        encodeRecords(
          batch.map(({ record }) => record),
          segment.marker,
          (length) => this.#scratch.take(length),
        ),
      );
    } catch (error) {
      // After a failed write, the segment is not used again.
      if (segment !== undefined && segment.writtenTo > 0) segment.isFinished = true;
      return this.#fail(batch, error);
    }
    let [deliveries, unverifiedBytes] = [0, 0];
    for (const { record, bodyBytes } of batch) {
      if (record.type !== "delivery") continue;
      deliveries += 1;
      if (record.delivery.unverified !== undefined) unverifiedBytes += bodyBytes;
    }
    indexing.add(segment, deliveries, unverifiedBytes);
    for (const { durable } of batch) durable?.resolve();
    this.#settleWatchers((watcher) => watcher.resolve(), watching);
  }

  /** Claims a name for the log, and starts it. */
  async #begin(): Promise<void> {
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    try {
      this.#name ??= await this.#options.claim();
      this.#indexing ??= new Indexing(this.#options.startRunner(), this.#options);
      this.#arm();
    } catch (error) {
      this.#fail(this.#deliveries.splice(0), error);
    } finally {
      this.#isBeginning = false;
    }
  }

  /** The records of the next write. Records that do not fit wait for another write, as do all after them. */
  #takeBatch(): Unwritten[] {
    const batch = takeSome(this.#notes);
    this.#openAnswers = undefined;
    if (this.#notes.length === 0) batch.push(...takeSome(this.#deliveries));
    return batch;
  }

  /** The current segment. Throws the system's error if a new one is needed and cannot be created. */
  #openSegment(): Segment {
    const { folder, maxSegmentBytes = MAX_SEGMENT_BYTES } = this.#options;
    if (this.#segment !== undefined && this.#segment.writtenTo >= maxSegmentBytes) this.#segment.isFinished = true;
    if (this.#segment === undefined || this.#segment.isFinished) {
      this.#segmentCount += 1;
      this.#segment = new Segment(folder, segmentName(this.#name ?? "", this.#segmentCount));
    }
    return this.#segment;
  }

  /**
   * Rejects the records that callers wait for. The others go with the next write, instead of being retried in a loop.
   */
  #fail(batch: readonly Unwritten[], error: unknown): void {
    const failure = this.#options.failure(error);
    this.#notes.unshift(...batch.filter(({ durable }) => durable === undefined));
    for (const { durable } of batch) durable?.reject(failure);
    this.#settleWatchers((watcher) => watcher.reject(failure));
  }

  #settleWatchers(settle: (watcher: Settler<void>) => void, count = Infinity): void {
    for (const watcher of this.#writeWatchers.splice(0, count)) settle(watcher);
  }
}

/** Removes as many records as fit in one write, at least one. */
function takeSome(records: Unwritten[]): Unwritten[] {
  let size = 0;
  const count = records.findIndex(({ bodyBytes }) => (size += bodyBytes) > MAX_WRITE_BYTES);
  return records.splice(0, count === -1 ? records.length : Math.max(1, count));
}
