import { Chalk, type ChalkInstance } from "chalk";

export interface ColorInput {
  /** The value of `--color`: `auto`, `always` or `never`. */
  readonly choice: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTTY: boolean;
}

/**
 * Whether to colour a stream: `--color`, otherwise FORCE_COLOR, NO_COLOR (no-color.org), or whether it is a terminal.
 */
export function useColor({ choice, env, isTTY }: ColorInput): boolean {
  if (choice === "always") return true;
  if (choice === "never") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  return isTTY && env["TERM"] !== "dumb";
}

/** The meaning of a piece of text, which determines its colour. */
export type Tone = "plain" | "strong" | "dim" | "good" | "warn" | "bad" | "accent";

export type Paint = (tone: Tone, text: string) => string;

/** Paints with the terminal's sixteen standard colours, which follow the user's theme. */
export function createPaint(color: boolean): Paint {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const tones: Record<Tone, ChalkInstance | undefined> = {
    plain: undefined,
    strong: chalk.bold,
    dim: chalk.dim,
    good: chalk.green,
    warn: chalk.yellow,
    bad: chalk.red,
    accent: chalk.cyan,
  };
  return (tone, text) => tones[tone]?.(text) ?? text;
}
