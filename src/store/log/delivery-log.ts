import type { Answer } from "../../core/delivery.ts";
import type { AppError } from "../../core/errors.ts";
import type { ForwardAttempt } from "../../core/forward.ts";
import { endOfTurn } from "../../platform/turn.ts";
import { answerColumns } from "../answer-row.ts";
import type { IndexedDelivery } from "../apply.ts";
import type { UnverifiedUse } from "../unverified.ts";
import type { DamagedSegment } from "./aside.ts";
import { Indexing } from "./indexing.ts";
import { encodeRecords, type LoggedAnswer, type LoggedDelivery, type LogRecord } from "./record.ts";
import type { IndexRunner } from "./runner.ts";
import { Segment } from "./segment.ts";
import { segmentName } from "./slots.ts";
import { settler, Ticket, type Settler } from "./tickets.ts";

/** A delivery on its way into the store. Both reject with `store_unavailable`. */
export interface Accepted {
  /** Resolves once it is on the disk: from here on it cannot be lost. */
  readonly durable: Promise<void>;
  /** Resolves, after that, once it is in the tables, where readers find it. */
  readonly indexed: () => Promise<IndexedDelivery>;
  /**
   * Instead: lets go of it, to be found by its row later. `onDeferred` is told of it once all that was recorded until now
   * is in the tables. To be called when it is durable.
   */
  readonly defer: () => void;
}

export interface DeliveryLogOptions {
  readonly folder: string;
  /** Makes sure that nobody takes the log for that of a dead process, and returns its name. */
  readonly claim: () => Promise<string>;
  readonly startRunner: () => IndexRunner;
  /** Told of deferred deliveries by their `seq`; null for one that the tables do not take. */
  readonly onDeferred: (seqs: readonly (number | null)[]) => void;
  /** Told of a segment that could not be read whole, once it is kept under another name. */
  readonly onDamaged: (damaged: DamagedSegment) => void;
  /** Told how the quota of what is not verified stands, when some of that was added. */
  readonly onUnverified: (use: UnverifiedUse) => void;
  /** Told when the tables have not taken for a while what is safe in the log. */
  readonly onStuck: (failure: AppError) => void;
  readonly failure: (error: unknown) => AppError;
  /** A segment that is larger makes room for the next. */
  readonly maxSegmentBytes?: number;
}

interface Unwritten {
  readonly record: LogRecord;
  /** Of the body that it brings. */
  readonly bodyBytes: number;
  /** Absent for a record that nobody waits for: it is tried again with the next ones. */
  readonly ticket?: Ticket;
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
  // In the order in which they are written. Attempts and answers are those of deliveries that are written already, and what
  // is deferred stands behind all that was recorded of it.
  #attempts: Unwritten[] = [];
  #answers: LoggedAnswer[] = [];
  #deliveries: Unwritten[] = [];
  #deferred: string[] = [];
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

  accept(delivery: LoggedDelivery): Accepted {
    const ticket = new Ticket(delivery.id, delivery.unverified === undefined ? 0 : delivery.body.length);
    this.#deliveries.push({ record: { type: "delivery", delivery }, bodyBytes: delivery.body.length, ticket });
    this.#arm();
    const { id } = delivery;
    return {
      durable: ticket.durable,
      indexed: () => ticket.indexed(),
      defer: () => {
        this.#indexing?.letGo(ticket);
        this.#deferred.push(id);
        this.#armLater();
        // Somebody waits for it to be handed back.
        this.#noteTimer?.ref();
      },
    };
  }

  /** Records what a durable delivery was answered, with the next one or a moment later. It outlives the failure of a write. */
  answered(deliveryId: string, answer: Answer): void {
    this.#answers.push([deliveryId, ...answerColumns(answer)]);
    this.#armLater();
  }

  /** Records an attempt to forward a durable delivery, as an answer is. */
  forwarded(attempt: ForwardAttempt): void {
    const { outcome } = attempt;
    const bodyBytes = outcome.kind === "answered" ? outcome.body.length : 0;
    this.#attempts.push({ record: { type: "forward", attempt }, bodyBytes });
    this.#armLater();
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

  /** Brings everything to its place. What cannot be brought there stays in the log, for whoever opens the store next. */
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
    return this.#attempts.length + this.#answers.length + this.#deliveries.length + this.#deferred.length > 0;
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
    const tickets = batch.flatMap(({ ticket }) => ticket ?? []);
    indexing.add(segment, tickets);
    for (const ticket of tickets) ticket.becameDurable();
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
    const batch = takeSome(this.#attempts);
    if (this.#attempts.length > 0) return batch;
    if (this.#answers.length > 0) batch.push({ record: { type: "answers", answers: this.#answers }, bodyBytes: 0 });
    this.#answers = [];
    batch.push(...takeSome(this.#deliveries));
    if (this.#deliveries.length > 0) return batch;
    const deliveryIds = this.#deferred;
    if (deliveryIds.length > 0) batch.push({ record: { type: "deferred", deliveryIds }, bodyBytes: 0 });
    this.#deferred = [];
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
    this.#attempts.unshift(...batch.filter(({ ticket }) => ticket === undefined));
    for (const { ticket } of batch) ticket?.failed(failure);
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
