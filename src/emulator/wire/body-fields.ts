import * as v from "valibot";
import { isJsonObject } from "../../core/json-text.ts";
import { type Decimal, parseDecimal, ZERO } from "../decimal.ts";
import { Refusal, REFUSALS, type RefusalCode } from "../refusal.ts";

/** Validates a request body against its schema; throws the refusal for the first invalid field. */
export function parseBody<Schema extends v.GenericSchema>(schema: Schema, body: unknown): v.InferOutput<Schema> {
  // A list is rejected too: it has fields, but not those that the schema requires.
  if (!isJsonObject(body)) throw new Refusal("400-001", { message: NO_OBJECT });
  const result = v.safeParse(schema, body, { abortEarly: true });
  if (result.success) return result.output;
  throw refusalOf(result.issues[0]);
}

const NO_OBJECT = "The body must be a JSON object.";

function refusalOf(issue: v.BaseIssue<unknown>): Refusal {
  const param = v.getDotPath(issue) ?? undefined;
  if (param === undefined) return new Refusal("400-001", { message: NO_OBJECT });
  if (issue.received === "undefined") return new Refusal("400-002", { param, message: `${param} is required.` });
  if (issue.type === "picklist") {
    return new Refusal("400-004", {
      param,
      message: `${param} must be one of ${issue.expected ?? "the known values"}.`,
    });
  }
  const [, code, reason] = /^(\d{3}-\d{3}) (.*)$/.exec(issue.message) ?? [];
  if (code !== undefined && code in REFUSALS) {
    return new Refusal(code as RefusalCode, { param, message: `${param} ${reason}.` });
  }
  return new Refusal("400-003", { param, message: `${param} has the wrong format.` });
}

/** A positive decimal in a string. `code` is the refusal for an invalid one. */
export function decimalField(code: "400-005" | "400-006", maxFractionDigits: number) {
  const message = `${code} must be a positive decimal in a string, with at most ${maxFractionDigits} decimals`;
  return v.pipe(
    v.string(message),
    v.rawTransform<string, Decimal>(({ dataset, addIssue, NEVER }) => {
      const value = parseDecimal(dataset.value, maxFractionDigits);
      if (value !== undefined && value > ZERO) return value;
      addIssue({ message });
      return NEVER;
    }),
  );
}

/** Text that is not empty. */
export function textField(maxLength: number) {
  const message = `400-003 must be 1 to ${maxLength} characters`;
  return v.pipe(v.string(message), v.trim(), v.minLength(1, message), v.maxLength(maxLength, message));
}

/** A field that may be absent or null; the result is null in both cases. */
export function optionalField<Schema extends v.GenericSchema>(schema: Schema) {
  return v.nullish(schema, null);
}

/** The customer's own values, which are only returned. */
export const metadataField = v.nullish(
  v.custom<Readonly<Record<string, unknown>>>(isJsonObject, "400-003 must be an object"),
  {},
);
