import { isDeepStrictEqual } from "node:util";
import { clean } from "../privacy/clean.ts";
import { createPaint } from "../color.ts";
import { pad } from "../text.ts";

/**
 * The differences between two states of an object, as `- field old` and `+ field new` lines without the last line
 * break; empty without differences. `before` is null for a new object.
 */
export function renderDiff(before: object | null, after: object, style: { readonly color?: boolean } = {}): string {
  const paint = createPaint(style.color === true);
  const [old, now] = [new Map(Object.entries(before ?? {})), new Map<string, unknown>(Object.entries(after))];
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter(
    (name) => !isDeepStrictEqual(old.get(name), now.get(name)),
  );
  const width = Math.max(0, ...changed.map((name) => name.length));
  const line = (sign: string, name: string, value: unknown) =>
    `${sign} ${pad(name, width)}  ${clean(textOf(value))}`.trimEnd();
  return changed
    .flatMap((name) => [
      ...(isNothing(old.get(name)) ? [] : [paint("bad", line("-", name, old.get(name)))]),
      ...(isNothing(now.get(name)) ? [] : [paint("good", line("+", name, now.get(name)))]),
    ])
    .join("\n");
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.map(textOf).join(", ") : JSON.stringify(value);
}
