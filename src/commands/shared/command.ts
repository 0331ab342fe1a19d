import type { Command } from "commander";
import type { Context } from "../../context.ts";

/** What a command file gives: its flags and arguments, and what to do with them. */
export interface CommandModule {
  define(command: Command, deps: CommandDeps): void;
}

export interface CommandDeps {
  readonly context: Context;
  /** The words of this command line, as the user gave them. */
  readonly argv: readonly string[];
  /** For the few commands that end with another code than 0 without an error, such as `exec`. */
  readonly setExitCode: (code: number) => void;
}
