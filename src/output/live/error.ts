import type { AppError, ErrorCode, Warning, WarningCode } from "../../core/errors.ts";
import { clean, cleanBlock } from "../privacy/clean.ts";
import { createPaint } from "../color.ts";
import { jsonLine } from "../export/json.ts";
import { wrap } from "../text.ts";

/** A hint after its label; wrapped and indented on a narrow terminal. */
export function nextStep(label: string, hint: string, width = Infinity, indent = "  "): string {
  return foldProse(`${label} ${clean(hint)}`, width - indent.length).join(`\n${indent}`);
}

/** A line of prose, wrapped. A command at its end stays in one piece, so that it can be copied. */
export function foldProse(text: string, width: number): string[] {
  const whole = wrap(text, width);
  const at = text.lastIndexOf(COMMAND);
  if (at === -1) return whole;
  const command = text.slice(at + 2);
  return whole.at(-1)?.endsWith(command) === true ? whole : [...wrap(text.slice(0, at + 1), width), command];
}

const COMMAND = ": bluum-hooks ";

/** An error in stderr's format, with its line break: one line of JSON, or the message, the cause and the hint. */
export function renderError(
  error: AppError,
  style: {
    readonly json: boolean;
    readonly color: boolean;
    readonly width?: number;
    /** The command that shows the relevant help. */
    readonly help?: string | undefined;
  },
): string {
  if (style.json) {
    return `${jsonLine({ error: style.help === undefined ? error : { ...error.toJSON(), help: style.help } })}\n`;
  }
  const paint = createPaint(style.color);
  const [what = "", ...why] = cleanBlock(error.message).trim().split("\n");
  const origin = [
    error.status === undefined ? "" : `HTTP ${error.status}`,
    clean(error.vendorCode ?? ""),
    error.requestId === undefined ? "" : `request ${clean(error.requestId)}`,
  ].filter((part) => part !== "");
  const lines = [
    `${paint("bad", "error:")} ${what}`,
    ...why.map((line) => `  ${line}`),
    ...(origin.length === 0 ? [] : [`  ${paint("dim", origin.join(" · "))}`]),
    ...(error.hint === undefined ? [] : [`  ${nextStep(paint("accent", "next:"), error.hint, style.width)}`]),
    ...(style.help === undefined ? [] : [`  ${paint("accent", "help:")} ${style.help}`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** A warning in stderr's format, with its line break: a JSON object on one line, or the message and the hint. */
export function warningText(
  warning: Warning<WarningCode | ErrorCode>,
  style: { readonly json: boolean; readonly color: boolean; readonly width?: number | undefined },
): string {
  if (style.json) return `${jsonLine({ warning })}\n`;
  const paint = createPaint(style.color);
  const { width = Infinity } = style;
  const next = warning.hint === undefined ? "" : `  ${nextStep(paint("dim", "next:"), warning.hint, width)}\n`;
  return `${paint("warn", "!")} ${wrap(clean(warning.message), width - 2).join("\n  ")}\n${next}`;
}
