import { parsePath } from "dot-prop";
import { AppError } from "../../core/errors.ts";
import { jsonAt, JsonPathError, setJson } from "../../core/json-edit.ts";
import { TooDeepError } from "../../core/json-text.ts";

/** A value for a place in a payload: a path such as `data.legs[0].qty`, and the value's JSON as written. */
export interface Setting {
  readonly path: string;
  readonly json: string;
}

export interface EditedPayload {
  /** The JSON text; everything that no setting names is unchanged, digit for digit. */
  readonly text: string;
  /** The effect of each setting, as text. */
  readonly changes: readonly string[];
}

/**
 * Sets values in a JSON text. A value that replaces a string becomes a string: decimals are strings in this API, and
 * 2.50 is then "2.50". Throws `invalid_usage` for a path at which no value can be set.
 */
export function editPayload(text: string, settings: readonly Setting[]): EditedPayload {
  const changes: string[] = [];
  let edited = text;
  for (const { path, json } of settings) {
    const segments = segmentsOf(path);
    try {
      const before = jsonAt(edited, segments);
      const isForText = before?.startsWith('"') === true && LITERAL.test(json);
      const after = isForText ? JSON.stringify(json) : json;
      edited = setJson(edited, segments, after);
      changes.push(before === after ? `${path} is ${after} already` : `${path}: ${before ?? "(nothing)"} → ${after}`);
    } catch (error) {
      if (!(error instanceof JsonPathError || error instanceof TooDeepError)) throw error;
      throw invalidPath(path, error.message);
    }
  }
  return { text: edited, changes };
}

/** A number, true or false. */
const LITERAL = /^[-\dtf]/;

function segmentsOf(path: string): (string | number)[] {
  let segments: (string | number)[] = [];
  try {
    segments = parsePath(path);
  } catch {
    // Not a valid path.
  }
  if (segments.length > 0) return segments;
  throw invalidPath(path, "it is not a path");
}

function invalidPath(path: string, why: string): AppError {
  return new AppError("invalid_usage", `cannot set ${JSON.stringify(path)}: ${why}`, {
    hint: "Use names separated by dots, such as data.symbol or data.legs[0].qty.",
  });
}
