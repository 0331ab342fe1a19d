/**
 * The same JSON in a form that no serializer writes: keys in reverse order, odd spaces and line breaks, the first
 * letter of every text as an escape, escaped slashes, whole numbers with a fraction. Parsing and serializing it
 * changes the bytes.
 */
export function unusualJson(value: unknown): string {
  if (typeof value === "string") return unusualText(value);
  if (typeof value === "number" && Number.isSafeInteger(value)) return `${value}.0E0`;
  if (Array.isArray(value)) return `[ ${value.map(unusualJson).join(" ,\t")}\n]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).toReversed();
  return `{\n\t${pairs.map(([key, each]) => `${JSON.stringify(key)} :  ${unusualJson(each)}`).join("\r\n ,")} }`;
}

function unusualText(text: string): string {
  if (text === "") return '""';
  const escape = `\\u${text.charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}`;
  return `"${escape}${JSON.stringify(text.slice(1))
    .slice(1, -1)
    .replaceAll("/", String.raw`\/`)}"`;
}
