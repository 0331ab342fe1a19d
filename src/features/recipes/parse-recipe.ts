import type { Settings } from "../../config/settings.ts";
import { AppError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json-text.ts";
import { nearestName } from "../../core/nearest.ts";
import { type Fault, type RawStep, readDocument } from "./recipe-file.ts";
import { type Reference, referencesIn } from "./references.ts";
import type { ReadyStep, StepKind } from "./step.ts";
import { STEP_KINDS } from "./steps/index.ts";

export interface RecipeStep extends ReadyStep {
  /** From 1. */
  readonly number: number;
  readonly line: number;
  readonly kind: string;
  /** The name by which later steps refer to its result. */
  readonly as: string | undefined;
}

export interface Recipe {
  /** Its own name, otherwise the file's. */
  readonly name: string;
  readonly description: string | undefined;
  readonly path: string;
  readonly steps: readonly RecipeStep[];
}

const MAX_FAULTS = 10;
const NAME = /^[A-Za-z][\w-]*$/;

/** Reads and validates a whole recipe. Throws `recipe_invalid` with the file, line and step of every fault. */
export function readRecipe(path: string, text: string, settings: Settings): Recipe {
  const document = readDocument(text);
  if (!("steps" in document)) throw invalid(path, document);
  const faults: Fault[] = [];
  const named = new Map<string, StepKind>();
  const steps: RecipeStep[] = [];
  for (const [index, raw] of document.steps.entries()) {
    const read = readStep(raw, index + 1, named, settings);
    faults.push(...read.faults);
    if (read.step !== undefined) steps.push(read.step);
    // The name of an invalid step stays known, so one fault is reported once.
    if (read.name !== undefined) named.set(read.name.as, read.name.kind);
  }
  if (faults.length > 0) throw invalid(path, faults);
  return { name: document.name ?? path, description: document.description, path, steps };
}

/** The event names and patterns in a recipe, each once, without those that contain references. */
export function recipeEvents({ steps }: Recipe): string[] {
  return [...new Set(steps.flatMap((step) => step.events))].filter((name) => !name.includes("${"));
}

/** Whether any step of a recipe moves money. False for an invalid recipe, which parsing reports. */
export function recipeMovesMoney(text: string): boolean {
  const document = readDocument(text);
  if (!("steps" in document)) return false;
  const kinds = document.steps.map(({ value }) => kindOf(value));
  return kinds.some((found) => typeof found !== "string" && found.kind.movesMoney);
}

interface StepReading {
  readonly faults: readonly Fault[];
  readonly step?: RecipeStep;
  readonly name?: { readonly as: string; readonly kind: StepKind };
}

function readStep(raw: RawStep, number: number, named: ReadonlyMap<string, StepKind>, settings: Settings): StepReading {
  const wrong = (message: string, path: readonly (string | number)[] = [], kind?: StepKind): Fault => ({
    line: raw.lineOf(path),
    message: `step ${number}${kind === undefined ? "" : ` (${kind.kind})`}: ${message}`,
  });
  const found = kindOf(raw.value);
  if (typeof found === "string") return { faults: [wrong(found)] };
  const { kind, fields, as } = found;
  const faults: Fault[] = [];
  const fault = (message: string, path: readonly (string | number)[]) => faults.push(wrong(message, path, kind));

  let name: StepReading["name"];
  if (as !== undefined) {
    if (typeof as !== "string" || !NAME.test(as)) fault("as must be a name such as buy", ["as"]);
    else if (named.has(as)) fault(`an earlier step is already named ${as}`, ["as"]);
    else if (kind.gives.length === 0) fault("has no output to name", ["as"]);
    else name = { as, kind };
  }
  const references = referencesIn(fields);
  for (const reference of references) {
    const message = faultOf(reference, named);
    if (message !== undefined) fault(message, [kind.kind]);
  }
  const read = kind.read(fields);
  if (!("run" in read)) {
    for (const { path, message } of read) fault([...path, message].join(" "), [kind.kind, ...path]);
    return { faults, ...(name === undefined ? {} : { name }) };
  }
  for (const step of read.refersTo) {
    if (!named.has(step)) fault(unknownStep(step, named), [kind.kind]);
  }
  if (faults.length === 0 && references.length === 0) {
    try {
      read.check(settings);
    } catch (error) {
      // Missing settings are not a fault of the recipe.
      if (!(error instanceof AppError) || error.code !== "invalid_usage" || settings.owner === undefined) throw error;
      fault(error.message, [kind.kind]);
    }
  }
  const refersTo = [...new Set([...read.refersTo, ...references.map(({ step }) => step)])];
  return {
    faults,
    ...(name === undefined ? {} : { name }),
    step: { ...read, refersTo, number, line: raw.line, kind: kind.kind, as: name?.as },
  };
}

/** The kind of a step, its fields and its name; or the fault. */
function kindOf(value: unknown): { kind: StepKind; fields: unknown; as: unknown } | string {
  const kinds = STEP_KINDS.map(({ kind }) => kind);
  if (!isJsonObject(value)) {
    return `must be one of ${kinds.join(", ")}, with its fields`;
  }
  const { as, ...rest } = value;
  const [first, second] = Object.keys(rest);
  if (first === undefined) return `must be one of ${kinds.join(", ")}`;
  const kind = STEP_KINDS.find((each) => each.kind === first);
  if (kind === undefined) return `unknown step ${first}; did you mean ${nearestName(first, kinds)}?`;
  if (second !== undefined) {
    return kinds.includes(second)
      ? `is both ${first} and ${second}; make it two steps`
      : `${second} is not part of a step; indent the fields of ${first} below it`;
  }
  return { kind, fields: rest[first], as };
}

function faultOf({ text, step, field }: Reference, named: ReadonlyMap<string, StepKind>): string | undefined {
  const kind = named.get(step);
  if (kind === undefined) return `\${${text}}: ${unknownStep(step, named)}`;
  if (kind.gives.includes(field)) return undefined;
  return `\${${text}}: a step ${kind.kind} provides ${kind.gives.join(" and ")}, not ${field === "" ? "a value by itself" : field}`;
}

function unknownStep(step: string, named: ReadonlyMap<string, StepKind>): string {
  const nearest = nearestName(step, [...named.keys()]);
  return nearest === undefined
    ? `no earlier step is called ${step}; name one with as: ${step}`
    : `no earlier step is called ${step}; did you mean ${nearest}?`;
}

function invalid(path: string, faults: readonly Fault[]): AppError {
  const lines = faults.slice(0, MAX_FAULTS).map(({ line, message }) => `${path}:${line}: ${message}`);
  const more = faults.length > MAX_FAULTS ? [`and ${faults.length - MAX_FAULTS} more`] : [];
  return new AppError("recipe_invalid", [...lines, ...more].join("\n"), {
    hint: "Nothing was sent. See: bluum-hooks trigger recipe --help",
  });
}
