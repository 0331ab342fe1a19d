import { toUSVString } from "node:util";

// Terminal sequences with their parameters: an OSC 8 link's target or a window title is not text either.
const STRING_SEQUENCE = String.raw`(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\|\x9c)`;
const CONTROL_SEQUENCE = String.raw`(?:\x1b\[|\x9b)[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]`;
const OTHER_SEQUENCE = String.raw`\x1b[\x20-\x2f]*[\x30-\x7e]`;
export const TERMINAL_SEQUENCES = `${STRING_SEQUENCE}|${CONTROL_SEQUENCE}|${OTHER_SEQUENCE}`;
const SEQUENCES = new RegExp(TERMINAL_SEQUENCES, "g");

// Characters that are invisible but affect a terminal: bidirectional overrides, zero-width characters, tags, fillers.
const INVISIBLE = new RegExp(
  String.raw`[\0-\x08\x0b-\x1f\x7f-\x9f\ufff9-\ufffb]|\p{Default_Ignorable_Code_Point}`,
  "gu",
);

// More marks on one letter than any script needs would be drawn over the lines above and below.
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu;

const PLAIN_ASCII = /^[\x20-\x7e]*$/;

/**
 * Converts untrusted text to one line that is safe to print: no terminal sequence, no control or invisible character,
 * no lone surrogate; line breaks and tabs become spaces.
 */
export function clean(text: string): string {
  if (PLAIN_ASCII.test(text)) return text;
  return cleanBlock(text).replace(/[\t\n]+/g, " ");
}

/** Like `clean`, for a text of several lines: line breaks and tabs stay. */
export function cleanBlock(text: string): string {
  return toUSVString(text)
    .replace(SEQUENCES, "")
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replace(INVISIBLE, "")
    .replace(STACKED_MARKS, "$1");
}
