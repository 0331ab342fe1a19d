import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { BIN } from "./cli.ts";

export const DIST = fileURLToPath(new URL("../../dist", import.meta.url));
const REPORTER = fileURLToPath(new URL("report-loaded.cjs", import.meta.url));

/** The files that a process had loaded when it ended. */
export interface Loaded {
  /** The size of each file in characters, by its name. */
  readonly files: Readonly<Record<string, number>>;
  /** The modules of Node. */
  readonly builtins: readonly string[];
  /** How many `Intl.Segmenter` were created. */
  readonly segmenters: number;
}

export function loadedBy(args: readonly string[], env: Readonly<Record<string, string>> = {}): Loaded {
  const { output, status } = spawnSync(process.execPath, ["--require", REPORTER, BIN, ...args], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
  expect(status).toBe(0);
  return JSON.parse(output[3] ?? "") as Loaded;
}

export const loadsUndiciOfNode = ({ builtins }: Loaded): boolean => builtins.some((name) => name.includes("undici"));

/** The named modules of Node that were loaded. */
export const builtinsAmong = (names: readonly string[], { builtins }: Loaded): string[] =>
  names.filter((name) => builtins.includes(`NativeModule ${name}`));

export const charactersOf = ({ files }: Loaded): number =>
  Object.values(files).reduce((sum, length) => sum + length, 0);

/**
 * A text that only the named package or folder contains, to recognize its chunks. Our own code never searches for it.
 */
const MARKS = {
  undici: "UND_ERR_BPL_MISSING_UPSTREAM",
  atomically: "ENAMETOOLONG",
  store: "journal_mode",
  emulator: "emulator_inactive_key",
  postgres: "CONNECTION_DESTROYED",
} as const;

const chunks = readdirSync(DIST).filter((file) => file.endsWith(".cjs"));

type Mark = keyof typeof MARKS;

/** Needed only for the work of a command. */
export const HEAVY = ["undici", "atomically", "store", "emulator", "postgres"] as const satisfies readonly Mark[];

export function expectNoneOf(marks: readonly Mark[], loaded: Loaded): void {
  for (const mark of marks) {
    const marked = chunks.filter((file) => readFileSync(join(DIST, file), "utf8").includes(MARKS[mark]));
    expect(marked.length, `no chunk holds ${mark}: the mark is out of date`).toBeGreaterThan(0);
    for (const chunk of marked) expect(Object.keys(loaded.files)).not.toContain(chunk);
  }
}

/** Tests the help of each of these commands, if it was not rendered at build time. */
export function helpLoadsLittle(commands: readonly string[]): void {
  it.each(commands)("%s loads no undici, atomically, store or emulator to render its help", (command) => {
    const loaded = loadedBy([command, "--quiet", "--help"]);
    expect(Object.keys(loaded.files)).toContain("main.cjs");
    expectNoneOf(HEAVY, loaded);
    expect(Object.keys(loaded.files).join("\n")).not.toMatch(/libsql|ngrok/);
    expect(loaded.segmenters).toBe(0);
  });
}
