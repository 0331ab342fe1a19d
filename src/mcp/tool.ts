import type { z } from "zod/v4";

/** What an agent may do besides reading. */
export type Permission = "replay" | "trigger" | "check" | "listen";

/** What a command has printed: its result, and an error or warnings. */
export interface Printed {
  readonly data: string;
  readonly problems: string;
  /** Whether the command failed. With a result, such as that of a failed check, the tool has not. */
  readonly hasFailed: boolean;
  /** Added to the result, such as the reason for its end. */
  readonly note?: string | undefined;
}

export interface RunOptions {
  readonly timeoutMs: number;
  /** The standard input of the command. */
  readonly stdin?: string;
  /** The time limit is a normal end, with this note. */
  readonly endsWith?: string;
}

/** What a tool works with, for one call. */
export interface ToolDeps {
  /** Runs a command line of this program. */
  readonly run: (argv: readonly string[], options: RunOptions) => Promise<Printed>;
  /** Throws `not_allowed` unless this port or URL is on this machine. Returns it unchanged. */
  readonly requireLocal: (target: string) => string;
  /** Throws `not_allowed` unless the emulator is on this machine. */
  readonly requireLocalEmulator: () => Promise<void>;
  /** Starts the one listener that an agent may run. Its result is the record of its readiness. */
  readonly startListener: (argv: readonly string[], minutes: number) => Promise<Printed>;
  /** Stops it. Its result is its last record. */
  readonly stopListener: () => Promise<Printed>;
}

/** A tool: a command of this program with some of its flags. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Strict: an unknown argument is an error. */
  readonly input: z.ZodObject;
  /** Absent: the tool only reads. */
  readonly needs?: Permission;
  /** Whether it sends requests to Bluum, with its credentials. */
  readonly callsApi?: boolean;
  readonly run: (input: never, deps: ToolDeps) => Promise<Printed>;
}

/** The type of a tool's input follows from its schema. */
export function tool<Schema extends z.ZodObject>(
  definition: Omit<Tool, "input" | "run"> & {
    readonly input: Schema;
    readonly run: (input: z.output<Schema>, deps: ToolDeps) => Promise<Printed>;
  },
): Tool {
  return definition;
}

type Value = string | number | boolean | readonly string[] | undefined;

/**
 * `{ limit: 5, duplicates: true }` → `--limit=5 --duplicates`. Joined with `=`, so that no value can be read as
 * another flag.
 */
export function flags(values: Readonly<Record<string, Value>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    if (value === true) return [`--${name}`];
    return typeof value === "object" ? value.map((each) => `--${name}=${each}`) : [`--${name}=${value}`];
  });
}

/** Values after `--`, so that none can be read as a flag. */
export function words(...given: readonly string[]): string[] {
  return ["--", ...given];
}
