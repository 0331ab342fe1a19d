import type { Command } from "commander";
import type { Context } from "../../context.ts";

/** The definition of a command: its flags and arguments, and its action. */
export interface CommandModule {
  define(command: Command, deps: CommandDeps): void;
}

export interface CommandDeps {
  readonly context: Context;
  /** The words of this command line, unchanged. */
  readonly argv: readonly string[];
  /** For the few commands that end without an error and with an exit code other than 0, such as `exec`. */
  readonly setExitCode: (code: number) => void;
  /** Runs another command line, with its own output. Returns its exit code. */
  readonly run: (argv: readonly string[], outside: Context) => Promise<number>;
}

/** Flags of every command. */
export interface GlobalFlags {
  readonly env?: string;
  readonly baseUrl?: string;
  readonly investor?: string;
  readonly account?: string;
  readonly webhook?: string;
  readonly envFile?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: string;
  readonly debug?: boolean;
}
