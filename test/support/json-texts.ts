import * as fc from "fast-check";

/** A number in any spelling that JSON allows, most of which JavaScript would change. */
export const numberText = fc.oneof(
  fc.stringMatching(/^-?(0|[1-9]\d{0,22})(\.\d{1,9})?([eE][+-]?\d{1,3})?$/),
  fc.constantFrom("1152921506151679042", "136.0", "178.50", "1E5", "0.0000001", "-0", "1e400", "9007199254740993"),
);

const space = fc.constantFrom("", "", " ", "\n", "\t", "  \r\n ");
const stringText = fc.oneof(
  fc.string({ maxLength: 8 }).map((text) => JSON.stringify(text)),
  fc.constantFrom('"1.50"', '"\\u0031E5"', '"\\""', '"12.0,"', '"é\u2028"'),
);
const name = fc.stringMatching(/^[b-z]{1,3}$/);

const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    numberText,
    stringText,
    fc.constantFrom("null", "true", "false"),
    fc.tuple(space, fc.array(tie("value"), { maxLength: 4 })).map(([gap, items]) => `[${items.join(`${gap},${gap}`)}]`),
    fc
      .tuple(space, fc.uniqueArray(fc.tuple(name, tie("value")), { maxLength: 4, selector: ([key]) => key }))
      .map(([gap, fields]) => `{${gap}${fields.map(([key, text]) => `"${key}"${gap}:${text}`).join(`,${gap}`)}${gap}}`),
  ),
}));

/** A JSON value as its source text: any spelling of numbers, any white space, no repeated fields. */
export const jsonText = value;

/** Every number of a JSON text as written, in order. Found without the program's own reader. */
export function numbersIn(text: string): string[] {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/-?\d[\d.eE+-]*/g) ?? [];
}
