import { clean } from "../privacy/clean.ts";
import { createPaint, type Tone } from "../color.ts";
import { jsonLine } from "../export/json.ts";
import { columnsOf, fit, pad } from "../text.ts";

export interface TableStyle {
  /** Maximum width in columns. Without it nothing is cut. */
  readonly width?: number | undefined;
  readonly color?: boolean | undefined;
}

/** A title, or a column with its own options. */
export type Column =
  | string
  | {
      readonly title: string;
      /** Never cut, because a part of it is useless. */
      readonly isRigid?: boolean;
      /** Cuts a cell to a width; by default at its end. */
      readonly fit?: (text: string, columns: number) => string;
    };

const GAP = "  ";
/** Minimum width of a cut column, so that its content can still be recognized. */
const MIN_COLUMN_WIDTH = 8;

/** Words that are coloured in every table. */
const TONES: Readonly<Record<string, Tone>> = {
  ACTIVE: "good",
  INACTIVE: "dim",
  verified: "good",
  mismatch: "bad",
  stale: "bad",
  unsigned: "warn",
  "no-secret": "dim",
};

/** Aligned and cleaned columns with titles, one line for each row; the widest columns are cut to fit the width. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: TableStyle = {},
): string {
  const paint = createPaint(style.color === true);
  const layouts = columns.map((column) => (typeof column === "string" ? { title: column } : column));
  const titles = layouts.map(({ title }) => title);
  const body = rows.map((row) => titles.map((_, index) => clean(row[index] ?? "")));
  const natural = titles.map((title, index) =>
    Math.max(columnsOf(title), ...body.map((row) => columnsOf(row[index] ?? ""))),
  );
  const least = layouts.map(({ isRigid }, index) => (isRigid === true ? (natural[index] ?? 0) : MIN_COLUMN_WIDTH));
  const widths = shrink(natural, least, (style.width ?? Infinity) - GAP.length * (titles.length - 1));
  const line = (cells: readonly string[], toneOf: (cell: string) => Tone) =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return pad(paint(toneOf(cell), (layouts[index]?.fit ?? fit)(cell, width)), width);
      })
      .join(GAP)
      .trimEnd();
  const lines = [line(titles, () => "dim"), ...body.map((row) => line(row, (cell) => TONES[cell] ?? "plain"))];
  return `${lines.join("\n")}\n`;
}

/** Narrows the widest columns until all fit, or none can be narrowed further. */
function shrink(natural: readonly number[], least: readonly number[], room: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...widths.filter((width, index) => width > (least[index] ?? 0)));
    if (widest === -Infinity) break;
    const giving = widths.findLastIndex((width, index) => width === widest && width > (least[index] ?? 0));
    widths[giving] = widest - 1;
    excess -= 1;
  }
  return widths;
}

/** Labels and values below each other; values are aligned and cleaned. */
export function fields(pairs: readonly (readonly [label: string, value: string])[], style: TableStyle = {}): string {
  const paint = createPaint(style.color === true);
  const width = Math.max(0, ...pairs.map(([label]) => columnsOf(label)));
  return pairs
    .map(([label, value]) => `${paint("dim", pad(label, width))}${GAP}${clean(value)}`.trimEnd() + "\n")
    .join("");
}

/** One JSON document, as `--json` prints it. */
export function json(document: unknown): string {
  return `${jsonLine(document)}\n`;
}
