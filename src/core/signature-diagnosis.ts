import type { HeaderPair, Verification } from "./delivery.ts";
import { spellDuration } from "./duration.ts";
import { formatJson } from "./json-text.ts";
import { DEFAULT_TOLERANCE_MS, findSignatures, verify, type FoundSignature, type VerifyOptions } from "./signature.ts";

/** Possible causes of a failed signature, the most informative first: facts about these bytes, in sentences. */
export function diagnose(options: VerifyOptions, { verdict, scheme, header }: Verification): string[] {
  switch (verdict) {
    case "verified":
      return verify({ ...options, isTextOnly: true }).verdict === "verified" || options.secrets.every(hasPrefix)
        ? []
        : ["The secret lacks the prefix whsec_: it is decoded as base64. Your app needs the full secret."];
    case "no-secret":
      return ["There is a signature, but no secret to verify it with."];
    case "stale": {
      const found = findSignatures(options.headers, options.header).filter(
        (each) => each.scheme === scheme && each.header === header,
      );
      const times = unreadableTimes(found);
      if (times.length > 0) return times;
      const signedAt = found[0]?.signedAt ?? options.now;
      return [staleness(options.now - signedAt, options.toleranceMs ?? DEFAULT_TOLERANCE_MS)];
    }
    case "unsigned":
      return whyUnsigned(options);
    case "mismatch":
      return whyMismatched(options);
    default:
      return verdict satisfies never;
  }
}

function hasPrefix(secret: string): boolean {
  return secret.startsWith("whsec_");
}

/** Sentences about times that are not whole Unix seconds: the signature may be valid, but its age is unknown. */
function unreadableTimes(found: readonly FoundSignature[]): string[] {
  const times = found.map(({ unreadableTime }) => unreadableTime).filter((time) => time !== undefined);
  return [...new Set(times)].map((time) => {
    const form = /^\d{13}$/.test(time)
      ? "is in milliseconds"
      : /^\d+\.\d+$/.test(time)
        ? "has a fraction"
        : "is not a number of seconds";
    const shown = time.length > MAX_SHOWN_CHARS ? `${time.slice(0, MAX_SHOWN_CHARS)}…` : time;
    return `The signature time ${shown} ${form}; it must be in Unix seconds.`;
  });
}

const MAX_SHOWN_CHARS = 40;

function staleness(ageMs: number, toleranceMs: number): string {
  // Compared in whole seconds, as the libraries do.
  const age = spellDuration(Math.floor(Math.abs(ageMs) / 1000) * 1000);
  const when = ageMs < 0 ? `${age} in the future` : `${age} ago`;
  const clock = ageMs < 0 ? " Check the clock of this machine." : "";
  return `It was signed ${when}; the tolerance is ${spellDuration(toleranceMs)}.${clock}`;
}

function whyUnsigned({ headers, header }: VerifyOptions): string[] {
  const names = headers.map(([name]) => name.toLowerCase());
  if (header !== undefined) {
    return names.includes(header.toLowerCase())
      ? [`The value of ${header} is not in a known signature format.`]
      : [`There is no header ${header}.`];
  }
  const likely = names.find((name) => /signature|hmac/.test(name));
  if (likely === undefined) {
    return ["No header name suggests a signature. Set the header with --signature-header."];
  }
  const prefix = likely.replace(/-signature$/, "");
  const companions = [`${prefix}-id`, `${prefix}-timestamp`].filter((name) => !names.includes(name));
  const isStandard = headers.some(([name, value]) => name.toLowerCase() === likely && value.startsWith("v1,"));
  if (isStandard && companions.length > 0) {
    return [`${likely} has the format of Standard Webhooks, which also requires ${companions.join(" and ")}.`];
  }
  return [`The value of ${likely} is not in a known signature format.`];
}

interface Variant {
  readonly body: Buffer | undefined;
  readonly finding: string;
}

