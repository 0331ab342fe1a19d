import type { RecordedDelivery } from "../core/delivery.ts";
import { clean, cleanBlock } from "./clean.ts";
import type { Paint } from "./color.ts";
import { isSecretHeader } from "./mask.ts";

/** As much of a body as one can read in passing. */
const MAX_CHARACTERS = 64 * 1024;

/** The headers and the body of a delivery for `--verbose`, indented below its line. Secret headers are masked. */
export function deliveryDetails(delivery: RecordedDelivery, paint: Paint): string {
  const request = paint("dim", `${clean(delivery.method)} ${clean(delivery.path)}`);
  const headers = delivery.headers.map(([name, value]) => {
    const shown = isSecretHeader(name) ? "••••" : clean(value);
    return `${paint("dim", `${clean(name)}:`)} ${shown}`;
  });
  const body = cleanBlock(bodyText(delivery)).split("\n");
  return [request, ...headers, "", ...body, ""].map((line) => `  ${line}`.trimEnd()).join("\n") + "\n";
}

/** The body as people read it: pretty JSON, else its text under the reason why it is no JSON. */
export function bodyText({ payload, body }: Pick<RecordedDelivery, "payload" | "body">): string {
  const text =
    payload.kind === "json"
      ? (prettyJson(payload.value) ?? body.toString())
      : `(${payload.reason})\n${body.toString()}`;
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS)}\n… (${body.length} bytes)`;
}

function prettyJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, undefined, 2);
  } catch {
    // JSON can be read to a depth at which it cannot be written again.
    return undefined;
  }
}
