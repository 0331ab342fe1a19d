import type { ErrorCode } from "../../core/errors.ts";
import type { WarningCode } from "../../core/warnings.ts";
import { clean } from "../privacy/clean.ts";
import { createPaint } from "../color.ts";
import { jsonLine } from "../export/json.ts";

export interface Warning {
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
