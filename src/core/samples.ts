import type { EventName } from "./events.ts";
import type { Generation } from "./id-rules.ts";
import { payloadIn, type PayloadForm } from "./payload-form.ts";

/** How a payload is written: the form is that of the payload, the generation decides the names in its data. */
export interface PayloadStyle {
  readonly form: PayloadForm;
  readonly generation: Generation;
}

export interface SampleOptions {
  /** Unix time in milliseconds; it becomes the timestamp. */
  readonly now: number;
  /**
   * The resource's id, or a function that makes it from the sample's own (`newIdLike`); absent: the sample's own. Two
   * samples with the same event, id and second are the same event, as they would be from the API.
   */
  readonly resourceId?: string | ((like: string) => string) | undefined;
  /** The investor or account that the event concerns; absent: the sample's own. It is also an account's resource. */
  readonly ownerId?: string | undefined;
}

/** A payload in one of the API's published forms. Decimals are strings; the timestamp has whole seconds. */
export type SamplePayload = ReturnType<typeof payloadIn>;

type Fields = Readonly<Record<string, string | null>>;

/** ISO 8601 in UTC, this many seconds before the event. */
type Ago = (seconds: number) => string;

/** An order of ten shares, with this number filled. */
const order = (status: string, filled: number, ago: Ago, more: Fields = {}): Fields => ({
  symbol: "AAPL",
  side: "buy",
  type: "market",
  time_in_force: "day",
  quantity: "10",
  status,
  filled_quantity: String(filled),
  remaining_quantity: String(10 - filled),
  average_price: filled === 0 ? "0.00" : "178.50",
  submitted_at: ago(1),
  ...more,
});

const transfer = (amount: string, status: string, ago: Ago, more: Fields = {}): Fields => ({
  amount,
  currency: "USD",
  method: "ach",
  status,
  initiated_at: ago(5),
  ...more,
});

const document = (status: string, ago: Ago, more: Fields = {}): Fields => ({
  document_type: "id_verification",
  status,
  ...more,
  reviewed_at: ago(0),
});

/** The data of each documented event with the current API's field names, without the ids. */
const DATA: Readonly<Record<EventName, (ago: Ago) => Fields>> = {
  "account.created": () => ({ account_type: "individual", status: "pending" }),
  "account.updated": () => ({ account_type: "individual", status: "active" }),
  "order.accepted": (ago) => order("open", 0, ago),
  "order.filled": (ago) => order("filled", 10, ago, { filled_at: ago(0) }),
  "order.partially_filled": (ago) => order("partial", 4, ago),
  "order.canceled": (ago) => order("cancelled", 0, ago, { cancelled_at: ago(0) }),
  "order.rejected": (ago) => order("failed", 0, ago, { failure_reason: "insufficient buying power" }),
  "transfer.deposit.initiated": (ago) => transfer("5000.00", "pending", ago),
  "transfer.deposit.completed": (ago) => transfer("5000.00", "completed", ago, { completed_at: ago(0) }),
  "transfer.deposit.failed": (ago) =>
    transfer("5000.00", "failed", ago, { failure_reason: "returned by the bank: insufficient funds (R01)" }),
  "transfer.withdrawal.initiated": (ago) => transfer("1250.00", "pending", ago),
  "transfer.withdrawal.completed": (ago) => transfer("1250.00", "completed", ago, { completed_at: ago(0) }),
  "transfer.withdrawal.failed": (ago) =>
    transfer("1250.00", "failed", ago, { failure_reason: "returned by the bank: account closed (R02)" }),
  "document.approved": (ago) => document("approved", ago),
  "document.rejected": (ago) => document("rejected", ago, { reason: "the photo is not legible" }),
};

/** The field of the owner, the owner's id, and the ids of other resources by the beginning of the event's name. */
const TERMS = {
  current: {
    ownerField: "investor_id",
    ownerId: "inv_01j9q4m8x7c5v2b3n6k1h0g9f8",
    withdrawalId: "wd_h3j4k5l6m7n8p9q1",
  },
  legacy: {
    ownerField: "account_id",
    ownerId: "3f2b8c1e-7a64-4d0b-9c55-1e8f6a2d4b70",
    withdrawalId: "wdr_h3j4k5l6m7n8p9q1",
  },
} as const satisfies Record<Generation, object>;

/** The legacy API's field names; `reject_reason` is only an order's. */
const LEGACY_FIELDS: Readonly<Record<string, string>> = {
  quantity: "qty",
  filled_quantity: "filled_qty",
  remaining_quantity: "remaining_qty",
  cancelled_at: "canceled_at",
  initiated_at: "created_at",
};

/** A realistic payload of an event with the current time. An undocumented name gets the fields that all have. */
export function samplePayload(
  event: string,
  { form, generation }: PayloadStyle,
  options: SampleOptions,
): SamplePayload {
  const { ownerField, ownerId } = TERMS[generation];
  const ago: Ago = (seconds) => isoSeconds(options.now - seconds * 1000);
  const isOfOwner = event.startsWith("account.");
  const id = resourceIdOf(event, generation, options);
  const owner = isOfOwner ? id : (options.ownerId ?? ownerId);
  const data = { id, [ownerField]: owner, ...fieldsOf(event, generation, ago) };
  return payloadIn(form, { event, timestamp: ago(0), data });
}

function resourceIdOf(event: string, generation: Generation, { resourceId, ownerId }: SampleOptions): string {
  if (typeof resourceId === "string") return resourceId;
  const isOfOwner = event.startsWith("account.");
  if (isOfOwner && ownerId !== undefined) return ownerId;
  const own = sampleId(event, generation);
  return resourceId === undefined ? own : resourceId(own);
}

/** The ids of the legacy API have prefixes too; only its accounts are UUIDs. */
function sampleId(event: string, generation: Generation): string {
  const { ownerId, withdrawalId } = TERMS[generation];
  const [domain = ""] = event.replace(/^transfer\./, "").split(".");
  const ids: Readonly<Record<string, string>> = {
    account: ownerId,
    order: "ord_x9y8z7a6b5c4d3e2",
    deposit: "dep_m4n5p6q7r8s9t1u2",
    withdrawal: withdrawalId,
    document: "doc_c1d2e3f4g5h6j7k8",
    kyc: WORKFLOW_ID,
    compliance: WORKFLOW_ID,
  };
  return Object.hasOwn(ids, domain) ? (ids[domain] ?? "") : "res_a1b2c3d4e5f6g7h8";
}

const WORKFLOW_ID = "cw_d5e6f7g8h9j1k2l3";

function fieldsOf(event: string, generation: Generation, ago: Ago): Fields {
  // One edition names transfers without the prefix.
  const name = [event, `transfer.${event}`].find((each): each is EventName => Object.hasOwn(DATA, each));
  const lastPart = event.slice(event.lastIndexOf(".") + 1);
  if (name === undefined) return { status: /^(kyc|compliance)\./.test(event) ? lastPart : "completed" };
  const fields = DATA[name](ago);
  return generation === "current" ? fields : legacyFields(fields, event.startsWith("order.") ? lastPart : undefined);
}

/** A legacy order's statuses equal the last parts of the event names. */
function legacyFields(fields: Fields, orderStatus: string | undefined): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (orderStatus === undefined) return [LEGACY_FIELDS[name] ?? name, value];
      if (name === "status") return [name, orderStatus];
      if (name === "failure_reason") return ["reject_reason", value];
      return [LEGACY_FIELDS[name] ?? name, value];
    }),
  );
}

function isoSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}
