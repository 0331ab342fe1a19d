import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { BIN } from "./cli.ts";

export const DIST = fileURLToPath(new URL("../../dist", import.meta.url));

/** The chunks that a command line loads, as the loader hook of a child process reports them. */
export function loadedBy(args: readonly string[]): string[] {
  const hook = `data:text/javascript,${encodeURIComponent(`
    import { writeSync } from "node:fs";
    export async function load(url, context, next) { writeSync(3, url + "\\n"); return next(url, context); }
  `)}`;
  const register = `data:text/javascript,${encodeURIComponent(`import { register } from "node:module"; register(${JSON.stringify(hook)});`)}`;
  const script = `exec 3>&1 1>/dev/null; exec "$0" --no-warnings --import "$1" "$2" ${args.map((_, at) => `"$${at + 3}"`).join(" ")}`;
  const output = execFileSync(
    "sh",
    ["-c", script.replaceAll('"$10"', '"${10}"'), process.execPath, register, BIN, ...args],
    {
      encoding: "utf8",
      env: { PATH: process.env["PATH"] ?? "" },
    },
  );
  return output.split("\n").filter((line) => line !== "");
}

/** A text that only the named package or folder contains, to recognise the chunks that hold it. Not one that we ever look for. */
const MARKS = {
  undici: "UND_ERR_BPL_MISSING_UPSTREAM",
  atomically: "ENAMETOOLONG",
  store: "journal_mode",
  emulator: "emulator_inactive_key",
} as const;

const chunks = readdirSync(DIST).filter((file) => file.endsWith(".js"));

type Mark = keyof typeof MARKS;

/** The chunks that hold the named part, without the entry. */
export function chunksOf(mark: Mark): string[] {
  const marked = chunks.filter(
    (file) => !file.startsWith("main") && readFileSync(join(DIST, file), "utf8").includes(MARKS[mark]),
  );
  expect(marked.length, `no chunk holds ${mark}: the mark is out of date`).toBeGreaterThan(0);
  return marked;
}

/** What only the work of a command needs. */
export const HEAVY = ["undici", "atomically", "store", "emulator"] as const satisfies readonly Mark[];

/** The help of each of these commands. */
export function helpLoadsLittle(commands: readonly string[]): void {
  it.each(commands)("%s --help loads no undici, atomically, store or emulator", (command) => {
    const loaded = loadedBy([command, "--help"]).join("\n");
    expect(loaded).toContain("node:");
    for (const mark of HEAVY) {
      for (const chunk of chunksOf(mark)) expect(loaded, `${mark} in ${chunk}`).not.toContain(chunk);
    }
    expect(loaded).not.toContain("libsql");
    expect(loaded).not.toContain("@ngrok");
  });
}
