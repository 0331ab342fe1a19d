import type { ForwardAttempt } from "../core/forward.ts";
import { bodyFields } from "./body.ts";
import { curlFormat } from "./curl-script.ts";
import { wholeDocument, type DocumentedDelivery } from "./document.ts";
import { harFormat } from "./har.ts";
import { jsonLine } from "./json.ts";
import { REDACTION_NOTE } from "./redact.ts";

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

export const EXPORT_FORMATS = {
  ndjson: ndjsonFormat,
  har: harFormat,
  curl: curlFormat,
} as const satisfies Record<string, (options: ExportOptions) => ExportFormat>;

/** One record for each delivery: what `events show --json` says, with the body as it came. */
function ndjsonFormat({ isRedacted }: ExportOptions): ExportFormat {
  const note = isRedacted ? { redacted: REDACTION_NOTE } : {};
  return {
    head: "",
    foot: "",
    item: ({ delivery, attempts }) => {
      // The body is there once: as text, or else as base64.
      const { bodyBase64: _bodyBase64, ...document } = wholeDocument(delivery, attempts);
      return `${jsonLine({ ...document, ...bodyFields(delivery.body), ...note })}\n`;
    },
  };
}
