import type { AppError } from "../../core/errors.ts";
import { clean } from "../privacy/clean.ts";
import { createPaint } from "../color.ts";
import { duration, fit, pad } from "../text.ts";

/** The printed result of one step of a recipe. */
export interface PrintedStep {
  readonly at: number;
  readonly status: "passed" | "failed" | "skipped";
  readonly step: {
    readonly number: number;
    readonly line: number;
    readonly kind: string;
    readonly as: string | undefined;
    readonly label: string;
  };
  readonly durationMs?: number;
  readonly detail?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly error?: AppError;
}

/** The JSON record of a step. */
export function stepRecord({
  at,
  status,
  step,
  durationMs,
  detail,
  data,
  error,
}: PrintedStep): Record<string, unknown> {
  return {
    type: "step",
    at: new Date(at).toISOString(),
    number: step.number,
    line: step.line,
    kind: step.kind,
    ...(step.as === undefined ? {} : { as: step.as }),
    status,
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(data === undefined ? {} : { result: data }),
    ...(status === "skipped" ? { detail } : {}),
    ...(error === undefined ? {} : { error: error.toJSON() }),
  };
}

/** One line: `  ✓  35 ms  deposit 100.00 USD          dep_x… pending`. */
export function stepLine(printed: PrintedStep, style: { readonly color: boolean; readonly width?: number }): string {
  const paint = createPaint(style.color);
  const { status, step, durationMs } = printed;
  const mark = { passed: paint("good", "✓"), failed: paint("bad", "✗"), skipped: paint("dim", "–") }[status];
  const time = pad(durationMs === undefined ? "" : duration(durationMs), 6, "left");
  const label = pad(clean(`${step.kind} ${step.label}`), LABEL_COLUMNS);
  const detail = clean(printed.error?.message ?? printed.detail ?? "");
  // A failure is printed completely; a success may be cut to the terminal's width.
  const room = style.width === undefined || status === "failed" ? undefined : style.width - LABEL_COLUMNS - 14;
  return (
    `  ${mark} ${paint("dim", time)}  ${label}  ${room === undefined ? detail : fit(detail, room)}`.trimEnd() + "\n"
  );
}

/** A recipe that was validated and not run. */
export interface PlannedRecipe {
  readonly name: string;
  readonly description: string | undefined;
  readonly path: string;
  readonly steps: readonly (PrintedStep["step"] & { readonly needs: readonly string[] })[];
}

export function planDocument({ name, description, path, steps }: PlannedRecipe): Record<string, unknown> {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    path,
    needs: needsOf(steps),
    steps: steps.map(({ number, line, kind, label, as }) => ({ number, line, kind, label, as })),
  };
}

/** The steps, and what a run needs. */
export function planText({ name, steps }: PlannedRecipe, style: { readonly color: boolean }): string {
  const paint = createPaint(style.color);
  const lines = steps.map(({ number, kind, label, as }) => {
    const what = pad(clean(`${kind} ${label}`), LABEL_COLUMNS);
    return `  ${pad(String(number), 3, "left")}  ${what}  ${as === undefined ? "" : paint("dim", `as ${as}`)}`.trimEnd();
  });
  const needs = needsOf(steps).map((need) => NEEDS[need] ?? need);
  return [
    clean(name),
    ...lines,
    ...(needs.length === 0 ? [] : [`  ${paint("dim", "needs")} ${needs.join(", ")}`]),
    "The recipe is valid. Nothing was sent.",
    "",
  ].join("\n");
}

function needsOf(steps: PlannedRecipe["steps"]): string[] {
  return [...new Set(steps.flatMap((step) => step.needs))].toSorted();
}

const NEEDS: Readonly<Record<string, string>> = {
  api: "the API",
  listener: "a running listener",
  target: "an endpoint (--to, or a running listener)",
};

const LABEL_COLUMNS = 27;
