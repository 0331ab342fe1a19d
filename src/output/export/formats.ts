import { bodyFields } from "../reports/body-view.ts";
import { curlFormat } from "./curl-script.ts";
import { wholeDocument, type ExportOptions, type ExportFormat } from "./document.ts";
import { harFormat } from "./har.ts";
import { jsonLine } from "./json.ts";
import { REDACTION_NOTE } from "../privacy/redact.ts";

export const EXPORT_FORMATS = {
  ndjson: ndjsonFormat,
  har: harFormat,
  curl: curlFormat,
} as const satisfies Record<string, (options: ExportOptions) => ExportFormat>;

/** One record for each delivery: the document of `events show --json`, with the body unchanged. */
function ndjsonFormat({ isRedacted }: ExportOptions): ExportFormat {
  const note = isRedacted ? { redacted: REDACTION_NOTE } : {};
  return {
    head: "",
    foot: "",
    item: ({ delivery, attempts }) => {
      // The body is included once: as text, otherwise as base64.
      const { bodyBase64: _bodyBase64, ...document } = wholeDocument(delivery, attempts);
      return `${jsonLine({ ...document, ...bodyFields(delivery.body), ...note })}\n`;
    },
  };
}
