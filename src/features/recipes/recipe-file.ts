import { isMap, isSeq, LineCounter, parseDocument, visit, type Document } from "yaml";
import { parseJson } from "../../core/json-text.ts";

/** A fault and its position in a file. */
export interface Fault {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** A step as written in the file. */
export interface RawStep {
  readonly line: number;
  readonly value: unknown;
  /** The line of a value within the step, or of the nearest enclosing value. */
  lineOf(path: readonly (string | number)[]): number;
}

export interface RawRecipe {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly steps: readonly RawStep[];
}

/** Reads YAML, and therefore JSON: a list of steps, or an object with `name`, `description` and `steps`. */
export function readDocument(text: string): RawRecipe | readonly Fault[] {
  const lines = new LineCounter();
  const document = parseDocument(text.replace(/^\ufeff/, ""), { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line);
  if (document.errors.length > 0) {
    return document.errors.map(({ pos, message }) => ({ line: lineAt(pos[0]), message }));
  }
  const faults = keepNumbers(document, lineAt);
  if (faults.length > 0) return faults;
  const fault = (message: string): Fault[] => [{ line: 1, message }];
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // Aliases that expand too far.
    return fault(error instanceof Error ? error.message : String(error));
  }
  const isList = isSeq(document.contents);
  if (!isList && !isMap(document.contents))
    return fault("a recipe is a list of steps, or an object with a list of steps");
  const top = (isList ? { steps: value } : value) as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(top).find((key) => !["name", "description", "steps"].includes(key));
  if (unknown !== undefined) {
    return [
      {
        line: lineOfPath(document, [unknown], lineAt),
        message: `a recipe has only name, description and steps; ${unknown} is unknown`,
      },
    ];
  }
  const { name, description, steps } = top;
  for (const [key, each] of Object.entries({ name, description })) {
    if (each !== undefined && typeof each !== "string") {
      return [{ line: lineOfPath(document, [key], lineAt), message: `${key} must be text` }];
    }
  }
  if (!Array.isArray(steps) || steps.length === 0) return fault("a recipe needs at least one step, in a list");
  const lineOf = (path: readonly (string | number)[]) =>
    lineOfPath(document, isList ? path : ["steps", ...path], lineAt);
  return {
    name: name as string | undefined,
    description: description as string | undefined,
    steps: steps.map((each: unknown, index) => ({
      line: lineOf([index]),
      value: each,
      lineOf: (path) => lineOf([index, ...path]),
    })),
  };
}

/**
 * Converts every number of the document as `parseJson` does, so that 178.50 and 1E5 keep their spelling. YAML
 * spellings that JSON lacks, such as 0x1F, .5 and 007, are faults, because they could not be sent as written.
 */
function keepNumbers(document: Document, lineAt: (offset: number) => number): Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Scalar(key, node) {
      if (typeof node.value !== "number") return;
      const source = node.source ?? String(node.value);
      try {
        node.value = key === "key" ? source : parseJson(source);
      } catch {
        const message = `${source} is not a JSON number; quote it if it is text`;
        faults.push({ line: lineAt(node.range?.[0] ?? 0), message });
      }
    },
  });
  return faults;
}

function lineOfPath(
  document: Document,
  path: readonly (string | number)[],
  lineAt: (offset: number) => number,
): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    const range = typeof node === "object" && node !== null ? node.range : undefined;
    if (range !== undefined && range !== null) return lineAt(range[0]);
  }
  return 1;
}
