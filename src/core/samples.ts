import type { EventName } from "./events.ts";
import type { Generation } from "./id-rules.ts";

/** A payload in the API's published format. Decimals are strings. */
export interface SamplePayload {
  readonly event: string;
  /** ISO 8601 in UTC, whole seconds. */
  readonly timestamp: string;
  readonly data: { readonly id: string; readonly [field: string]: unknown };
}

export interface SampleOptions {
  /** Unix time in milliseconds; it becomes the timestamp. */
  readonly now: number;
  /**
   * `data.id`, or a function that makes it from the sample's own (`newIdLike`); absent: the sample's own. Two samples
   * with the same event, id and second are the same event, as they would be from the API.
   */
  readonly resourceId?: string | ((like: string) => string) | undefined;
  /** The investor or account that the event concerns; absent: the sample's own. For an account it is also `data.id`. */
  readonly ownerId?: string | undefined;
}

type Fields = Readonly<Record<string, string | null>>;

const PUBLISHED_AT = "2025-06-15T14:30:15Z";

/** An order of ten shares, with this number filled. */
const order = (status: string, filled: number, more: Fields = {}): Fields => ({
  symbol: "AAPL",
  side: "buy",
  type: "market",
  time_in_force: "day",
  quantity: "10",
  status,
  filled_quantity: String(filled),
  remaining_quantity: String(10 - filled),
  average_price: filled === 0 ? null : "178.50",
  submitted_at: "2025-06-15T14:30:14Z",
  ...more,
});

const transfer = (amount: string, status: string, more: Fields = {}): Fields => ({
  amount,
  currency: "USD",
  method: "ach",
  status,
  created_at: "2025-06-15T14:30:10Z",
  ...more,
});

/** The `data` of each documented event with the current API's field names, without the ids. */
const DATA: Readonly<Record<EventName, Fields>> = {
  "account.created": { account_type: "individual", status: "pending" },
  "account.updated": { account_type: "individual", status: "active" },
  "order.accepted": order("open", 0),
  "order.filled": order("filled", 10, { filled_at: PUBLISHED_AT }),
  "order.partially_filled": order("partial", 4),
  "order.canceled": order("cancelled", 0, { canceled_at: PUBLISHED_AT }),
  "order.rejected": order("failed", 0, { failure_reason: "insufficient buying power" }),
  "transfer.deposit.initiated": transfer("5000.00", "pending"),
  "transfer.deposit.completed": transfer("5000.00", "completed", { completed_at: PUBLISHED_AT }),
  "transfer.deposit.failed": transfer("5000.00", "failed", {
    failure_reason: "returned by the bank: insufficient funds (R01)",
  }),
  "transfer.withdrawal.initiated": transfer("1250.00", "pending"),
  "transfer.withdrawal.completed": transfer("1250.00", "completed", { completed_at: PUBLISHED_AT }),
  "transfer.withdrawal.failed": transfer("1250.00", "failed", {
    failure_reason: "returned by the bank: account closed (R02)",
  }),
  "document.approved": { document_type: "government_id", status: "approved", reviewed_at: PUBLISHED_AT },
  "document.rejected": {
    document_type: "government_id",
    status: "rejected",
    reason: "the photo is not legible",
    reviewed_at: PUBLISHED_AT,
  },
};

/** The field names of the owner and the ids, by the first part of the event name. */
const TERMS = {
  current: {
    owner: "investor_id",
    ids: {
      account: "inv_01j9q4m8x7c5v2b3n6k1h0g9f8",
      order: "ord_x9y8z7a6b5c4d3e2",
      "transfer.deposit": "dep_m4n5p6q7r8s9t1u2",
      "transfer.withdrawal": "wdr_h3j4k5l6m7n8p9q1",
      document: "doc_c1d2e3f4g5h6j7k8",
    },
  },
  legacy: {
    owner: "account_id",
    ids: {
      account: "3f2b8c1e-7a64-4d0b-9c55-1e8f6a2d4b70",
      order: "b7d1a0c2-58e3-4f69-8a1d-2c94e7f03b16",
      "transfer.deposit": "5c8e2f70-1b9d-4a36-bf42-7d0a93c6e815",
      "transfer.withdrawal": "e04a7b92-c3f6-4185-9d2e-6b1f58a0d37c",
      document: "91d6f3a8-0e27-4cb5-a17f-4583b2c9e06d",
    },
  },
} as const;

/** The legacy API's field names of an order. Its statuses equal the last parts of the event names. */
const LEGACY_ORDER_FIELDS: Readonly<Record<string, string>> = {
  quantity: "qty",
  filled_quantity: "filled_qty",
  remaining_quantity: "remaining_qty",
  failure_reason: "reject_reason",
};

/** The published sample of an event with the field names of a generation. */
function publishedSample(event: EventName, generation: Generation): SamplePayload {
  const { owner, ids } = TERMS[generation];
  const end = event.lastIndexOf(".");
  const kind = event.slice(0, end) as keyof typeof ids;
  const fields = Object.entries(DATA[event]).map(([name, value]) =>
    generation === "legacy" && kind === "order"
      ? [LEGACY_ORDER_FIELDS[name] ?? name, name === "status" ? event.slice(end + 1) : value]
      : [name, value],
  );
  const data = { id: ids[kind], [owner]: ids.account, ...Object.fromEntries(fields) };
  return { event, timestamp: PUBLISHED_AT, data };
}

/** A realistic payload of a documented event with the current time; undefined for an undocumented name. */
export function sampleOf(event: string, generation: Generation, options: SampleOptions): SamplePayload | undefined {
  if (!Object.hasOwn(DATA, event)) return undefined;
  return renewed(publishedSample(event as EventName, generation), TERMS[generation].owner, options);
}

/** A payload for an undocumented name, with the fields that all payloads have. */
export function genericSample(event: string, generation: Generation, options: SampleOptions): SamplePayload {
  const { owner, ids } = TERMS[generation];
  const id = generation === "current" ? "res_a1b2c3d4e5f6g7h8" : "c6a90e14-72b5-4d38-8f0b-35e1d9742afc";
  const data = { id, [owner]: ids.account, status: "completed" };
  return renewed({ event, timestamp: PUBLISHED_AT, data }, owner, options);
}
/** Moves the sample to another time and keeps the distance of the times in its data. */
function renewed(sample: SamplePayload, owner: string, options: SampleOptions): SamplePayload {
  const { event, data } = sample;
  const moved = (time: unknown) => isoSeconds(Date.parse(String(time)) + options.now - Date.parse(sample.timestamp));
  const times = Object.keys(data).filter((field) => field.endsWith("_at"));
  const isOfOwner = data.id === data[owner];
  const { resourceId, ownerId } = options;
  const made = () => (typeof resourceId === "function" ? resourceId(data.id) : data.id);
  const id = typeof resourceId === "string" ? resourceId : isOfOwner && ownerId !== undefined ? ownerId : made();
  return {
    event,
    timestamp: isoSeconds(options.now),
    data: {
      ...data,
      ...Object.fromEntries(times.map((field) => [field, moved(data[field])])),
      id,
      [owner]: isOfOwner ? id : (ownerId ?? data[owner]),
    },
  };
}

function isoSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}
