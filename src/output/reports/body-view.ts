import { formatJson } from "../../core/json-text.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** How much of a binary body is shown, as hex. */
const HEX_BYTES = 64;
/** The maximum length of a displayed text. */
const MAX_CHARACTERS = 64 * 1024;
/** A body that was cut within a character ends with at most this many bytes of it. */
const PARTIAL_BYTES = 3;

/** The text whose UTF-8 encoding is exactly these bytes, if there is one. */
export function exactText(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A body as fields of a JSON document, from which the same bytes can be restored. */
export function bodyFields(bytes: Buffer): { readonly body: string } | { readonly bodyBase64: string } {
  const text = exactText(bytes);
  // Any valid UTF-8 counts as text, because binary data that happens to be valid cannot be distinguished from it.
  return text === undefined ? { bodyBase64: bytes.toString("base64") } : { body: text };
}

/** A body for display: formatted if it is JSON, its text, or its first bytes as hex. Not cleaned. */
export function readableBody(bytes: Buffer): string {
  if (bytes.length === 0) return "(no body)";
  const text = exactText(bytes) ?? textOfCut(bytes);
  if (text === undefined || text.includes("\0")) return hexSummary(bytes);
  const shown = pretty(text) ?? text;
  return shown.length <= MAX_CHARACTERS ? shown : `${shown.slice(0, MAX_CHARACTERS)}\n… (${bytes.length} bytes)`;
}

function pretty(text: string): string | undefined {
  try {
    JSON.parse(text);
    return formatJson(text, { indent: 2, maxLength: MAX_CHARACTERS });
  } catch {
    return undefined;
  }
}

function textOfCut(bytes: Buffer): string | undefined {
  for (let cut = 1; cut <= PARTIAL_BYTES; cut += 1) {
    const text = exactText(bytes.subarray(0, -cut));
    if (text !== undefined && text !== "") return text;
  }
  return undefined;
}

function hexSummary(bytes: Buffer): string {
  const pairs = bytes.subarray(0, HEX_BYTES).toString("hex").match(/../g) ?? [];
  const lines = Array.from({ length: Math.ceil(pairs.length / 16) }, (_, line) =>
    pairs.slice(line * 16, line * 16 + 16).join(" "),
  );
  return [`(binary, ${bytes.length} bytes)`, ...lines, ...(bytes.length > HEX_BYTES ? ["…"] : [])].join("\n");
}
