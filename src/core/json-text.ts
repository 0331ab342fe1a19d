import { createScanner, type Node, type ParseError, parseTree } from "jsonc-parser";

// JSON from other programs. A JavaScript number has 53 bits and one spelling: JSON.parse and JSON.stringify would
// change 1152921506151679042 and 178.50. Code that reads, shows or edits a payload uses this module, which works on
// the text.

/** A JSON value as its source text, which `stringify` writes unchanged. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** JSON.stringify cannot write a source text and would write another value instead. */
  toJSON(): never {
    throw new TypeError("a JsonText is written by stringify, not by JSON.stringify");
  }
}

/** Deeper JSON is valid, but parsers reject it and recursion overflows the stack. */
const MAX_DEPTH = 1000;

/** The JSON is valid, but nested more deeply than this program supports. */
export class TooDeepError extends RangeError {
  constructor() {
    super("the JSON is nested too deeply to be shown");
  }
}

/**
 * Like JSON.parse, but a number that JavaScript would write differently is a `JsonText`: 178.50, 1E5, -0, and
 * integers beyond 2^53. Throws `SyntaxError`, and `TooDeepError` if such a number is nested too deeply.
 */
export function parseJson(text: string): unknown {
  const value = JSON.parse(text) as unknown;
  return hasOtherSpelling(text) ? valueOf(treeOf(text), text) : value;
}

/** Whether JavaScript would write a number of the JSON differently. */
function hasOtherSpelling(text: string): boolean {
  return isAnyStretch(text, (from, to) => {
    for (let at = from; at < to; at += 1) {
      const code = text.charCodeAt(at);
      if (code !== MINUS && (code < ZERO || code > NINE)) continue;
      const start = at;
      while (at < to && isOfNumber(text.charCodeAt(at))) at += 1;
      const number = text.slice(start, at);
      if (String(Number(number)) !== number) return true;
    }
    return false;
  });
}

const [MINUS, ZERO, NINE, BACKSLASH, SPACE] = [0x2d, 0x30, 0x39, 0x5c, 0x20];

/** A digit, or one of `+-.eE`. */
function isOfNumber(code: number): boolean {
  return (code >= ZERO && code <= NINE) || code === MINUS || code === 0x2b || code === 0x2e || (code | 0x20) === 0x65;
}

/**
 * Whether any part between the strings of valid JSON satisfies the predicate. It runs several times for every
 * delivery, and jumping from quotation mark to quotation mark is ten times as fast as reading each character.
 */
function isAnyStretch(text: string, isWanted: (from: number, to: number) => boolean): boolean {
  for (let at = 0; ;) {
    const open = text.indexOf('"', at);
    if (isWanted(at, open === -1 ? text.length : open)) return true;
    if (open === -1) return false;
    at = endOfString(text, open);
  }
}

/**
 * The index after the string that begins at `open`. A quotation mark after an odd number of backslashes does not end
 * it.
 */
function endOfString(text: string, open: number): number {
  for (let close = text.indexOf('"', open + 1); close !== -1; close = text.indexOf('"', close + 1)) {
    let before = close;
    while (text.charCodeAt(before - 1) === BACKSLASH) before -= 1;
    if ((close - before) % 2 === 0) return close + 1;
  }
  return text.length;
}

function valueOf(node: Node, text: string): unknown {
  // Entries, because assigning `__proto__` would lose the field.
  if (node.type === "object")
    return Object.fromEntries(propertiesOf(node).map(({ name, value }) => [name, valueOf(value, text)]));
  if (node.type === "array") return (node.children ?? []).map((child) => valueOf(child, text));
  const source = sourceOf(node, text);
  return node.type === "number" && String(node.value) !== source ? new JsonText(source) : node.value;
}

