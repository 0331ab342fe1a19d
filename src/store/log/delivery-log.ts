import type { Answer } from "../../core/delivery.ts";
import type { AppError } from "../../core/errors.ts";
import type { ForwardAttempt } from "../../core/forward.ts";
import { endOfTurn } from "../../platform/turn.ts";
import { answerColumns } from "../answer-row.ts";
import { Indexing, type IndexingOptions } from "./indexing.ts";
import { encodeRecords, type LoggedAnswer, type LoggedDelivery, type LogRecord } from "./record.ts";
import type { IndexRunner } from "./runner.ts";
import { Segment } from "./segment.ts";
import { segmentName } from "./slots.ts";
import { settler, type Settler } from "./settler.ts";

export interface DeliveryLogOptions extends IndexingOptions {
  /** Makes sure that nobody takes the log for that of a dead process, and returns its name. */
  readonly claim: () => Promise<string>;
  readonly startRunner: () => IndexRunner;
  /** A segment that is larger makes room for the next. */
  readonly maxSegmentBytes?: number;
}

interface Unwritten {
  readonly record: LogRecord;
  /** Of the body that it brings. */
  readonly bodyBytes: number;
  /** Settled when it is on the disk. Absent for a record that nobody waits for: it is tried again with the next ones. */
  readonly durable?: Settler<void>;
}

const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;
/** How long what nobody waits for may wait for a delivery to go with. */
const NOTE_MS = 10;
const MAX_WRITE_BYTES = 4 * 1024 * 1024;
/** How far the log may be ahead of the tables: where they cannot be written, that is to be noticed before the disk is full. */
const MAX_AHEAD_BYTES = 2 * 1024 * 1024 * 1024;

/**
 * What arrives is first written to the end of a log, which costs one write and one sync for all that come together, and is
 * brought into the tables behind the answer.
 */
export class DeliveryLog {
  readonly #options: DeliveryLogOptions;
  #name: string | undefined;
  #indexing: Indexing | undefined;
  #segment: Segment | undefined;
  #segmentCount = 0;
  /** Attempts and answers, which belong to deliveries that are written already: they are written first. */
  #notes: Unwritten[] = [];
  /** The answers of the last note, as long as others may join them. */
  #openAnswers: LoggedAnswer[] | undefined;
  #deliveries: Unwritten[] = [];
  readonly #writeWatchers: Settler<void>[] = [];
  #noteTimer: NodeJS.Timeout | undefined;
  #isBeginning = false;
  #isArmed = false;
  #writing: Promise<void> | undefined;
  /** Something waits for the end of a write to go with the next. */
  #isDue = false;

  constructor(options: DeliveryLogOptions) {
    this.#options = options;
  }

  /** Resolves once the delivery is on the disk: from then on it cannot be lost. Rejects with `store_unavailable`. */
  accept(delivery: LoggedDelivery): Promise<void> {
    const durable = settler<void>();
    this.#deliveries.push({ record: { type: "delivery", delivery }, bodyBytes: delivery.body.length, durable });
    this.#arm();
    return durable.promise;
  }

  /** Records what a durable delivery was answered, with the next one or a moment later. It outlives the failure of a write. */
  answered(deliveryId: string, answer: Answer): void {
    if (this.#openAnswers === undefined) {
      this.#openAnswers = [];
      this.#notes.push({ record: { type: "answers", answers: this.#openAnswers }, bodyBytes: 0 });
    }
    this.#openAnswers.push([deliveryId, ...answerColumns(answer)]);
    this.#armLater();
  }

  /** Records an attempt to forward a durable delivery, as an answer is. */
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

  /** How many deliveries are in the log and not in the tables yet. */
  get ahead(): number {
    return this.#indexing?.ahead ?? 0;
  }

  /** Resolves once all that was recorded before is on the disk and in the tables; rejects if that cannot be now. */
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

  /** Brings everything to its place. What cannot be brought there stays in the log, for the next process that opens the store. */
  async close(): Promise<void> {
    let failure: AppError | undefined;
    try {
      await this.#allWritten();
      // Where the tables cannot be written they are not waited for once more.
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

  /** Writes as soon as all who go on together with the caller have recorded what they have. */
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

  /** One write at a time: what comes meanwhile goes with the next. */
  #write(): void {
    if (this.#writing !== undefined) {
      this.#isDue = true;
      return;
    }
    if (!this.#hasUnwritten) return;
    if (this.#indexing === undefined) return void this.#begin();
    if (this.#indexing.aheadBytes > MAX_AHEAD_BYTES) {
      return this.#fail(this.#deliveries.splice(0), new Error("its tables are too far behind what was received"));
    }
    const batch = this.#takeBatch();
    this.#isDue = this.#hasUnwritten;
    this.#writing = this.#append(this.#indexing, batch).finally(() => {
      this.#writing = undefined;
      if (!this.#hasUnwritten) this.#tell((watcher) => watcher.resolve());
      // What came in together with its end goes along.
      if (this.#isDue) void endOfTurn().then(() => this.#arm());
    });
  }

  async #append(indexing: Indexing, batch: readonly Unwritten[]): Promise<void> {
    // Who waits for what was recorded waits for this, unless something is left for the next write.
    const watching = this.#hasUnwritten ? 0 : this.#writeWatchers.length;
    let segment: Segment | undefined;
    try {
      segment = this.#openSegment();
      await segment.append(
        encodeRecords(
          batch.map(({ record }) => record),
          segment.marker,
        ),
      );
    } catch (error) {
      // Where a write failed no other is tried.
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
    this.#tell((watcher) => watcher.resolve(), watching);
  }

  /** Claims a name for the log, and begins it. */
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

  /** What is written next. What does not fit in one write is left for another, and what stands behind it as well. */
  #takeBatch(): Unwritten[] {
    const batch = takeSome(this.#notes);
    this.#openAnswers = undefined;
    if (this.#notes.length === 0) batch.push(...takeSome(this.#deliveries));
    return batch;
  }

  /** The segment that is written to. Throws what the system says if it needs a new one and cannot have it. */
  #openSegment(): Segment {
    const { folder, maxSegmentBytes = MAX_SEGMENT_BYTES } = this.#options;
    if (this.#segment !== undefined && this.#segment.writtenTo >= maxSegmentBytes) this.#segment.isFinished = true;
    if (this.#segment === undefined || this.#segment.isFinished) {
      this.#segmentCount += 1;
      this.#segment = new Segment(folder, segmentName(this.#name ?? "", this.#segmentCount));
    }
    return this.#segment;
  }

  /** Refuses what somebody waits for. The rest goes with the next write, rather than round and round by itself. */
  #fail(batch: readonly Unwritten[], error: unknown): void {
    const failure = this.#options.failure(error);
    this.#notes.unshift(...batch.filter(({ durable }) => durable === undefined));
    for (const { durable } of batch) durable?.reject(failure);
    this.#tell((watcher) => watcher.reject(failure));
  }

  #tell(settle: (watcher: Settler<void>) => void, count = Infinity): void {
    for (const watcher of this.#writeWatchers.splice(0, count)) settle(watcher);
  }
}

/** Takes as many as go well into one write, at least one. */
function takeSome(records: Unwritten[]): Unwritten[] {
  let size = 0;
  const count = records.findIndex(({ bodyBytes }) => (size += bodyBytes) > MAX_WRITE_BYTES);
  return records.splice(0, count === -1 ? records.length : Math.max(1, count));
}
