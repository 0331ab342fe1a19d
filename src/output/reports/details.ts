import { STATUS_CODES } from "node:http";
import type { HeaderPair, StoredDelivery } from "../../core/delivery.ts";
import type { ExchangeOutcome, ForwardAttempt, ForwardCause } from "../../core/exchange.ts";
import { readableBody } from "./body-view.ts";
import { clean, cleanBlock } from "../privacy/clean.ts";
import type { Paint } from "../color.ts";
import { maskUrl } from "../privacy/mask.ts";
import { localTime } from "../../core/local-time.ts";
import { decodeBody } from "./decode.ts";
import { maskHeaders } from "../export/document.ts";
import { statusTone } from "../live/lines.ts";
import { duration } from "../text.ts";

/** The headers and the body of a delivery for `--verbose`, indented below its line. Secret headers are masked. */
export function deliveryDetails(delivery: StoredDelivery, paint: Paint): string {
  const { id, method, path, headers, payload, body } = delivery;
  const coding = codingOf(headers);
  const remarks = [
    ...(payload.kind === "not-json" ? [payload.reason] : []),
    ...(coding === undefined ? [] : [`${coding}; decoded by: bluum-hooks events show ${id}`]),
  ];
  const lines = [
    paint("dim", `${clean(method)} ${clean(maskUrl(path))}`),
    ...headerLines(headers, paint),
    "",
    ...remarks.map((remark) => paint("warn", `(${clean(remark)})`)),
    ...(body.length === 0 ? [] : cleanBlock(readableBody(body)).split("\n")),
    "",
  ];
  return `${lines.map((line) => `  ${line}`.trimEnd()).join("\n")}\n`;
}

/** The app's answer for `--verbose`: its status, headers and body, indented. */
export function answerDetails(
  { status, headers, body, bodyBytes }: Extract<ExchangeOutcome, { kind: "answered" }>,
  paint: Paint,
): string {
  const coding = codingOf(headers);
  const lines = [
    paint("dim", `${status} ${STATUS_CODES[status] ?? ""}`.trimEnd()),
    ...headerLines(headers, paint),
    "",
    ...(coding === undefined ? [] : [paint("warn", `(${clean(coding)})`)]),
    ...(bodyBytes === 0 ? [] : [...cleanBlock(readableBody(body)).split("\n"), ""]),
  ];
  return `${lines.map((line) => `    ${line}`.trimEnd()).join("\n")}\n`;
}

function codingOf(headers: readonly HeaderPair[]): string | undefined {
  const value = headers.find(([name]) => name.toLowerCase() === "content-encoding")?.[1].trim();
  return value === "" || value?.toLowerCase() === "identity" ? undefined : value;
}

const CAUSES: Readonly<Record<ForwardCause, string>> = {
  live: "live",
  "catch-up": "caught up",
  replay: "replay",
  elsewhere: "replay to another URL",
  edited: "replay, edited",
};

/** Every attempt to forward a delivery, with the app's response, indented; the oldest first. */
export async function attemptsText(attempts: readonly ForwardAttempt[], paint: Paint): Promise<string> {
  const texts = await Promise.all(attempts.map((attempt, index) => attemptText(attempt, index + 1, paint)));
  return texts.join("\n");
}

async function attemptText(attempt: ForwardAttempt, number: number, paint: Paint): Promise<string> {
  const { cause, url, outcome, sent } = attempt;
  const head = [`attempt ${number}`, CAUSES[cause], localTime(outcome.startedAt)].join(" · ");
  const body = sent === undefined ? [] : ["sent:", ...cleanBlock(readableBody(sent)).split("\n"), ""];
  const title = [
    paint("strong", head),
    `  ${paint("dim", "→")} ${clean(maskUrl(url))}`,
    ...body.map(indented),
    "",
  ].join("\n");
  const took = `after ${duration(outcome.durationMs)}`;
  if (outcome.kind === "failed") {
    return `${title}  ${paint("bad", outcome.reason)} ${took}: ${clean(outcome.message)}\n`;
  }
  const { bytes, codings, problem } = await decodeBody(outcome.body, outcome.headers);
  const size = [
    `${outcome.bodyBytes} bytes`,
    ...codings,
    ...(outcome.bodyBytes > outcome.body.length ? [`the first ${outcome.body.length} are kept`] : []),
    ...(problem === undefined ? [] : [problem]),
  ].join(", ");
  const status = `  ${paint(statusTone(outcome.status), String(outcome.status))} ${took} ${paint("dim", `(${clean(size)})`)}`;
  const headers = headerLines(outcome.headers, paint);
  const answer = outcome.bodyBytes === 0 ? [] : ["", ...cleanBlock(readableBody(bytes)).split("\n")];
  return `${title}${[status, ...[...headers, ...answer].map(indented)].join("\n")}\n`;
}

function indented(line: string): string {
  return `  ${line}`.trimEnd();
}

/** Headers for display: cleaned, and with secrets masked. */
export function headerLines(headers: ForwardHeaders, paint: Paint): string[] {
  return maskHeaders(headers).map(([name, value]) => `${paint("dim", `${clean(name)}:`)} ${clean(value)}`);
}

type ForwardHeaders = Parameters<typeof maskHeaders>[0];
