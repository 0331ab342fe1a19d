import type { AppError } from "../core/errors.ts";
import { clean } from "./clean.ts";
import { createPaint } from "./color.ts";
import { duration, fit, pad } from "./text.ts";

/** How one step of a recipe ended, as far as it is printed. */
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
  // What failed is said whole; what went well may be cut at the edge of a terminal.
  const room = style.width === undefined || status === "failed" ? undefined : style.width - LABEL_COLUMNS - 14;
  return (
    `  ${mark} ${paint("dim", time)}  ${label}  ${room === undefined ? detail : fit(detail, room)}`.trimEnd() + "\n"
  );
}

const LABEL_COLUMNS = 27;
