import { shellWord } from "../../core/command-line.ts";
import { isAtApp } from "../../core/exchange.ts";
import { exactText } from "../reports/body-view.ts";
import { cleanBlock } from "../privacy/clean.ts";
import { withoutSecretParameters } from "../privacy/mask.ts";
import { headerArgument, sendableHeaders } from "./curl-script.ts";
import type { Exported } from "./document.ts";

/** One argument of a command may have 128 KB on Linux. */
const MAX_BODY_BYTES = 100_000;
const NO_APP = "http://localhost:3000";

/**
 * A curl command in one line that sends the delivery again and prints the response. Undefined if one line is not enough:
 * for a binary or large body, or one that was cut.
 */
export function curlCommand({ delivery, attempts }: Exported): string | undefined {
  const { method, body, cutFrom } = delivery;
  const text = exactText(body);
  if (cutFrom !== undefined || text === undefined || body.length > MAX_BODY_BYTES) return undefined;
  if (cleanBlock(text) !== text) return undefined;
  const app = attempts.findLast(({ cause }) => isAtApp(cause)) ?? attempts.at(-1);
  const headers = sendableHeaders(delivery.headers);
  const hasType = headers.some(([name]) => name.toLowerCase() === "content-type");
  return [
    "curl -i",
    ...(method === "POST" ? [] : [`-X ${shellWord(method)}`]),
    shellWord(app === undefined ? NO_APP : withoutSecretParameters(app.url).url),
    ...headers.map((pair) => `-H ${headerArgument(pair)}`),
    ...(hasType ? [] : ["-H 'Content-Type:'"]),
    `--data-raw ${shellWord(text)}`,
  ].join(" ");
}
