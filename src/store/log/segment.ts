import { closeSync, fdatasync, ftruncateSync, openSync, unlinkSync, write, writeSync } from "node:fs";
import { join } from "node:path";

const ALLOCATED_AHEAD_BYTES = 1024 * 1024;
/** What is left when more is allocated: enough to go on with meanwhile. */
const ALLOCATE_BELOW_BYTES = ALLOCATED_AHEAD_BYTES / 2;

/** One file of a log: written one record after the other, by one process. What follows the last one is zeros. */
export class Segment {
  readonly name: string;
  readonly #file: string;
  readonly #fd: number;
  #allocatedTo = 0;
  #allocating: Promise<void> | undefined;
  #isClosed = false;
  #syncing: Promise<void> = Promise.resolve();
  /** Bytes that were written, that are on the disk, and that are in the tables. */
  writtenTo = 0;
  syncedTo = 0;
  indexedTo = 0;
  /** Nothing more will be written to it. */
  isFinished = false;

  /** Creates the file, readable by its owner alone. Throws the system's error. */
  constructor(folder: string, name: string) {
    this.name = name;
    this.#file = join(folder, name);
    this.#fd = openSync(this.#file, "wx", 0o600);
  }

  /** False while the file is being made larger where these bytes would go: zeros could come after them. */
  hasRoomFor(length: number): boolean {
    return this.#allocating === undefined || this.writtenTo + length <= this.#allocatedTo;
  }

  /** Writes all of it or nothing. To be called where there is room. Throws the system's error. */
  write(bytes: Buffer): void {
    try {
      if (this.writtenTo + bytes.length > this.#allocatedTo) this.#allocate(bytes.length);
      this.#writeAt(bytes, this.writtenTo);
    } catch (error) {
      // Half a record would hide all that comes after it.
      ftruncateSync(this.#fd, this.writtenTo);
      this.#allocatedTo = this.writtenTo;
      throw error;
    }
    this.writtenTo += bytes.length;
    if (this.#allocatedTo - this.writtenTo < ALLOCATE_BELOW_BYTES) this.#allocating ??= this.#allocateAhead();
  }

  /** Makes the file larger ahead of what is written: a sync that need not record a new size takes half the time. */
  #allocate(needed: number): void {
    const zeros = Buffer.alloc(Math.max(needed, ALLOCATED_AHEAD_BYTES));
    this.#writeAt(zeros, this.writtenTo);
    this.#allocatedTo = this.writtenTo + zeros.length;
  }

  /** The same, without keeping this thread. If it fails, the write that finds too little will say so. */
  #allocateAhead(): Promise<void> {
    const zeros = Buffer.alloc(ALLOCATED_AHEAD_BYTES);
    return new Promise((resolve) => {
      write(this.#fd, zeros, 0, zeros.length, this.#allocatedTo, (_error, written) => {
        this.#allocatedTo += written;
        this.#allocating = undefined;
        resolve();
      });
    });
  }

  #writeAt(bytes: Buffer, position: number): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at, bytes.length - at, position + at);
  }

  /** Brings what has been written to the disk, without keeping this thread. Rejects with the system's error. */
  sync(): Promise<void> {
    const synced = this.#syncing.then(() => this.#syncNow());
    this.#syncing = synced.catch(() => {});
    return synced;
  }

  #syncNow(): Promise<void> {
    const end = this.writtenTo;
    if (this.syncedTo >= end) return Promise.resolve();
    return new Promise((resolve, reject) => {
      fdatasync(this.#fd, (error) => {
        if (error !== null) return reject(error);
        this.syncedTo = end;
        resolve();
      });
    });
  }

  /** May be called again: after it, only `remove` may. */
  async close(): Promise<void> {
    await this.#syncing;
    await this.#allocating;
    if (!this.#isClosed) closeSync(this.#fd);
    this.#isClosed = true;
  }

  remove(): void {
    unlinkSync(this.#file);
  }
}
