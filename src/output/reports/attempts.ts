import type { ForwardAttempt, ForwardCause } from "../../core/forward.ts";
import { localTime } from "../../core/local-time.ts";
import { readableBody } from "./body-view.ts";
import { clean, cleanBlock } from "../privacy/clean.ts";
import type { Paint } from "../color.ts";
import { decodeBody } from "./decode.ts";
import { maskHeaders } from "../export/document.ts";
import { statusTone } from "../live/lines.ts";
import { maskUrl } from "../privacy/mask.ts";
import { duration } from "../text.ts";

const CAUSES: Readonly<Record<ForwardCause, string>> = {
  live: "live",
  "catch-up": "caught up",
  replay: "replay",
  edited: "replay, edited",
};

/** Every attempt to forward a delivery, with the app's response, indented; the oldest first. */
export async function attemptsText(attempts: readonly ForwardAttempt[], paint: Paint): Promise<string> {
  const texts = await Promise.all(attempts.map((attempt, index) => attemptText(attempt, index + 1, paint)));
  return texts.join("\n");
}

async function attemptText({ cause, url, outcome }: ForwardAttempt, number: number, paint: Paint): Promise<string> {
  const head = [`attempt ${number}`, CAUSES[cause], localTime(outcome.startedAt)].join(" · ");
  const title = `${paint("strong", head)}\n  ${paint("dim", "→")} ${clean(maskUrl(url))}\n`;
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
  const body = outcome.bodyBytes === 0 ? [] : ["", ...cleanBlock(readableBody(bytes)).split("\n")];
  return `${title}${[status, ...[...headers, ...body].map((line) => `  ${line}`.trimEnd())].join("\n")}\n`;
}

/** Headers for display: cleaned, and with secrets masked. */
export function headerLines(headers: ForwardHeaders, paint: Paint): string[] {
  return maskHeaders(headers).map(([name, value]) => `${paint("dim", `${clean(name)}:`)} ${clean(value)}`);
}

type ForwardHeaders = Parameters<typeof maskHeaders>[0];
