import * as v from "valibot";
import { AppError } from "../../core/errors.ts";
import { isJsonObject, JsonText, scalarText } from "../../core/json-text.ts";

/** A field of a domain type: its names on the wire, the preferred one first, and the schema of its value. */
export interface Field {
  readonly from: readonly string[];
  readonly as: v.GenericSchema;
}

/** A domain type: a value for each field of the table, and every other field of the wire object, as sent. */
export type Read<F extends Readonly<Record<string, Field>>> = {
  readonly [Name in keyof F]: v.InferOutput<F[Name]["as"]>;
} & { readonly unknown: Record<string, unknown> };

/** A field's value, or null if the wire object has none. */
export const text = v.string();
export const textOrNull = v.nullish(v.string(), null);
const number = v.union([v.number(), v.instance(JsonText)]);
/** A number keeps its spelling: an id may exceed a JavaScript number, and 178.50 must not become 178.5. */
const textOrNumber = v.pipe(
  v.union([v.string(), number], "text"),
  v.transform((value) => scalarText(value) ?? ""),
);
export const id = v.pipe(textOrNumber, v.nonEmpty());
/** Decimals are strings on the wire; a number is accepted and converted. */
export const decimalOrNull = v.nullish(textOrNumber, null);
/** ISO 8601 text is kept as sent; Unix seconds are converted to it. */
export const timeOrNull = v.nullish(
  v.union([
    v.string(),
    v.pipe(
      number,
      v.transform((seconds) => new Date(Number(scalarText(seconds)) * 1000)),
      v.date(), // false for seconds beyond the range of a date
      v.transform((date) => date.toISOString()),
    ),
  ]),
  null,
);

/**
 * Reads a wire object by a table of fields; all other fields are in `unknown`. Throws `api_invalid_response`, which
 * names each missing or invalid field and quotes no value.
 */
export function readFields<F extends Readonly<Record<string, Field>>>(what: string, fields: F, wire: unknown): Read<F> {
  if (!isJsonObject(wire)) throw new AppError("api_invalid_response", `${what} is not an object`);
  const problems: string[] = [];
  const read: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = firstValue(wire, field.from);
    const result = v.safeParse(field.as, value);
    if (result.success) read[name] = result.output;
    else problems.push(`${field.from.join(" or ")} is ${value === undefined ? "missing" : "not as documented"}`);
  }
  if (problems.length > 0) throw new AppError("api_invalid_response", `${what} is invalid: ${problems.join(", ")}`);
  const known = new Set(Object.values(fields).flatMap((field) => field.from));
  const unknown = Object.fromEntries(Object.entries(wire).filter(([name]) => !known.has(name)));
  return { ...read, unknown } as Read<F>;
}

/** An empty list counts as a value only if no other name has one: `eventTypes: []` may be sent with the names. */
function firstValue(wire: Record<string, unknown>, spellings: readonly string[]): unknown {
  const values = spellings.map((spelling) => wire[spelling]).filter((value) => value !== undefined && value !== null);
  return values.find((value) => !(Array.isArray(value) && value.length === 0)) ?? values[0];
}
