import { decodeRecord, type LoggedDelivery } from "../../../../src/store/log/record.ts";

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

/** The types of the records in a log, up to its end. */
export function typesOf(bytes: Buffer): string[] {
  const types: string[] = [];
  let at = 0;
  for (let next = decodeRecord(bytes, at); next !== undefined; next = decodeRecord(bytes, at)) {
    types.push(next.record.type);
    at = next.next;
  }
  return types;
}
