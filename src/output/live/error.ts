import type { AppError } from "../../core/errors.ts";
import { clean, cleanBlock } from "../privacy/clean.ts";
import { createPaint } from "../color.ts";
import { jsonLine } from "../export/json.ts";
import { wrap } from "../text.ts";

/**
 * What to do next, after its label; broken between words where the terminal is narrow, and indented below. A command at its end
 * is to be copied, and stays in one piece: the terminal breaks it without putting anything into it.
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

/** An error as stderr shows it, with its line break: a JSON object on one line, or what happened, why, and what to do next. */
export function renderError(
  error: AppError,
  style: {
    readonly json: boolean;
    readonly color: boolean;
    readonly width?: number;
    /** The command that shows how to use what was used wrongly. */
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
