import { toUSVString } from "node:util";
import { EMULATOR_ACCESS } from "../../core/environments.ts";
import { MIN_SECRET_CHARS } from "../../core/secrets.ts";
import { MASK } from "./mask.ts";
import { plainText, type PlainText, withoutEscapes } from "./plain-text.ts";

/** The emulator's own key pair gives access to an emulator only. */
const PUBLIC: readonly string[] = [EMULATOR_ACCESS.apiKey, EMULATOR_ACCESS.apiSecret];

/**
 * Masks the known secrets in all output of this process: unchanged, in any mixture of the escapes of JSON, URLs and
 * XML, and in base64. Text that is too short to be a secret is ignored.
 */
export class Secrets {
  readonly #known = new Set<string>();
  #forms: Forms = NO_FORMS;

  /** Adds secrets to mask from now on. */
  learn(secrets: readonly (string | undefined)[]): void {
    const before = this.#known.size;
    for (const secret of secrets) {
      // A backslash at its end could be the one that escapes the quotation mark after a shorter text.
      const kept = secret?.replace(/\\+$/, "") ?? "";
      if (kept.length >= MIN_SECRET_CHARS && !PUBLIC.includes(kept)) this.#known.add(kept);
    }
    if (this.#known.size > before) this.#forms = formsOf([...this.#known]);
  }

  /** Masks all secrets in the text except `shown`, which the user asked to see. */
  mask(text: string, shown?: string): string {
    const forms = shown === undefined ? this.#forms : formsOf([...this.#known].filter((secret) => secret !== shown));
    return maskEscaped(maskLiteral(text, forms), forms);
  }

  /** The index from which the end of the text may begin a secret; the text's length if there is none. */
  startOfPartial(text: string): number {
    return startOfPartial(text, this.#forms);
  }
}

interface Forms {
  /** The longest first, so that a shorter one does not mask only a part of a longer one. */
  readonly literal: readonly string[];
  readonly pattern: RegExp | undefined;
  /** Without escapes. */
  readonly plain: readonly string[];
}

const NO_FORMS: Forms = { literal: [], pattern: undefined, plain: [] };

function formsOf(secrets: readonly string[]): Forms {
  const pairs = secrets.flatMap((user) => secrets.map((password) => `${user}:${password}`));
  const written = secrets.flatMap((secret) => [secret, encodeURIComponent(toUSVString(secret)), inJson(secret)]);
  const encoded = [...secrets.flatMap(base64Forms), ...pairs.flatMap((pair) => base64(Buffer.from(pair)))];
  const literal = longestFirst([...written, ...encoded]);
  const plain = longestFirst(literal.map(withoutEscapes));
  // With the backslashes before it: a leftover one would break the JSON around it.
  const pattern = literal.length === 0 ? undefined : new RegExp(`\\\\{0,8}(?:${literal.map(escaped).join("|")})`, "g");
  return { literal, pattern, plain };
}

function longestFirst(forms: readonly string[]): string[] {
  return [...new Set(forms)]
    .filter((form) => form.length >= MIN_SECRET_CHARS)
    .toSorted((one, other) => other.length - one.length);
}

function inJson(secret: string): string {
  return JSON.stringify(secret).slice(1, -1);
}

function base64(bytes: Buffer): string[] {
  return [bytes.toString("base64"), bytes.toString("base64url")];
}

/** The three base64 forms of a secret within a longer text, one for each alignment. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const inside = [0, 1, 2].flatMap((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
    const from = Math.ceil((offset * 8) / 6);
    const to = Math.floor((whole.length * 8) / 6);
    return base64(whole).map((text) => text.slice(from, to));
  });
  return [...base64(bytes), ...inside];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}

function maskLiteral(text: string, { literal, pattern }: Forms): string {
  // Searching for each is much faster than one search for all of them.
  return pattern !== undefined && literal.some((form) => text.includes(form)) ? text.replace(pattern, MASK) : text;
}

function maskEscaped(text: string, { plain }: Forms): string {
  if (plain.length === 0 || !/[\\%&]/.test(text)) return text;
  const unescaped = withoutEscapes(text);
  if (!plain.some((form) => unescaped.includes(form))) return text;
  const reading = plainText(text);
  let masked = "";
  let from = 0;
  for (const [start, end] of found(reading, plain)) {
    masked += text.slice(from, start) + MASK;
    from = end;
  }
  return masked + text.slice(from);
}

/** The positions of the forms, in text order, without overlaps. */
function found({ text, sourceStart, sourceEnd }: PlainText, forms: readonly string[]): (readonly [number, number])[] {
  const places: [number, number][] = [];
  for (const form of forms) {
    for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) {
      places.push([sourceStart(at), sourceEnd(at + form.length - 1)]);
    }
  }
  let end = 0;
  return places
    .toSorted(([one, oneEnd], [other, otherEnd]) => one - other || otherEnd - oneEnd)
    .flatMap(([from, to]) => {
      const start = Math.max(from, end);
      if (to <= start) return [];
      end = to;
      return [[start, to] as const];
    });
}

/** The longest escape of one character of a secret. */
const MAX_ESCAPE_CHARS = 12;

function startOfPartial(text: string, { literal, plain }: Forms): number {
  const longest = plain[0]?.length ?? 0;
  // No form contains a line break.
  if (longest === 0 || text.endsWith("\n")) return text.length;
  const tailFrom = Math.max(0, text.length - longest * MAX_ESCAPE_CHARS, text.lastIndexOf("\n") + 1);
  const tail = text.slice(tailFrom);
  const whole = tail.replace(/(?:\\+(?:u[0-9a-f]{0,3})?|%[0-9a-f]?|&[#\w]{0,8})$/i, "");
  const reading = plainText(whole);
  const starts = [
    ...literal.map((form) => tail.length - partialLength(tail, form)),
    ...plain.flatMap((form) => {
      const length = partialLength(reading.text, form);
      return length === 0 ? [] : [reading.sourceStart(reading.text.length - length)];
    }),
    whole.length,
  ];
  return tailFrom + Math.min(...starts);
}

/** The length of the text's end that is a prefix of the form. */
function partialLength(text: string, form: string): number {
  for (let length = Math.min(text.length, form.length - 1); length > 0; length -= 1) {
    if (text.endsWith(form.slice(0, length))) return length;
  }
  return 0;
}
