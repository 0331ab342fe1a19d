/** A token of JSON text: punctuation, a string with its quotation marks, a number or a literal, exactly as written. */
export interface Token {
  readonly kind: "{" | "}" | "[" | "]" | ":" | "," | "string" | "number" | "literal";
  readonly start: number;
  readonly end: number;
}

/** The position and reason of a JSON syntax error. */
export class JsonSyntaxError extends Error {
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(reason);
    this.offset = offset;
  }
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads a JSON text token by token from its source, so that numbers, repeated names and the order of names are
 * preserved. It does not validate the order of the tokens.
 */
export class Scanner {
  readonly #source: string;
  #at: number;

  constructor(source: string) {
    this.#source = source;
    this.#at = source.startsWith("\uFEFF") ? 1 : 0;
  }

  /** The next token; undefined at the end. Throws `JsonSyntaxError`. */
  next(): Token | undefined {
    const source = this.#source;
    let start = this.#at;
    while (isSpace(source.charCodeAt(start))) start += 1;
    if (start >= source.length) return undefined;
    const token = tokenAt(source, start);
    this.#at = token.end;
    return token;
  }
}

function tokenAt(source: string, start: number): Token {
  const char = source[start] ?? "";
  switch (char) {
    case "{":
    case "}":
    case "[":
    case "]":
    case ":":
    case ",":
      return { kind: char, start, end: start + 1 };
    case '"':
      return { kind: "string", start, end: stringEnd(source, start) };
    default: {
      const number = after(NUMBER, source, start);
      if (number > start) return { kind: "number", start, end: number };
      const literal = after(LITERAL, source, start);
      if (literal > start) return { kind: "literal", start, end: literal };
      throw new JsonSyntaxError("unexpected character", start);
    }
  }
}

function stringEnd(source: string, start: number): number {
  let at = start + 1;
  for (;;) {
    let code = source.charCodeAt(at);
    while (code >= 0x20 && code !== QUOTE && code !== BACKSLASH) {
      at += 1;
      code = source.charCodeAt(at);
    }
    if (code === QUOTE) return at + 1;
    const escape = code === BACKSLASH ? after(ESCAPE, source, at) : at;
    if (escape === at) throw new JsonSyntaxError(at < source.length ? "invalid string" : "unterminated string", at);
    at = escape;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** The end of the match that begins at `from`; `from` without one. */
function after(pattern: RegExp, source: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(source) ? pattern.lastIndex : from;
}
