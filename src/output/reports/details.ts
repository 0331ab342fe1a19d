import { STATUS_CODES } from "node:http";
import type { HeaderPair, StoredDelivery } from "../../core/delivery.ts";
import type { ExchangeOutcome } from "../../core/exchange.ts";
import { headerLines } from "./attempts.ts";
import { readableBody } from "./body-view.ts";
import { clean, cleanBlock } from "../privacy/clean.ts";
import type { Paint } from "../color.ts";
import { maskUrl } from "../privacy/mask.ts";

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
