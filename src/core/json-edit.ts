import type { Node } from "jsonc-parser";
import { AppError } from "./errors.ts";
import { type Property, propertiesOf, sourceOf, treeOf } from "./json-text.ts";

/** Names of fields and indices of lists, from the top. */
export type JsonPath = readonly (string | number)[];

/** Why a path does not lead to a place where a value can be set. */
export class JsonPathError extends AppError {
  constructor(message: string) {
    super("invalid_usage", message);
  }
}

/** The source text at a path; undefined where the text has no such place. Of repeated fields the last counts. */
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
 * The text with the JSON value at a path, and every other character as it was. What is missing on the way is created, and
 * null is replaced. Throws `JsonPathError`: for a path through another value, an index behind the end of a list, and a
 * field that an object has twice.
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

/** A new JSON text in place of a node's own. */
export interface JsonChange {
  readonly node: Node;
  readonly json: string;
}

/** The text with the changes, which are in its order and none within another, and every other character as it was. */
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

/** The value within new objects and lists. */
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
