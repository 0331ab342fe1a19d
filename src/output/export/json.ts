import { stringify } from "../../core/json-text.ts";

// Legal in JSON, but a terminal interprets some of them and a line reader splits at others. Escaping them loses
// nothing.
const UNSAFE = /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * One JSON document, which may contain a `JsonText`, on one line, without the line break. Safe to print on a terminal
 * and to split by lines.
 */
export function jsonLine(document: unknown): string {
  return stringify(document, withoutNoise).replace(
    UNSAFE,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Measured milliseconds have a dozen decimals, of which only the first is significant. */
function withoutNoise(value: number, name: string): number {
  return name.endsWith("Ms") ? Math.round(value * 10) / 10 : value;
}
