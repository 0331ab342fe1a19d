import { pathOf, readTree, unquoted, type JsonLine } from "./tree.ts";

export interface Difference {
  readonly path: string;
  readonly kind: "added" | "removed" | "changed";
  readonly before: string | null;
  readonly after: string | null;
  /** The field's name, which determines whether its value is known to be harmless. */
  readonly name: string;
}

/**
 * The differences between two JSON texts, by path, in the order of the first one, with new fields at the end. Values
 * are compared as written: `1.0` and `1` differ. Null if one of them is not JSON.
 */
export function differences(before: string, after: string): Difference[] | null {
  const [one, other] = [leaves(before), leaves(after)];
  if (one === null || other === null) return null;
  const found: Difference[] = [];
  for (const [path, leaf] of one) {
    const twin = other.get(path);
    if (twin?.text === leaf.text) continue;
    const kind = twin === undefined ? "removed" : "changed";
    found.push({ path, kind, before: leaf.text, after: twin?.text ?? null, name: leaf.name });
  }
  for (const [path, leaf] of other) {
    if (!one.has(path)) found.push({ path, kind: "added", before: null, after: leaf.text, name: leaf.name });
  }
  return found;
}

interface Leaf {
  readonly text: string;
  readonly name: string;
}

function leaves(source: string): Map<string, Leaf> | null {
  const tree = readTree(source);
  if (tree.kind === "not-json") return null;
  const found = new Map<string, Leaf>();
  for (const line of tree.lines) {
    if (line.kind === "close" || (line.kind === "open" && line.count > 0)) continue;
    const path = uniquePath(pathOf(source, tree.lines, line), found);
    found.set(path, { text: textOf(source, line), name: lastName(source, tree.lines, line) });
  }
  return found;
}

/** A repeated name gets its own path. */
function uniquePath(path: string, found: ReadonlyMap<string, Leaf>): string {
  let unique = path === "" ? "(document)" : path;
  for (let repeat = 2; found.has(unique); repeat += 1) unique = `${path} (${repeat})`;
  return unique;
}

function textOf(source: string, line: JsonLine): string {
  if (line.kind === "open") return source[line.value.start] === "{" ? "{}" : "[]";
  return source.slice(line.value.start, line.value.end);
}

function lastName(source: string, lines: readonly JsonLine[], line: JsonLine): string {
  let at: JsonLine | undefined = line;
  while (at !== undefined && at.name === null) at = lines[at.parent];
  return at?.name === null || at === undefined ? "" : unquoted(source, at.name);
}
