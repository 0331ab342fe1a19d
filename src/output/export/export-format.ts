import type { ForwardAttempt } from "../../core/forward.ts";
import type { DocumentedDelivery } from "./document.ts";

/** The exported data of one delivery. */
export interface Exported {
  readonly delivery: DocumentedDelivery;
  /** The oldest first. */
  readonly attempts: readonly ForwardAttempt[];
}

export interface ExportOptions {
  readonly version: string;
  /** Whether the deliveries were redacted, which the file then states. */
  readonly isRedacted: boolean;
}

/** A file that is written piece by piece, for any number of deliveries. */
export interface ExportFormat {
  readonly head: string;
  readonly foot: string;
  /** The text for the delivery with this index, from 0. */
  item(exported: Exported, index: number): string;
}