function whyMismatched(options: VerifyOptions): string[] {
  const body = Buffer.from(options.body);
  const isSigned = (changed: Partial<VerifyOptions>) =>
    ["verified", "stale"].includes(verify({ ...options, ...changed }).verdict);
  // Further variants with the same signed bytes are only more complex, so the first one is used.
  const way = bodyVariants(body).find(({ body: other }) => other !== undefined && isSigned({ body: other }));
  const almost = secretVariants(options.secrets).filter(({ secrets }) => isSigned({ secrets }));
  const findings = [...(way === undefined ? [] : [way]), ...almost].map(({ finding }) => finding);
  const times = unreadableTimes(findSignatures(options.headers, options.header));
  if (findings.length + times.length > 0) return [...findings, ...times];
  return [
    "The secret is wrong, or other bytes were signed. Check that it is the secret of this webhook.",
    ...(isJson(body) ? ["Verify the raw body before it is parsed."] : []),
  ];
}

/** Indenting makes deeply nested JSON many times longer, and nobody signs such a body. */
const MAX_FORMATTED = 16 * 1024 * 1024;

/** Changes that tools between sender and endpoint make to a body. */
function bodyVariants(body: Buffer): Variant[] {
  // latin1 preserves every byte.
  const text = body.toString("latin1");
  const different = (other: string, encoding: BufferEncoding = "latin1") =>
    other === (encoding === "latin1" ? text : body.toString(encoding)) ? undefined : Buffer.from(other, encoding);
  const json = isJson(body) ? body.toString("utf8").replace(/^\ufeff/, "") : undefined;
  const written = (indent: number) =>
    json === undefined ? undefined : different(formatJson(json, { indent, maxLength: MAX_FORMATTED }), "utf8");
  return [
    {
      body: different(text.replace(/[\r\n]+$/, "")),
      finding: "The body ends with a line break that was not signed. Editors add one, and so does echo without -n.",
    },
    {
      body: Buffer.from(`${text}\n`, "latin1"),
      finding: "The body lacks the line break at its end that was signed.",
    },
    {
      body: different(text.replaceAll("\r\n", "\n")),
      finding: "The body has CRLF line breaks, but was signed with LF. Windows editors and git convert them.",
    },
    {
      body: different(text.replaceAll(/\r?\n/g, "\r\n")),
      finding: "The body has LF line breaks, but was signed with CRLF.",
    },
    {
      body: different(text.replace(/^\xef\xbb\xbf/, "")),
      finding: "The body begins with a byte order mark that was not signed. Some editors add one.",
    },
    { body: written(0), finding: "The signature matches the JSON without spaces: the body was reformatted." },
    { body: written(2), finding: "The signature matches the JSON with an indent of 2: the body was compacted." },
  ];
}

function secretVariants(secrets: readonly string[]): { readonly secrets: string[]; readonly finding: string }[] {
  return secrets.flatMap((secret) => [
    ...(secret.trim() === secret && !/^["'].*["']$/.test(secret)
      ? []
      : [
          {
            secrets: [secret.trim().replace(/^["'](.*)["']$/, "$1")],
            finding: "The secret has spaces or quotation marks around it that are not part of it.",
          },
        ]),
    ...(hasPrefix(secret)
      ? [
          {
            secrets: [secret.slice("whsec_".length)],
            finding: "It was signed with the text after whsec_ in the secret, without decoding it.",
          },
        ]
      : []),
  ]);
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString("utf8").replace(/^\ufeff/, ""));
    return true;
  } catch {
    return false;
  }
}

/**
 * The text of a file with headers, one character for each byte. A byte order mark is removed; after one of UTF-16,
 * which Windows PowerShell writes, the rest is decoded as UTF-16.
 */
export function headerText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString("utf16le");
  return bytes.toString("latin1").replace(/^\xef\xbb\xbf/, "");
}

/**
 * `Name: value` lines as tools print them: with the prefixes of `curl -v`, after a status line, before an empty line.
 */
export function parseHeaderLines(text: string): HeaderPair[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, name, value] = /^(?:[<>] )?([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
}
