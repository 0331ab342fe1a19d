import type { HeaderPair, Verification } from "./delivery.ts";
import { spellDuration } from "./duration.ts";
import { formatJson } from "./json-text.ts";
import { DEFAULT_TOLERANCE_MS, findSignatures, verify, type VerifyOptions } from "./signature.ts";

/** What may be wrong with a signature that was not verified, most telling first: facts about these bytes, in sentences. */
export function diagnose(options: VerifyOptions, { verdict, scheme, header }: Verification): string[] {
  switch (verdict) {
    case "verified":
      return [];
    case "no-secret":
      return ["There is a signature, but no secret to verify it with."];
    case "stale": {
      const found = findSignatures(options.headers, options.header);
      const signedAt = found.find((each) => each.scheme === scheme && each.header === header)?.signedAt ?? options.now;
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

function staleness(ageMs: number, toleranceMs: number): string {
  // A signature's time has no finer unit.
  const age = spellDuration(Math.round(Math.abs(ageMs) / 1000) * 1000);
  const when = ageMs < 0 ? `${age} in the future` : `${age} ago`;
  const clock = ageMs < 0 ? " Is the clock of this machine right?" : "";
  return `It was signed ${when}; no more than ${spellDuration(toleranceMs)} is tolerated.${clock}`;
}

function whyUnsigned({ headers, header }: VerifyOptions): string[] {
  const names = headers.map(([name]) => name.toLowerCase());
  if (header !== undefined) {
    return names.includes(header.toLowerCase())
      ? [`What stands in ${header} has none of the known forms.`]
      : [`There is no header ${header}.`];
  }
  const likely = names.find((name) => /signature|hmac/.test(name));
  if (likely === undefined) {
    return ["No header has a name that speaks of a signature. If one carries it, name it with --signature-header."];
  }
  const prefix = likely.replace(/-signature$/, "");
  const companions = [`${prefix}-id`, `${prefix}-timestamp`].filter((name) => !names.includes(name));
  const isStandard = headers.some(([name, value]) => name.toLowerCase() === likely && value.startsWith("v1,"));
  if (isStandard && companions.length > 0) {
    return [`${likely} has the form of Standard Webhooks, but ${companions.join(" and ")} must come with it.`];
  }
  return [`What stands in ${likely} has none of the known forms.`];
}

interface Variant {
  readonly body: Buffer | undefined;
  readonly finding: string;
}

function whyMismatched(options: VerifyOptions): string[] {
  const body = Buffer.from(options.body);
  const isSigned = (changed: Partial<VerifyOptions>) =>
    ["verified", "stale"].includes(verify({ ...options, ...changed }).verdict);
  // Whatever else leads to the signed bytes leads to the same ones: the first way is the simplest.
  const way = bodyVariants(body).find(({ body: other }) => other !== undefined && isSigned({ body: other }));
  const almost = secretVariants(options.secrets).filter(({ secrets }) => isSigned({ secrets }));
  const findings = [...(way === undefined ? [] : [way]), ...almost].map(({ finding }) => finding);
  if (findings.length > 0) return findings;
  return [
    "The secret is another one, or what was signed is not these bytes. Is it the secret of this very webhook?",
    ...(isJson(body) ? ["Verify the body as it came through the socket, before anything parses it."] : []),
  ];
}

/** Indenting makes deep JSON many times longer; nobody has signed that. */
const MAX_FORMATTED = 16 * 1024 * 1024;

/** What tools on the way do to a body. */
function bodyVariants(body: Buffer): Variant[] {
  // latin1 keeps every byte what it is.
  const text = body.toString("latin1");
  const different = (other: string, encoding: BufferEncoding = "latin1") =>
    other === (encoding === "latin1" ? text : body.toString(encoding)) ? undefined : Buffer.from(other, encoding);
  const json = isJson(body) ? body.toString("utf8").replace(/^\ufeff/, "") : undefined;
  const written = (indent: number) =>
    json === undefined ? undefined : different(formatJson(json, { indent, maxLength: MAX_FORMATTED }), "utf8");
  return [
    {
      body: different(text.replace(/[\r\n]+$/, "")),
      finding: "The body ends in a line break that was not signed. An editor adds one; so does echo without -n.",
    },
    {
      body: Buffer.from(`${text}\n`, "latin1"),
      finding: "The body has lost the line break at its end that was signed.",
    },
    {
      body: different(text.replaceAll("\r\n", "\n")),
      finding:
        "The line breaks are CRLF, and were LF when it was signed. Was it saved on Windows, or checked out by git?",
    },
    {
      body: different(text.replaceAll(/\r?\n/g, "\r\n")),
      finding: "The line breaks are LF, and were CRLF when it was signed.",
    },
    {
      body: different(text.replace(/^\xef\xbb\xbf/, "")),
      finding: "The body begins with a byte order mark that was not signed. An editor adds one.",
    },
    { body: written(0), finding: "The signature is of the JSON written without spaces: these bytes were reformatted." },
    { body: written(2), finding: "The signature is of the JSON written with an indent of 2: it was compacted since." },
  ];
}

function secretVariants(secrets: readonly string[]): { readonly secrets: string[]; readonly finding: string }[] {
  return secrets.flatMap((secret) => [
    ...(secret.trim() === secret && !/^["'].*["']$/.test(secret)
      ? []
      : [
          {
            secrets: [secret.trim().replace(/^["'](.*)["']$/, "$1")],
            finding: "The secret has spaces or quotation marks around it that do not belong to it.",
          },
        ]),
    secret.startsWith("whsec_")
      ? {
          secrets: [secret.slice("whsec_".length)],
          finding: "It was signed with the secret's text after whsec_, without decoding it.",
        }
      : {
          secrets: [`whsec_${secret}`],
          finding: "The secret lacks its beginning whsec_: it was signed with what it encodes.",
        },
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

/** `Name: value` lines, as tools print them: `curl -v` before each, a status line above, an empty line below. */
export function parseHeaderLines(text: string): HeaderPair[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, name, value] = /^(?:[<>] )?([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
}
