import type { AppError, ErrorCode, WarningCode } from "../../core/errors.ts";
import { clean, cleanBlock } from "../privacy/clean.ts";
import { createPaint } from "../color.ts";
import { jsonLine } from "../export/json.ts";
import { wrap } from "../text.ts";

/**
 * A hint after its label; wrapped and indented on a narrow terminal. A command at its end stays in one piece, so that
 * it can be copied.
 */
export function nextStep(label: string, hint: string, width = Infinity): string {
  const text = clean(hint);
  const at = text.lastIndexOf(COMMAND);
  const whole = wrap(`${label} ${text}`, width - 2);
  if (at === -1 || whole.length === 1) return whole.join("\n  ");
  const prose = wrap(`${label} ${text.slice(0, at + 1)}`, width - 2);
  return [...prose, text.slice(at + 2)].join("\n  ");
}

const COMMAND = ": bluum-hooks ";

/**
 * An error in stderr's format, with its line break: a JSON object on one line, or the message, the cause and the
 * hint.
 */
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

interface Warning {
  readonly code: WarningCode | ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** A warning in stderr's format, with its line break: a JSON object on one line, or the message and the hint. */
export function warningText(warning: Warning, style: { readonly json: boolean; readonly color: boolean }): string {
  if (style.json) return `${jsonLine({ warning })}\n`;
  const paint = createPaint(style.color);
  const next = warning.hint === undefined ? "" : `  ${paint("dim", "next:")} ${clean(warning.hint)}\n`;
  return `${paint("warn", "!")} ${clean(warning.message)}\n${next}`;
}
