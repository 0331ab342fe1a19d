import { closeSync, constants, fdatasync, ftruncateSync, openSync, unlinkSync, write } from "node:fs";
import { platform } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { markerOf } from "./slots.ts";

const ALLOCATED_AHEAD_BYTES = 1024 * 1024;
/** Written again and again: a new buffer each time would soon be as much garbage as there are deliveries. */
let zeros: Buffer | undefined;
/** Remaining space at which more is allocated: enough for the writes meanwhile. */
const ALLOCATE_BELOW_BYTES = ALLOCATED_AHEAD_BYTES / 2;
/**
 * Whether a write returns when the disk has it: one call in another thread instead of two. Windows has no such
 * writes, and those of macOS end at the disk's own cache.
 */
const SYNCS_WRITES = platform() === "linux";
const CREATED = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;

const writeAsync = promisify(write);
const fdatasyncAsync = promisify(fdatasync);

/** One file of a log, written sequentially by one process. The space after the last record is zero. */
export class Segment {
  readonly name: string;
  readonly marker: Buffer;
  readonly #file: string;
  readonly #fd: number;
  readonly #syncsWrites: boolean;
  #allocatedTo = 0;
  #allocating: Promise<void> | undefined;
  #isClosed = false;
  /** Bytes on disk, and bytes in the tables. */
  writtenTo = 0;
  indexedTo = 0;
  /** Whether nothing more will be written to it. */
  isFinished = false;

  /** Creates the file, readable by its owner alone. Throws the system's error. */
  constructor(folder: string, name: string, syncsWrites = SYNCS_WRITES) {
    this.name = name;
    this.marker = markerOf(name);
    this.#file = join(folder, name);
    this.#syncsWrites = syncsWrites;
    this.#fd = openSync(this.#file, syncsWrites ? CREATED | constants.O_DSYNC : CREATED, 0o600);
  }

  /**
   * Writes all bytes to disk, or none, without blocking. Do not call it concurrently. Rejects with the system's
   * error.
   */
  async append(bytes: Buffer): Promise<void> {
    const end = this.writtenTo + bytes.length;
    try {
      while (end > this.#allocatedTo) await this.#allocate();
      await this.#write(bytes, this.writtenTo);
      if (!this.#syncsWrites) await fdatasyncAsync(this.#fd);
    } catch (error) {
      await this.#allocating?.catch(() => {});
      // A partial record would hide all later ones.
      ftruncateSync(this.#fd, this.writtenTo);
      this.#allocatedTo = this.writtenTo;
      throw error;
    }
    this.writtenTo = end;
    // If this fails, the write that runs out of space will report it.
    if (this.#allocatedTo - end < ALLOCATE_BELOW_BYTES) this.#allocate().catch(() => {});
  }

  /** Extends the file ahead of the writes: a sync that need not record a new size takes half the time. */
  #allocate(): Promise<void> {
    this.#allocating ??= this.#write((zeros ??= Buffer.alloc(ALLOCATED_AHEAD_BYTES)), this.#allocatedTo)
      .then(() => void (this.#allocatedTo += ALLOCATED_AHEAD_BYTES))
      .finally(() => (this.#allocating = undefined));
    return this.#allocating;
  }

  async #write(bytes: Buffer, position: number): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += (await writeAsync(this.#fd, bytes, at, bytes.length - at, position + at)).bytesWritten;
    }
  }

  /** Call it when no append is running. It may be called again; afterwards only `remove` is allowed. */
  async close(): Promise<void> {
    await this.#allocating?.catch(() => {});
    if (!this.#isClosed) closeSync(this.#fd);
    this.#isClosed = true;
  }

  remove(): void {
    unlinkSync(this.#file);
  }
}
