import { isHarmlessField } from "../../../core/harmless.ts";
import { nameOf, readTree, type JsonLine, type Span, unquoted } from "./tree.ts";

/** Whether a redacted export would replace the value. */
export function isPersonal(source: string, lines: readonly JsonLine[], line: JsonLine): boolean {
  if (line.kind === "open" || line.kind === "close") return false;
  const text = line.kind === "string" ? unquoted(source, line.value) : source.slice(line.value.start, line.value.end);
  if (text === "" || (line.kind === "literal" && text === "null")) return false;
  return !isHarmlessField(nameOf(source, lines, line), text);
}

/** The positions of personal data in a JSON text; the whole text if it is not JSON. */
export function personalSpans(source: string): readonly Span[] {
  const tree = readTree(source);
  if (tree.kind === "not-json") return source === "" ? [] : [{ start: 0, end: source.length }];
  return tree.lines.filter((line) => isPersonal(source, tree.lines, line)).map(inner(source));
}

/** Without the quotation marks of a string. */
function inner(source: string): (line: JsonLine) => Span {
  return ({ kind, value }) =>
    kind === "string" && source[value.start] === '"' ? { start: value.start + 1, end: value.end - 1 } : value;
}

/** Whether a summary has numbers, symbols and one status only; the reason of a rejection may name anybody. */
export function isHarmlessSummary(text: string): boolean {
  return /^(?:(?:filled|buy|sell|of|@|\$?[\d.,]+|[A-Z][A-Z\d./]{0,9})(?: |$))*[a-z_]*$/.test(text);
}

export const HIDDEN = "••••••";

/** A text with the same lines, in which each character of these spans is a dot. */
export function withDots(source: string, spans: readonly Span[]): string {
  let text = "";
  let at = 0;
  for (const { start, end } of spans) {
    text += source.slice(at, start) + source.slice(start, end).replace(/[^\r\n]/g, "•");
    at = end;
  }
  return text + source.slice(at);
}