/** Whether a value read by `parseJson` is an object. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof JsonText);
}

/** The text of a string, or of a number as written; undefined for any other value. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  return value instanceof JsonText ? value.text : undefined;
}

/** Like JSON.stringify, with a `JsonText` at any depth. `numberOf` may change how a field's number is written. */
export function stringify(document: unknown, numberOf: (value: number, name: string) => number = asItIs): string {
  if (typeof document !== "object" || document === null) return JSON.stringify(document) ?? "null";
  if (document instanceof JsonText) return document.text;
  if (Array.isArray(document)) return `[${document.map((each) => stringify(each, numberOf)).join(",")}]`;
  if ("toJSON" in document && typeof document.toJSON === "function") return stringify(document.toJSON(), numberOf);
  let fields = "";
  // Several records are written for every delivery, and keys alone cost half as much as entries.
  for (const name of Object.keys(document)) {
    const value = (document as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) continue;
    const text = stringify(typeof value === "number" ? numberOf(value, name) : value, numberOf);
    fields += `${fields === "" ? "" : ","}${JSON.stringify(name)}:${text}`;
  }
  return `{${fields}}`;
}

function asItIs(value: number): number {
  return value;
}

/** The JSON text on one line, without spaces. Throws `TooDeepError`. */
export function compactJson(text: string): string {
  const { isDeep, isCompact } = survey(text);
  if (isDeep) throw new TooDeepError();
  return isCompact ? text : formatJson(text, { indent: 0, maxLength: Infinity });
}

/** Examines JSON in one pass without recursion. Most bodies are compact, and are left unchanged. */
function survey(text: string): { readonly isDeep: boolean; readonly isCompact: boolean } {
  let [depth, isCompact] = [0, true];
  const isDeep = isAnyStretch(text, (from, to) => {
    for (let at = from; at < to; at += 1) {
      const code = text.charCodeAt(at);
      if (code <= SPACE) isCompact = false;
      // `{` and `[`, `}` and `]` differ in one bit.
      else if ((code | 0x20) === 0x7b) depth += 1;
      else if ((code | 0x20) === 0x7d) depth -= 1;
      if (depth > MAX_DEPTH) return true;
    }
    return false;
  });
  return { isDeep, isCompact };
}

/**
 * Formats JSON text as JSON.stringify does with this indent, cut soon after `maxLength` characters. jsonc-parser's
 * `format` is not used: applying its edits to half a megabyte takes ten seconds.
 */
export function formatJson(
  text: string,
  { indent, maxLength }: { readonly indent: number; readonly maxLength: number },
): string {
  let formatted = "";
  let depth = 0;
  let previous = "";
  for (const token of tokensOf(text)) {
    if (isClosing(token)) depth -= 1;
    // No line break within empty brackets.
    const isNewLine = previous === "," || isOpening(previous) !== isClosing(token);
    if (isNewLine && indent > 0) formatted += `\n${" ".repeat(indent * depth)}`;
    formatted += token === ":" && indent > 0 ? ": " : token;
    if (formatted.length > maxLength) break;
    if (isOpening(token)) depth += 1;
    previous = token;
  }
  return formatted;
}

const isOpening = (token: string) => token === "{" || token === "[";
const isClosing = (token: string) => token === "}" || token === "]";

/** Parses a text that JSON.parse accepts into a tree with offsets. Throws `SyntaxError` and `TooDeepError`. */
export function treeOf(text: string): Node {
  JSON.parse(text);
  // The library's parser is recursive.
  if (survey(text).isDeep) throw new TooDeepError();
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  if (root === undefined || errors.length > 0) throw new SyntaxError("the text is not JSON");
  return root;
}

export interface Property {
  readonly name: string;
  readonly nameNode: Node;
  readonly value: Node;
}

/** The properties of an object node in source order, including repeated ones. */
export function propertiesOf({ children = [] }: Node): Property[] {
  return children.flatMap(({ children: [name, value] = [] }) =>
    name === undefined || value === undefined ? [] : [{ name: String(name.value), nameNode: name, value }],
  );
}

export function sourceOf({ offset, length }: Node, text: string): string {
  return text.slice(offset, offset + length);
}

function* tokensOf(text: string): Generator<string> {
  const scanner = createScanner(text, true);
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    yield text.slice(scanner.getTokenOffset(), scanner.getTokenOffset() + scanner.getTokenLength());
  }
}
