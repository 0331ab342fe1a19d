import { statSync } from "node:fs";
import { basename } from "node:path";
import type { LoggedDelivery, LogRecord } from "../../../../src/store/log/record.ts";
import { scanSegment, type Unreadable } from "../../../../src/store/log/scan.ts";
import { markerOf } from "../../../../src/store/log/slots.ts";

export function delivery(id: string, size = 100): LoggedDelivery {
  return {
    id,
    method: "POST",
    path: "/",
    headers: [],
    environment: "sandbox",
    receivedAt: 1,
    event: "order.filled",
    resourceId: "ord_1",
    identityKey: id,
    verification: { verdict: "verified" },
    body: Buffer.alloc(size, "x"),
  };
}

/** Reads a whole segment in as many steps as needed; zeros at its end are ignored. */
export function scanAll(
  file: string,
  { marker = markerOf(basename(file)), windowBytes }: { marker?: Buffer; windowBytes?: number } = {},
): { records: LogRecord[]; unreadable: Unreadable } {
  const end = statSync(file).size;
  const records: LogRecord[] = [];
  const unreadable = { records: 0, bytes: 0 };
  for (let from = 0; from < end;) {
    const scan = scanSegment(file, marker, { from, end, isPadded: true }, { windowBytes });
    records.push(...scan.records.map(({ record }) => record));
    unreadable.records += scan.unreadable.records;
    unreadable.bytes += scan.unreadable.bytes;
    if (scan.position <= from) throw new Error(`the scan does not go on behind ${from}`);
    from = scan.position;
  }
  return { records, unreadable };
}

/** The types of the records in a segment. */
export function typesOf(file: string): string[] {
  return scanAll(file).records.map(({ type }) => type);
}
