import type { ForwardAttempt } from "../../core/forward.ts";
import type { DocumentedDelivery } from "./document.ts";

/** What is exported of one delivery. */
export interface Exported {
  readonly delivery: DocumentedDelivery;
  /** The oldest first. */
  readonly attempts: readonly ForwardAttempt[];
}

export interface ExportOptions {
  readonly version: string;
  /** Whether the deliveries were redacted, which is then said in the file. */
  readonly isRedacted: boolean;
}

/** A file that is written piece by piece, however many deliveries there are. */
export interface ExportFormat {
  readonly head: string;
  readonly foot: string;
  /** The text for the delivery with this index, from 0. */
  item(exported: Exported, index: number): string;
}
