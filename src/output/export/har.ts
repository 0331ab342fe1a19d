import { STATUS_CODES } from "node:http";
import { endedAfterMs, isHungUp, type HeaderPair, type StoredDelivery } from "../../core/delivery.ts";
import type { ForwardAttempt } from "../../core/exchange.ts";
import { exactText } from "../reports/body-view.ts";
import { maskHeaders, type ExportFormat, type ExportOptions } from "./document.ts";
import { jsonLine } from "./json.ts";
import { maskUrl } from "../privacy/mask.ts";
import { answerWords } from "../live/lines.ts";
import { REDACTION_NOTE } from "../privacy/redact.ts";

interface NameValue {
  readonly name: string;
  readonly value: string;
}

/**
 * HAR 1.2, for browsers' developer tools: an entry for each delivery with the answer to the sender, then one for each
 * attempt to forward it with the app's response. http://www.softwareishard.com/blog/har-12-spec/
 */
export function harFormat({ version, isRedacted }: ExportOptions): ExportFormat {
  const log = {
    version: "1.2",
    creator: { name: "bluum-hooks", version },
    ...(isRedacted ? { comment: REDACTION_NOTE } : {}),
  };
  return {
    head: `{"log":${jsonLine(log).slice(0, -1)},"entries":[`,
    foot: "\n]}}\n",
    item: ({ delivery, attempts }, index) =>
      [deliveryEntry(delivery), ...attempts.map((attempt) => attemptEntry(delivery, attempt))]
        .map((entry, at) => `${index + at === 0 ? "" : ","}\n${jsonLine(entry)}`)
        .join(""),
  };
}

function deliveryEntry(delivery: StoredDelivery): object {
  const { answer } = delivery;
  const response =
    answer === undefined
      ? failedResponse("not answered, or the answer was not recorded")
      : isHungUp(answer)
        ? failedResponse(`the sender ${answerWords(answer)}`)
        : responseOf(answer.status, [], undefined, 0);
  return {
    ...timed(delivery.receivedAt, answer === undefined ? 0 : endedAfterMs(answer)),
    request: requestOf(delivery, urlOf(delivery)),
    response,
    comment: `received as ${delivery.id}: ${delivery.verification.verdict}, ${delivery.recurrence.kind}`,
  };
}

function attemptEntry(delivery: StoredDelivery, { cause, url, outcome, sent }: ForwardAttempt): object {
  const request = requestOf({ ...delivery, body: sent ?? delivery.body }, url);
  const { postData: _postData, ...withoutBody } = request;
  return {
    ...timed(outcome.startedAt, outcome.durationMs),
    // Early versions did not record an edited payload.
    request: cause === "edited" && sent === undefined ? { ...withoutBody, bodySize: -1 } : request,
    response:
      outcome.kind === "failed"
        ? failedResponse(`${outcome.reason}: ${outcome.message}`)
        : responseOf(outcome.status, outcome.headers, outcome.body, outcome.bodyBytes),
    comment: `forwarded ${delivery.id} (${cause})`,
  };
}

/** The whole time is counted as waiting: sending and receiving are not measured separately. */
function timed(startedAt: number, measuredMs: number): object {
  const durationMs = Math.round(measuredMs * 10) / 10;
  return {
    startedDateTime: new Date(startedAt).toISOString(),
    time: durationMs,
    cache: {},
    timings: { send: 0, wait: durationMs, receive: 0 },
  };
}

function requestOf({ method, headers, body, cutFrom }: StoredDelivery, unmasked: string) {
  const url = maskUrl(unmasked);
  const text = exactText(body);
  return {
    method,
    url,
    httpVersion: "HTTP/1.1",
    cookies: [],
    headers: pairs(headers),
    queryString: [...new URL(url).searchParams].map(([name, value]) => ({ name, value })),
    postData: {
      mimeType: headerOf(headers, "content-type"),
      // The format has no field for a binary body here; custom fields begin with an underscore.
      ...(text === undefined ? { text: body.toString("base64"), _encoding: "base64" } : { text }),
      ...(cutFrom === undefined ? {} : { comment: `only the first ${body.length} bytes are kept` }),
    },
    headersSize: -1,
    bodySize: cutFrom ?? body.length,
  };
}

function responseOf(status: number, headers: readonly HeaderPair[], body: Buffer | undefined, bodyBytes: number) {
  const text = body === undefined ? "" : exactText(body);
  return {
    status,
    statusText: STATUS_CODES[status] ?? "",
    httpVersion: "HTTP/1.1",
    cookies: [],
    headers: pairs(headers),
    content: {
      size: bodyBytes,
      mimeType: headerOf(headers, "content-type"),
      ...(text === undefined ? { text: body?.toString("base64"), encoding: "base64" } : { text }),
      ...(body !== undefined && bodyBytes > body.length
        ? { comment: `only the first ${body.length} bytes are kept` }
        : {}),
    },
    redirectURL: maskUrl(headerOf(headers, "location", "")),
    headersSize: -1,
    bodySize: bodyBytes,
  };
}

/** Browsers use status 0 if there was no response; they show `_error`. */
function failedResponse(error: string): object {
  return { ...responseOf(0, [], undefined, 0), httpVersion: "", bodySize: -1, _error: error };
}

/** The requested URL, as far as the request contains it. */
function urlOf({ path, headers }: StoredDelivery): string {
  const scheme = headerOf(headers, "x-forwarded-proto", "http") === "https" ? "https" : "http";
  const host = headerOf(headers, "host", "localhost");
  const [there, somewhere] = [`${scheme}://${host}${path}`, `${scheme}://localhost${path}`];
  if (URL.canParse(there)) return new URL(there).href;
  return URL.canParse(somewhere) ? new URL(somewhere).href : `${scheme}://localhost/`;
}

function pairs(headers: readonly HeaderPair[]): NameValue[] {
  return maskHeaders(headers).map(([name, value]) => ({ name, value }));
}

function headerOf(headers: readonly HeaderPair[], wanted: string, fallback = "application/octet-stream"): string {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? fallback;
}
