import { brotliDecompressSync, constants, gunzipSync, inflateSync } from "node:zlib";
import type { ExchangeOutcome } from "../core/exchange.ts";

export type Answered = Extract<ExchangeOutcome, { kind: "answered" }>;

/** Error messages are at the beginning of an error page. */
const MAX_READ = 16 * 1024;

/** The visible text of a response on one line, without markup; empty if the response is not text. Not cleaned. */
export function visibleText(answer: Answered): string {
  const text = sourceText(answer, MAX_READ);
  const isMarkup =
    headerOf(answer, "content-type").includes("html") || /^\s*<(?:!doctype|html|\?xml)/i.test(text.slice(0, 1_000));
  return (isMarkup ? withoutMarkup(text) : text).replace(/\s+/g, " ").trim();
}

/** The text of a response as written, with its markup; empty if it is not text. Not cleaned. */
export function sourceText(answer: Answered, maxBytes = Infinity): string {
  const bytes = decoded(answer.body, headerOf(answer, "content-encoding"))?.subarray(0, maxBytes);
  const text = bytes === undefined ? "" : textOf(bytes);
  return text.includes("\0") ? "" : text;
}

/** The beginning of a text, with a mark if it was cut. */
export function cutText(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength).trimEnd()}…` : text;
}

function headerOf({ headers }: Answered, wanted: string): string {
  const found = headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  return (found ?? "").trim().toLowerCase();
}

function decoded(body: Buffer, coding: string): Buffer | undefined {
  // A truncated body is decoded as far as possible; a longer result is not an error message.
  const lenient = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1024 * 1024 };
  try {
    switch (coding) {
      case "":
      case "identity":
        return body;
      case "gzip":
        return gunzipSync(body, lenient);
      case "deflate":
        return inflateSync(body, lenient);
      case "br":
        return brotliDecompressSync(body, { ...lenient, finishFlush: constants.BROTLI_OPERATION_FLUSH });
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

/** The text of bytes that may end within a character. */
function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return "";
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
};

function withoutMarkup(html: string): string {
  return html
    .replace(/<(script|style|head|svg)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, " ")
    .replace(/<!--[\s\S]*?(?:-->|$)/g, " ")
    .replace(/<[^>]*(?:>|$)/g, " ")
    .replace(/&(#?\w+);/g, (entity, name: string) => ENTITIES[name.toLowerCase()] ?? numbered(name) ?? entity);
}

/** The character of `#39`, `#039` or `#x27`; undefined for any other text. */
function numbered(name: string): string | undefined {
  const [, decimal, hexadecimal] = /^#(?:(\d{1,7})|x([\da-f]{1,6}))$/i.exec(name) ?? [];
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
