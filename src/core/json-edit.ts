import { applyEdits, modify, type Node } from "jsonc-parser";
import { AppError } from "./errors.ts";
import { type Property, propertiesOf, sourceOf, treeOf } from "./json-text.ts";

/** Field names and list indices, from the root. */
export type JsonPath = readonly (string | number)[];

/** Explains why no value can be set at a path. */
export class JsonPathError extends AppError {
  constructor(message: string) {
    super("invalid_usage", message);
  }
}

/**
 * Sets the value at a path of a file that a person edits, or removes it if it is undefined. New text is indented like
 * the rest; all other text stays unchanged.
 */
export function editJson(text: string, path: JsonPath, value: unknown): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const formattingOptions = { insertSpaces: !/^\t/m.test(text), tabSize: /^ {4}"/m.test(text) ? 4 : 2, eol };
  return applyEdits(text, modify(text, [...path], value, { formattingOptions }));
}

/** The source text at a path; undefined if the path does not exist. Of repeated fields the last counts. */
export function jsonAt(text: string, path: JsonPath): string | undefined {
  let node: Node | undefined = treeOf(text);
  for (const segment of path) {
    if (node === undefined) return undefined;
    node =
      node.type === "array"
        ? node.children?.[indexOf(segment) ?? -1]
        : propertiesNamed(node, String(segment)).at(-1)?.value;
  }
  return node && sourceOf(node, text);
}

/**
 * Sets the JSON value at a path and leaves every other character unchanged. Missing objects and lists on the path are
 * created, and null is replaced. Throws `JsonPathError` for a path through another type of value, for an index beyond
 * the end of a list, and for a field that an object has twice.
 */
export function setJson(text: string, path: JsonPath, json: string): string {
  let node = treeOf(text);
  for (const [depth, segment] of path.entries()) {
    const child = childAt(node, path.slice(0, depth), segment);
    if (child === undefined) return insert(text, node, path.slice(depth), json);
    node = child;
  }
  return applyChanges(text, [{ node, json }]);
}

/** A new JSON text that replaces a node's text. */
export interface JsonChange {
  readonly node: Node;
  readonly json: string;
}

/** Applies changes and leaves every other character unchanged. The changes must be in order and must not overlap. */
export function applyChanges(text: string, changes: readonly JsonChange[]): string {
  let changed = "";
  let from = 0;
  for (const { node, json } of changes) {
    changed += text.slice(from, node.offset) + json;
    from = node.offset + node.length;
  }
  return changed + text.slice(from);
}

function childAt(node: Node, at: JsonPath, segment: string | number): Node | undefined {
  if (node.type === "object") {
    const [property, another] = propertiesNamed(node, String(segment));
    if (another === undefined) return property?.value;
    throw new JsonPathError(`${placeOf(at)} has the field ${JSON.stringify(segment)} twice`);
  }
  if (node.type === "array") {
    const { length } = node.children ?? [];
    const index = indexOf(segment);
    if (index === undefined) throw new JsonPathError(`${placeOf(at)} is a list, and ${segment} is not an index`);
    if (index <= length) return node.children?.[index];
    throw new JsonPathError(`${placeOf(at)} has ${length} items, so the next index is ${length}`);
  }
  if (node.type === "null") return undefined;
  throw new JsonPathError(`${placeOf(at)} is a ${node.type}, and has no fields`);
}

function insert(text: string, parent: Node, [segment = "", ...rest]: JsonPath, json: string): string {
  const value = nested(rest, json);
  if (parent.type === "null") return applyChanges(text, [{ node: parent, json: nested([segment, ...rest], json) }]);
  const item = parent.type === "array" ? value : `${JSON.stringify(String(segment))}:${value}`;
  const last = parent.children?.at(-1);
  const at = last === undefined ? parent.offset + 1 : last.offset + last.length;
  return `${text.slice(0, at)}${last === undefined ? "" : ","}${item}${text.slice(at)}`;
}

/** Wraps the value in new objects and lists. */
function nested(path: JsonPath, json: string): string {
  return path.reduceRight<string>((value, segment) => {
    const index = indexOf(segment);
    if (index === undefined) return `{${JSON.stringify(segment)}:${value}}`;
    if (index === 0) return `[${value}]`;
    throw new JsonPathError(`a new list begins with the index 0, not with ${segment}`);
  }, json);
}

function propertiesNamed(node: Node, name: string): Property[] {
  return node.type === "object" ? propertiesOf(node).filter((property) => property.name === name) : [];
}

function indexOf(segment: string | number): number | undefined {
  return typeof segment === "number" ? segment : /^(0|[1-9]\d*)$/.test(segment) ? Number(segment) : undefined;
}

function placeOf(path: JsonPath): string {
  return path.length === 0 ? "the payload" : path.join(".");
}
