import { STATUS_CODES } from "node:http";
import { brotliDecompressSync, constants, gunzipSync, inflateSync } from "node:zlib";
import type { ExchangeOutcome } from "../../core/exchange.ts";
import { exactText } from "../reports/body-view.ts";
import { clean } from "../privacy/clean.ts";
import { duration } from "../text.ts";

/** The longest excerpt of an app's response on one line. */
const MAX_EXCERPT = 300;
/** Only the beginning is read: that is where error messages are. */
const MAX_READ = 16 * 1024;

/** The result of an attempt: `500 Internal Server Error: TypeError: …`, or why there was no response. */
export function outcomeWords(outcome: ExchangeOutcome): string {
  const took = duration(outcome.durationMs);
  if (outcome.kind === "failed") {
    // The message of a timeout already contains the time.
    return / within [\d.]+ s$/.test(outcome.message)
      ? clean(outcome.message)
      : `${clean(outcome.message)} after ${took}`;
  }
  const status = `${outcome.status} ${STATUS_CODES[outcome.status] ?? ""}`.trimEnd();
  if (outcome.status >= 200 && outcome.status <= 299) return `${status} after ${took}`;
  const excerpt = excerptOf(outcome);
  return excerpt === "" ? status : `${status}: ${excerpt}`;
}

type Answered = Extract<ExchangeOutcome, { kind: "answered" }>;

/** The beginning of the app's response as one clean line; empty if it is not text. */
function excerptOf({ body, headers }: Answered): string {
  const header = (wanted: string) =>
    headers
      .find(([name]) => name.toLowerCase() === wanted)?.[1]
      .trim()
      .toLowerCase();
  const bytes = decoded(body, header("content-encoding"))?.subarray(0, MAX_READ);
  const text = bytes === undefined ? undefined : textOf(bytes);
  if (text === undefined || text.includes("\0")) return "";
  const isMarkup = header("content-type")?.includes("html") === true || /^\s*<(?:!doctype|html|\?xml)/i.test(text);
  const plain = clean(isMarkup ? withoutMarkup(text) : text)
    .replace(/\s+/g, " ")
    .trim();
  return plain.length > MAX_EXCERPT ? `${plain.slice(0, MAX_EXCERPT)}…` : plain;
}

function decoded(body: Buffer, coding: string | undefined): Buffer | undefined {
  // A truncated body is decoded as far as possible; a longer result is not an error message.
  const lenient = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1024 * 1024 };
  try {
    switch (coding) {
      case undefined:
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

/** A text that may end within a character. */
function textOf(bytes: Buffer): string | undefined {
  for (let cut = 0; cut < 4; cut += 1) {
    const text = exactText(bytes.subarray(0, bytes.length - cut));
    if (text !== undefined) return text;
  }
  return undefined;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  "#39": "'",
  "#x27": "'",
};

/** The visible text of an error page. */
function withoutMarkup(html: string): string {
  return html
    .replace(/<(script|style|head|svg)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, " ")
    .replace(/<!--[\s\S]*?(?:-->|$)/g, " ")
    .replace(/<[^>]*(?:>|$)/g, " ")
    .replace(/&(#?\w+);/g, (entity, name: string) => ENTITIES[name.toLowerCase()] ?? entity);
}
