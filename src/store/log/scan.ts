import { closeSync, openSync, readSync } from "node:fs";
import { decodeRecord, type LogRecord } from "./record.ts";
import { Scratch } from "./scratch.ts";

export interface Framed {
  readonly record: LogRecord;
  /** Where the next record begins, in bytes from the start of the segment. */
  readonly next: number;
}

/** The data that could not be read. */
export interface Unreadable {
  /** Number of damaged or unknown records. */
  readonly records: number;
  readonly bytes: number;
}

export const ALL_READABLE: Unreadable = { records: 0, bytes: 0 };

export interface Scan {
  readonly records: readonly Framed[];
  /** Where to continue. */
  readonly position: number;
  readonly unreadable: Unreadable;
}

export interface ScanRange {
  readonly from: number;
  readonly end: number;
  /** Whether the file was preallocated: zeros at its end are not data then. */
  readonly isPadded: boolean;
}

const MAX_RECORDS = 4_096;
const WINDOW_BYTES = 4 * 1024 * 1024;

export interface ScanOptions {
  readonly windowBytes?: number | undefined;
  /** Memory for what is read: the records' bytes are valid only until it is used again. */
  readonly scratch?: Scratch;
}

/** Memory for consecutive scans. */
export function scanScratch(): Scratch {
  return new Scratch(WINDOW_BYTES);
}

/**
 * Reads the next records of a segment, not all at once. After damaged bytes it continues at the next marker with a
 * valid record, so that only damaged records are lost. Throws the system's error.
 */
export function scanSegment(file: string, marker: Buffer, range: ScanRange, options: ScanOptions = {}): Scan {
  const fd = openSync(file, "r");
  try {
    return scan(fd, marker, range, options);
  } finally {
    closeSync(fd);
  }
}

function scan(
  fd: number,
  marker: Buffer,
  { from, end, isPadded }: ScanRange,
  { windowBytes = WINDOW_BYTES, scratch }: ScanOptions,
): Scan {
  const records: Framed[] = [];
  let unreadable = ALL_READABLE;
  const skip = (bytes: number) => {
    unreadable = { records: unreadable.records + 1, bytes: unreadable.bytes + bytes };
  };
  let start = from;
  // Only the first window: records may reference each of them.
  const first = Math.max(0, Math.min(end - start, windowBytes));
  let window = readAt(fd, start, first, scratch?.take(first));
  let at = 0;
  while (records.length < MAX_RECORDS && start + at < end) {
    const decoded = decodeRecord(window, at, marker);
    if (decoded.kind === "record") {
      at = decoded.next;
      records.push({ record: decoded.record, next: start + at });
      continue;
    }
    if (decoded.kind === "unknown") {
      skip(decoded.next - at);
      at = decoded.next;
      continue;
    }
    if (decoded.kind === "cut" && start + at + decoded.neededBytes <= end) {
      // The next step begins with it. One record may be larger than the amount read at a time.
      if (at > 0) break;
      if (window.length < decoded.neededBytes) {
        window = readAt(fd, start, decoded.neededBytes);
        if (window.length === decoded.neededBytes) continue;
      }
    }
    const within = marker.length === 0 ? -1 : window.indexOf(marker, at + 1);
    if (within !== -1) {
      skip(within - at);
      at = within;
      continue;
    }
    const place = start + at;
    const next = findMarker(fd, marker, Math.max(place + 1, start + window.length - marker.length + 1), end);
    const stop = next ?? (isPadded ? endOfContent(fd, place, end) : end);
    if (stop > place) skip(stop - place);
    start = next ?? end;
    at = 0;
    window = readAt(fd, start, Math.min(end - start, windowBytes));
  }
  return { records, position: start + at, unreadable };
}

/** The position of the next marker; undefined if there is none. */
function findMarker(fd: number, marker: Buffer, from: number, end: number): number | undefined {
  if (marker.length === 0) return undefined;
  for (let start = from; start < end; start += WINDOW_BYTES) {
    // A marker may begin in one window and end in the next.
    const at = readAt(fd, start, Math.min(end - start, WINDOW_BYTES + marker.length - 1)).indexOf(marker);
    if (at !== -1) return start + at;
  }
  return undefined;
}

/** The position after the last byte that is not zero; `from` if all are zero. */
function endOfContent(fd: number, from: number, end: number): number {
  for (let stop = end; stop > from; stop -= WINDOW_BYTES) {
    const start = Math.max(from, stop - WINDOW_BYTES);
    const at = readAt(fd, start, stop - start).findLastIndex((byte) => byte !== 0);
    if (at !== -1) return start + at + 1;
  }
  return from;
}

function readAt(fd: number, from: number, length: number, given?: Buffer): Buffer {
  const bytes = given ?? Buffer.allocUnsafe(Math.max(0, length));
  let read = 0;
  while (read < bytes.length) {
    const count = readSync(fd, bytes, read, bytes.length - read, from + read);
    if (count === 0) break;
    read += count;
  }
  return bytes.subarray(0, read);
}
