import { quoted } from "../../core/command-line.ts";
import type { HeaderPair } from "../../core/delivery.ts";
import { CONNECTION_HEADERS } from "../../core/exchange.ts";
import { exactText } from "../reports/body-view.ts";
import { clean, cleanBlock } from "../privacy/clean.ts";
import type { Exported, ExportFormat, ExportOptions } from "./document.ts";
import { isSecretHeader, maskUrl, withoutSecretParameters } from "../privacy/mask.ts";
import { REDACTION_NOTE } from "../privacy/redact.ts";

/** Headers that curl adds unless they are given. */
const ADDED_BY_CURL = ["Accept", "Content-Type", "User-Agent"];

/** A POSIX shell script that sends the same bytes again with curl. */
export function curlFormat({ isRedacted }: ExportOptions): ExportFormat {
  const remarks = [
    "Sends these webhook deliveries again: the same bytes and headers, in this order.",
    "  URL=http://localhost:3000/webhooks sh this-file",
    "Without URL, each is sent to the app that it was forwarded to. Exits with 1 unless every response is 2xx.",
    isRedacted ? REDACTION_NOTE : "Signatures are unchanged: an endpoint that checks their age rejects them.",
  ];
  return {
    head: `#!/bin/sh\n${remarks.map((remark) => `# ${remark}`).join("\n")}\n\n${PROLOGUE}`,
    foot: '\nexit "$failed"\n',
    item: (exported) => requestText(exported),
  };
}

/** Waits for a response as long as Bluum does. */
const PROLOGUE = `failed=0

# Older systems use another option letter.
if [ "$(printf 'MQ==' | base64 -d 2>/dev/null)" = 1 ]; then from_base64() { base64 -d; }; else from_base64() { base64 -D; }; fi

# send NAME DEFAULT-URL CURL-OPTION…: posts what comes on stdin.
send() {
  name=$1
  url=\${URL:-$2}
  shift 2
  if [ -z "$url" ]; then
    echo "$name: never forwarded; set URL=…" >&2
    return 1
  fi
  # Without the user's curlrc, which could change what is sent.
  status=$(curl -q --silent --show-error --globoff --path-as-is --output /dev/null --write-out '%{http_code}' \\
    --max-time 30 --data-binary @- "$@" --url "$url") || { echo "$name: not sent" >&2; return 1; }
  echo "$name: $status"
  # Any other answer is a failure, as it is for Bluum.
  case $status in 2??) ;; *) return 1 ;; esac
}
`;

function requestText({ delivery, attempts }: Exported): string {
  const { id, event, method, body, cutFrom } = delivery;
  if (cutFrom !== undefined) return `\n# ${id} was refused, and ${body.length} of its ${cutFrom} bytes are kept\n`;
  const headers = sendableHeaders(delivery.headers);
  const given = new Set(headers.map(([name]) => name.toLowerCase()));
  const options = [
    `--request ${quoted(method)}`,
    ...headers.map((pair) => `--header ${headerArgument(pair)}`),
    ...[...ADDED_BY_CURL, "Expect"]
      .filter((name) => !given.has(name.toLowerCase()))
      .map((name) => `--header ${quoted(`${name}:`)}`),
  ];
  const target = attempts.at(-1)?.url;
  const { url, removed } = target === undefined ? { url: "", removed: [] } : withoutSecretParameters(target);
  const hidden = [
    ...delivery.headers.filter(isSecret).map(([name]) => name),
    ...removed.map((name) => `the parameter ${name}`),
  ].map(clean);
  const name = `${id} ${clean(event ?? "-")}`;
  return [
    "",
    ...(hidden.length === 0 ? [] : [`# without ${hidden.join(", ")}, which must stay secret`]),
    `${bodyCommand(body)} | send ${quoted(name)} ${quoted(url)} \\`,
    `  ${options.join(" \\\n  ")} || failed=1`,
    "",
  ].join("\n");
}

/** The headers to send; secrets must not leave this machine. */
export function sendableHeaders(headers: readonly HeaderPair[]): HeaderPair[] {
  return headers.filter((pair) => isSendable(pair[0]) && !isSecret(pair));
}

/** An invalid header name cannot come from a request; curl could read it as an option. */
function isSendable(name: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !CONNECTION_HEADERS.has(name.toLowerCase());
}

function isSecret([name, value]: HeaderPair): boolean {
  return isSecretHeader(name) || maskUrl(value) !== value;
}

/**
 * A command that prints exactly these bytes. Text stays readable; text with control characters is encoded in base64.
 */
function bodyCommand(body: Buffer): string {
  const text = exactText(body);
  if (text !== undefined && cleanBlock(text) === text) return `printf '%s' ${quoted(text)}`;
  return `printf '%s' '${body.toString("base64")}' | from_base64`;
}

/** A header as an argument of curl. A value is bytes: those beyond ASCII are written by printf. */
export function headerArgument([name, value]: HeaderPair): string {
  // A header without a value needs a semicolon, because with a colon curl leaves it out.
  const header = value === "" ? `${name};` : `${name}: ${value}`;
  if (/^[\x20-\x7e]*$/.test(header)) return quoted(header);
  const escaped = header.replace(/[^\x20-\x7e]|[\\%]/g, (char) =>
    char === "%" ? "%%" : `\\${(char.charCodeAt(0) & 0xff).toString(8).padStart(3, "0")}`,
  );
  return `"$(printf ${quoted(escaped)})"`;
}
