import parseDuration from "parse-duration";
import * as v from "valibot";
import { isJsonObject, JsonText, scalarText } from "../../core/json-text.ts";

// The fields of steps. Messages complete a sentence that begins with the field's name.

const number = v.union([v.number(), v.instance(JsonText)]);

/** Text; a number keeps its spelling. */
export const text = v.pipe(
  v.union([v.string(), number], "must be text"),
  v.transform((value) => scalarText(value) ?? ""),
  v.check((value) => value !== "", "must not be empty"),
);

/** Values by name, as written. */
export const record = (message: string) => v.custom<Readonly<Record<string, unknown>>>(isJsonObject, message);

export const flag = v.boolean("must be true or false");

/** `500ms`, `30s`, `2m` or a number of seconds → milliseconds. */
export const duration = v.pipe(
  v.union([v.string(), number], "must be a time such as 30s"),
  v.transform((value) =>
    typeof value === "string" ? (parseDuration(value) ?? Number.NaN) : Number(scalarText(value)) * 1000,
  ),
  v.check((ms) => Number.isFinite(ms) && ms >= 0, "must be a time such as 500ms or 30s"),
);

export const count = (least: number) =>
  v.pipe(
    v.union([v.number(), v.instance(JsonText)], `must be a whole number from ${least}`),
    v.transform((value) => Number(scalarText(value))),
    v.check((value) => Number.isSafeInteger(value) && value >= least, `must be a whole number from ${least}`),
  );

/** `200`, `4xx` or `any`. */
export const answerRule = v.pipe(
  text,
  v.check((value) => /^([1-5](xx|\d\d)|any)$/.test(value), "must be a status such as 200, 4xx or any"),
);

/** One name or pattern, or several. */
export const names = v.pipe(
  v.union([text, v.array(text)], "must be an event name or a list of them"),
  v.transform((value) => (Array.isArray(value) ? value : [value])),
  v.check((value) => value.length > 0, "must name at least one event"),
);

export const oneOf = <const Words extends readonly string[]>(words: Words) =>
  v.picklist(words, `must be one of ${words.join(", ")}`);

/** An object with only these fields; with `main`, the value of that field alone is accepted too. */
export function fields<Entries extends v.ObjectEntries>(entries: Entries, main?: keyof Entries & string) {
  const known = Object.keys(entries).join(", ");
  const object = v.strictObject(entries, (issue) =>
    issue.expected === "never"
      ? `is unknown; there ${Object.keys(entries).length === 1 ? "is" : "are"} ${known}`
      : issue.expected === "Object"
        ? `must be fields: ${known}`
        : "is missing",
  );
  return v.pipe(
    v.unknown(),
    v.transform((raw) => {
      if (raw === null || raw === undefined) return {};
      return main !== undefined && (typeof raw !== "object" || raw instanceof JsonText) ? { [main]: raw } : raw;
    }),
    object,
  );
}
