import { readTree } from "./tree.ts";

/** One value for each line, as written. */
export function indented(source: string): string {
  const tree = readTree(source);
  if (tree.kind !== "tree") return source;
  const { lines } = tree;
  let text = "";
  for (let number = 0; number < lines.length; number += 1) {
    const line = lines[number];
    if (line === undefined) break;
    const name = line.name === null ? "" : `${source.slice(line.name.start, line.name.end)}: `;
    const isEmpty = line.kind === "open" && line.count === 0;
    const end = isEmpty ? lines[line.closedBy] : line;
    const value =
      source.slice(line.value.start, line.value.end) + (isEmpty ? source.slice(end?.value.start, end?.value.end) : "");
    text += `${"  ".repeat(line.depth)}${name}${value}${end?.hasComma === true ? "," : ""}\n`;
    if (isEmpty) number = line.closedBy;
  }
  return text.trimEnd();
}
