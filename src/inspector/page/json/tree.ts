import { JsonSyntaxError, Scanner, type Token } from "./scan.ts";

/** One line of a JSON document in the tree. Positions refer to the source text. */
export interface JsonLine {
  readonly depth: number;
  /** The line of the enclosing object or list; -1 at the top. */
  readonly parent: number;
  readonly kind: "open" | "close" | "string" | "number" | "literal";
  /** The name of a member, with its quotation marks. */
  readonly name: Span | null;
  /** The value, or the bracket of an object or a list. */
  readonly value: Span;
  /** The index in its list; -1 in an object. */
  readonly index: number;
  hasComma: boolean;
  /** For an opening line: its closing line, and the number of values in it. */
  closedBy: number;
  count: number;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

export type Tree =
  | { readonly kind: "tree"; readonly lines: readonly JsonLine[] }
  | { readonly kind: "not-json"; readonly reason: string; readonly offset: number };

type Expected = "value" | "value or end" | "name" | "name or end" | "colon" | "comma or end" | "nothing";

/** Reads a JSON text into lines, in slices: reading megabytes at once would block the page. */
export class TreeReader {
  readonly #source: string;
  readonly #scanner: Scanner;
  readonly #lines: JsonLine[] = [];
  /** The lines of the open objects and lists. */
  readonly #open: number[] = [];
  #expected: Expected = "value";
  #name: Span | null = null;

  constructor(source: string) {
    this.#source = source;
    this.#scanner = new Scanner(source);
  }

  /** Reads up to this many tokens; undefined while there are more. */
  step(tokens: number): Tree | undefined {
    try {
      for (let read = 0; read < tokens; read += 1) {
        const token = this.#scanner.next();
        if (token === undefined) {
          if (this.#expected !== "nothing") throw new JsonSyntaxError("unexpected end", this.#source.length);
          return { kind: "tree", lines: this.#lines };
        }
        this.#accept(token);
      }
      return undefined;
    } catch (error) {
      if (error instanceof JsonSyntaxError) return { kind: "not-json", reason: error.message, offset: error.offset };
      throw error;
    }
  }

  #accept(token: Token): void {
    const expected = this.#expected;
    const isValue = expected === "value" || expected === "value or end";
    switch (token.kind) {
      case "{":
      case "[":
        if (!isValue) throw unexpected(token);
        this.#open.push(this.#add("open", token));
        this.#expected = token.kind === "{" ? "name or end" : "value or end";
        return;
      case "}":
      case "]":
        this.#close(token);
        return;
      case ",": {
        if (expected !== "comma or end") throw unexpected(token);
        const last = this.#lines.at(-1);
        if (last !== undefined) last.hasComma = true;
        this.#expected = this.#isInObject() ? "name" : "value";
        return;
      }
      case ":":
        if (expected !== "colon") throw unexpected(token);
        this.#expected = "value";
        return;
      case "string":
        if (expected === "name" || expected === "name or end") {
          this.#name = token;
          this.#expected = "colon";
          return;
        }
        this.#scalar("string", token);
        return;
      case "number":
      case "literal":
        this.#scalar(token.kind, token);
        return;
      default:
        token.kind satisfies never;
    }
  }

  #scalar(kind: "string" | "number" | "literal", token: Token): void {
    if (!this.#expected.startsWith("value")) throw unexpected(token);
    this.#add(kind, token);
    this.#valueEnded();
  }

  #close(token: Token): void {
    const opened = this.#open.at(-1);
    const opening = opened === undefined ? undefined : this.#lines[opened];
    const isMatch = opening !== undefined && this.#isInObject() === (token.kind === "}");
    const isAllowed = this.#expected === "comma or end" || this.#expected.endsWith(" or end");
    if (!isMatch || !isAllowed) throw unexpected(token);
    this.#open.pop();
    const line = this.#lines.length;
    const { depth, parent } = opening;
    this.#lines.push(lineOf("close", depth, parent, null, token, -1));
    opening.closedBy = line;
    this.#valueEnded();
  }

  #add(kind: JsonLine["kind"], value: Span): number {
    const parent = this.#open.at(-1) ?? -1;
    const container = this.#lines[parent];
    const index = container === undefined || this.#isInObject() ? -1 : container.count;
    if (container !== undefined) container.count += 1;
    const name = this.#name;
    this.#name = null;
    return this.#lines.push(lineOf(kind, this.#open.length, parent, name, value, index)) - 1;
  }

  #valueEnded(): void {
    this.#expected = this.#open.length === 0 ? "nothing" : "comma or end";
  }

  #isInObject(): boolean {
    const line = this.#lines[this.#open.at(-1) ?? -1];
    return line !== undefined && this.#source[line.value.start] === "{";
  }
}

function lineOf(
  kind: JsonLine["kind"],
  depth: number,
  parent: number,
  name: Span | null,
  value: Span,
  index: number,
): JsonLine {
  return { kind, depth, parent, name, value, index, hasComma: false, closedBy: -1, count: 0 };
}

function unexpected(token: Token): JsonSyntaxError {
  const what =
    token.kind === "string" || token.kind === "number" || token.kind === "literal" ? token.kind : `"${token.kind}"`;
  return new JsonSyntaxError(`unexpected ${what}`, token.start);
}

/** Reads the whole tree at once, for texts of a moderate size. */
export function readTree(source: string): Tree {
  return new TreeReader(source).step(Infinity) as Tree;
}

/** The name that applies to a value: its own, or that of its list. */
export function nameOf(source: string, lines: readonly JsonLine[], line: JsonLine): string {
  let at: JsonLine | undefined = line;
  while (at !== undefined && at.name === null) at = lines[at.parent];
  return at?.name === undefined || at.name === null ? "" : unquoted(source, at.name);
}

/** The path of a line: `data.fees[1].amount`. */
export function pathOf(source: string, lines: readonly JsonLine[], line: JsonLine): string {
  const parts: string[] = [];
  for (let at: JsonLine | undefined = line; at !== undefined; at = lines[at.parent]) {
    if (at.name !== null) {
      const name = unquoted(source, at.name);
      parts.unshift(/^[A-Za-z_$][\w$-]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`);
    } else if (at.index >= 0) parts.unshift(`[${at.index}]`);
  }
  return parts.join("").replace(/^\./, "");
}

export function unquoted(source: string, span: Span): string {
  return JSON.parse(source.slice(span.start, span.end)) as string;
}
