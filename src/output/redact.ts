import type { Node } from "jsonc-parser";
import type { HeaderPair } from "../core/delivery.ts";
import { applyChanges, type JsonChange } from "../core/json-edit.ts";
import { propertiesOf, scalarText, sourceOf, treeOf } from "../core/json-text.ts";
import { exactText } from "./body.ts";
import { isPersonalField } from "./personal-fields.ts";

export const REDACTED = "[redacted]";
const IBAN = "[iban]";

/** Said wherever something was redacted: a body that was changed does not fit its signature any more. */
export const REDACTION_NOTE =
  "Personal data was replaced; bodies are not as they were sent, so their signatures do not verify any more.";

interface Pattern {
  readonly source: string;
  /** Null: it only looks like one of the others, and stays. */
  readonly replacement: string | null;
}

// Nothing longer continues to the left or to the right: a part of an id is no number of its own.
const FROM = String.raw`(?<![\p{L}\p{N}_])`;
const TO = String.raw`(?![\p{L}\p{N}_])`;

/** What is tried first wins. */
const PATTERNS: readonly Pattern[] = [
  {
    source: String.raw`[^\s@"'<>(),;:=&?/\\]{1,64}(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`,
    replacement: "[email]",
  },
  { source: String.raw`${FROM}[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}${TO}`, replacement: null },
  // Dates and times, as ISO 8601 writes them, with their offset.
  {
    source: String.raw`${FROM}\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?${TO}`,
    replacement: null,
  },
  {
    source: String.raw`${FROM}[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,4})?${TO}`,
    replacement: IBAN,
  },
  { source: String.raw`${FROM}\d{3}[- ]\d{2}[- ]\d{4}${TO}`, replacement: "[ssn]" },
  { source: String.raw`${FROM}\d{2}-\d{7}${TO}`, replacement: "[ein]" },
  { source: String.raw`(?<![\p{L}\p{N}_/+])(?:\+|%2B)\d(?:[ ().\/-]{0,2}\d){6,14}${TO}`, replacement: "[phone]" },
  {
    source: String.raw`(?<![\p{L}\p{N}_])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}${TO}`,
    replacement: "[phone]",
  },
  // Groups of four: a card.
  { source: String.raw`${FROM}\d{4}(?:[ -]\d{4}){2,3}(?:[ -]\d{1,4})?${TO}`, replacement: "[number]" },
  // As it is dialled within a country: groups behind a 0, nine digits at least. Not a decimal, nor a date.
  {
    source:
      String.raw`(?<![\p{L}\p{N}_.-])(?!\d+\.\d+(?![\d.]))(?!\d{2}[./-]\d{2}[./-]\d{4})(?=\(?0(?:[ ().\/-]{0,2}\d){8})` +
      String.raw`(?:\(0\d{1,4}\)[ .\/-]?|0\d{1,4}[ .\/-])\d{2,8}(?:[ .\/-]\d{2,8}){0,4}${TO}`,
    replacement: "[phone]",
  },
  // Unix times of this era, in seconds or milliseconds, and dates without dashes.
  { source: String.raw`${FROM}(?:1[5-9]|20)\d{8}(?:\d{3})?${TO}`, replacement: null },
  { source: String.raw`${FROM}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])${TO}`, replacement: null },
  { source: String.raw`${FROM}\d+\.\d+${TO}`, replacement: null },
  // After a dash it is a part of an id.
  { source: String.raw`(?<![\p{L}\p{N}_-])\d{8,19}(?![\p{L}\p{N}_-])`, replacement: "[number]" },
];

const ALL = new RegExp(PATTERNS.map(({ source }) => `(${source})`).join("|"), "giu");

/**
 * A text without the values of personal fields that it names, and without what looks like an e-mail address or a phone,
 * tax, account or card number. Ids, amounts and times stay.
 */
export function redactText(text: string): string {
  return redactNamed(text).replace(ALL, (match: string, ...groups: unknown[]) => {
    const replacement = PATTERNS[groups.findIndex((group) => group !== undefined)]?.replacement ?? match;
    return replacement === IBAN ? withoutIban(match) : replacement;
  });
}

