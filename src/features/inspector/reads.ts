import type { StreamBatch } from "../../inspector/api.ts";
import type {
  Counts,
  Detail,
  DeliveryPage,
  ExportFormat,
  FailedPlace,
  Stats,
  Timeline,
} from "../../inspector/contract.ts";
import type { RowFilter } from "../../store/rows-query.ts";
import type { KnownSecrets } from "./details.ts";

/** The location of the store. */
export interface ReadsPlace {
  readonly folder: string;
  /** Whether this process may write to the store, and has it open. */
  readonly isWritable: boolean;
}

export interface PageQuery {
  readonly filter: RowFilter;
  /** The snapshot; absent: the newest. */
  readonly upTo?: number | undefined;
  /** Only rows before this one in the feed. */
  readonly before?: number | undefined;
  readonly offset?: number | undefined;
  readonly limit: number;
}

export interface FailedQuery {
  /** Of the list. */
  readonly filter: RowFilter;
  readonly upTo: number;
  /** The nearest one to this place of the feed, which itself is not found. */
  readonly seq: number;
  readonly side: "older" | "newer";
}

export interface NextQuery {
  readonly filter: RowFilter;
  /** The place of the feed up to which the stream has sent everything. */
  readonly after: number;
  /** Beyond this distance, a new snapshot is cheaper than catching up. */
  readonly maxBehind: number;
  /** The place up to which the stream has sent the counts; null if they are not needed yet. */
  readonly countsAfter: number | null;
  /** How long to wait for new entries. */
  readonly waitMs: number;
}

export interface ExportQuery {
  readonly filter: RowFilter;
  /** Only this delivery. */
  readonly id: string | undefined;
  readonly format: ExportFormat;
  readonly isRedacted: boolean;
  readonly version: string;
}

/** The queries of the inspector. Each method has one argument, so that it can be called from another thread. */
export interface InspectorReads {
  page(query: PageQuery): Promise<DeliveryPage>;
  failed(query: FailedQuery): Promise<FailedPlace>;
  counts(query: { readonly upTo: number | undefined }): Promise<Counts>;
  detail(query: { readonly id: string; readonly known: KnownSecrets }): Promise<Detail>;
  body(query: { readonly id: string }): Promise<{ readonly id: string; readonly bytes: Uint8Array }>;
  attemptBody(query: {
    readonly id: string;
    readonly n: number;
  }): Promise<{ readonly id: string; readonly bytes: Uint8Array }>;
  timeline(query: { readonly resource: string }): Promise<Timeline>;
  stats(query: { readonly filter: RowFilter }): Promise<Stats>;
  head(query: Record<string, never>): Promise<number>;
  next(query: NextQuery): Promise<StreamBatch>;
  /** Starts an export and returns its number. */
  exportBegin(query: ExportQuery): Promise<number>;
  /** The next piece, or null at the end. */
  exportNext(query: { readonly number: number }): Promise<string | null>;
  exportEnd(query: { readonly number: number }): Promise<void>;
}

export const READS = [
  "page",
  "failed",
  "counts",
  "detail",
  "body",
  "attemptBody",
  "timeline",
  "stats",
  "head",
  "next",
  "exportBegin",
  "exportNext",
  "exportEnd",
] as const satisfies readonly (keyof InspectorReads)[];

export type ReadName = (typeof READS)[number];

/** The message that asks the thread to close the store and end. */
export const CLOSE = "close";
