import type { GlobalFlags } from "./command.ts";
import type { Context } from "../../context.ts";
import { AppError, type ErrorCode, type Warning, type WarningCode } from "../../core/errors.ts";
import { useColor } from "../../output/color.ts";
import { jsonLine } from "../../output/export/json.ts";
import { foldProse, warningText } from "../../output/live/error.ts";

/** A command's output and questions. */
export interface Terminal {
  readonly json: boolean;
  readonly color: boolean;
  /** For tables: the terminal's width and colours; a pipe has neither. */
  readonly style: { readonly color: boolean; readonly width?: number };
  /** Prints the result: one JSON document, or the human text. `shown` is the only secret that may be in it. */
  readonly print: (document: unknown, human: () => string, shown?: string) => void;
  /** Writes a part of the result at once: human text, for a command that prints several. */
  readonly write: (text: string) => void;
  /** Asks for confirmation, unless `--yes` is set. Throws `confirmation_required` if it cannot ask. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** The same for a command that ends without it. Throws `confirmation_required` unless the user agrees. */
  readonly agree: (question: string, refusal?: { readonly message?: string; readonly hint?: string }) => Promise<void>;
  /** Prints a message on stderr; nothing with `--quiet` and `--json`. */
  readonly say: (text: string) => void;
  /**
   * Prints warnings on stderr: a JSON object on one line with `--json`. An error that does not end the command keeps
   * its code.
   */
  readonly warn: (...warnings: readonly Warning<WarningCode | ErrorCode>[]) => void;
}

export function createTerminal(flags: GlobalFlags, context: Context, env: Context["env"]): Terminal {
  const { stdout, stderr } = context;
  const json = flags.json === true;
  const colorOf = ({ isTTY }: typeof stdout) => useColor({ choice: flags.color, env, isTTY });
  const color = colorOf(stdout);
  const stderrWidth = stderr.isTTY ? stderr.columns : undefined;
  // Lines with columns are already formatted.
  const folded = (line: string) => (/^\s| {2}/.test(line) ? [line] : foldProse(line, stderrWidth ?? Infinity));
  const terminal: Terminal = {
    json,
    color,
    style: { color, ...(stdout.isTTY ? { width: stdout.columns } : {}) },
    print(document, human, shown) {
      stdout.write(json ? `${jsonLine(document)}\n` : human(), shown);
    },
    write: (text) => stdout.write(text),
    async confirm(question) {
      if (flags.yes === true) return true;
      if (!context.isInteractive || json) {
        throw new AppError("confirmation_required", `cannot ask: ${question}`, {
          hint: json ? "Add --yes to agree." : "This is not an interactive terminal. Add --yes to agree.",
        });
      }
      return context.confirm(question);
    },
    async agree(question, { message = "nothing was changed", hint = "Answer yes, or add --yes." } = {}) {
      if (!(await terminal.confirm(question))) throw new AppError("confirmation_required", message, { hint });
    },
    say(text) {
      if (!json && flags.quiet !== true) stderr.write(`${text.split("\n").flatMap(folded).join("\n")}\n`);
    },
    warn(...warnings) {
      for (const { code, message, hint } of warnings) {
        stderr.write(warningText({ code, message, hint }, { json, color: colorOf(stderr), width: stderrWidth }));
      }
    },
  };
  return terminal;
}