/** `name=`, `"email": `, `user[phone]=`: what comes before a value, wherever it stands in a text. */
const FIELD = /(?<![\p{L}\p{N}_.-])([\p{L}\p{N}_.-]{1,100})(?:["'\]]|%5D|%22){0,3}\s{0,3}[:=]\s{0,3}/giu;
const VALUE = /(["'])((?:(?!\1)[^\\]|\\[^])*)\1?|[^\n&;,"'\s][^\n&;,"']*/uy;

function redactNamed(text: string): string {
  let redacted = "";
  let from = 0;
  for (const { 0: before, 1: name = "", index } of text.matchAll(FIELD)) {
    const at = index + before.length;
    if (index < from || !isPersonalField(name, valueAt(text.slice(at, at + MAX_TELLING), 0)?.text)) continue;
    const value = valueAt(text, at);
    if (value === undefined) continue;
    redacted += text.slice(from, at) + value.quote + REDACTED + value.quote;
    from = value.end;
  }
  return redacted + text.slice(from);
}

/** So much of a value tells what it is: to read each to its end takes too long where one is many. */
const MAX_TELLING = 80;

function valueAt(text: string, at: number) {
  VALUE.lastIndex = at;
  const found = VALUE.exec(text);
  if (found === null) return undefined;
  const { 0: whole, 1: quote = "", 2: quoted } = found;
  return { text: quoted ?? whole, quote, end: at + whole.length };
}

/** What was taken for an IBAN may be other text, or an IBAN with other text behind it: its check digits tell. */
function withoutIban(text: string): string {
  for (let end = text.length; end >= MIN_IBAN; end -= 1) {
    if (hasCheckDigits(text.slice(0, end))) return IBAN + redactText(text.slice(end));
  }
  const space = text.indexOf(" ");
  return space === -1 ? text : text.slice(0, space) + redactText(text.slice(space));
}

const MIN_IBAN = 15;

/** ISO 7064 mod 97-10, over the account first and then the country and check digits. */
function hasCheckDigits(text: string): boolean {
  const plain = text.replace(/[ -]/g, "").toLowerCase();
  if (plain.length < MIN_IBAN || plain.length > 34) return false;
  let rest = 0;
  for (const char of plain.slice(4) + plain.slice(0, 4)) {
    for (const digit of String(Number.parseInt(char, 36))) rest = (rest * 10 + Number(digit)) % 97;
  }
  return rest === 1;
}

/**
 * A JSON text of the same shape: personal fields with their texts and numbers replaced, all other texts redacted, and every
 * character of the rest as it was. Throws `SyntaxError` and `TooDeepError`.
 */
export function redactJson(text: string): string {
  const changes: JsonChange[] = [];
  const walk = (node: Node, isPersonal: boolean): void => {
    const source = sourceOf(node, text);
    if (node.type === "string") {
      const value = String(node.value);
      const shown = isPersonal && value !== "" ? REDACTED : redactText(value);
      if (shown !== value) changes.push({ node, json: JSON.stringify(shown) });
    }
    if (node.type === "number" && (isPersonal || redactText(source) !== source)) changes.push({ node, json: "0" });
    if (node.type === "array") node.children?.forEach((child) => walk(child, isPersonal));
    if (node.type !== "object") return;
    const names = new Set<string>();
    for (const { name, nameNode, value } of propertiesOf(node)) {
      const shown = redactText(name);
      // Two names may become one: both fields stay.
      let unique = shown;
      for (let count = 2; unique !== name && names.has(unique); count += 1) unique = `${shown} ${count}`;
      names.add(unique);
      if (unique !== name) changes.push({ node: nameNode, json: JSON.stringify(unique) });
      walk(value, isPersonal || isPersonalField(name, scalarText(value.value)));
    }
  };
  walk(treeOf(text), false);
  return applyChanges(text, changes);
}

/** A body without personal data: JSON in its shape, a text as text; nothing of what cannot be read. */
export function redactBody(body: Buffer): Buffer {
  if (body.length === 0) return body;
  const text = exactText(body);
  if (text === undefined) return removedBody(body, "that are no text");
  try {
    return Buffer.from(redactJson(text));
  } catch {
    // Markup, and JSON that is broken off or too deep: where a value ends is not certain.
    return /^\s*[[{<"]/.test(text) ? removedBody(body, "that cannot be read") : Buffer.from(redactText(text));
  }
}

/** What stands for a body in which nothing can be found, and so nothing can be replaced. */
export function removedBody(body: Buffer, why: string): Buffer {
  return Buffer.from(`[redacted: ${body.length} bytes ${why}]`);
}

/** Headers without personal data. They hold bytes: what is UTF-8 is read as such. */
export function redactHeaders(headers: readonly HeaderPair[]): HeaderPair[] {
  return headers
    .filter(([name]) => !/^content-(encoding|length|md5)$|^(repr-|content-)?digest$/i.test(name))
    .map(([name, value]) => [redactText(name), isPersonalField(name, value) ? REDACTED : redactLatin1(value)]);
}

/** The same for any text that holds one char for each byte. */
export function redactLatin1(text: string): string {
  const bytes = Buffer.from(text, "latin1");
  const decoded = exactText(bytes);
  return decoded === undefined ? redactText(text) : Buffer.from(redactText(decoded)).toString("latin1");
}
