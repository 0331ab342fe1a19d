import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { BIN } from "./cli.ts";

/** A device that is always full. Linux has one. */
export const FULL = "/dev/full";
export const hasFullDevice = existsSync(FULL);

export interface FullEnd {
  readonly code: number | null;
  readonly stderr: string;
}

/** Runs the program in a folder, with its standard output on a full device. */
export function runIntoFull(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd?: string,
): Promise<FullEnd> {
  return new Promise((resolve) => {
    const script = `exec "$0" -- "$@" > ${FULL} < /dev/null`;
    const child = execFile("sh", ["-c", script, process.execPath, BIN, ...args], {
      env: { PATH: process.env["PATH"] ?? "", ...env },
      cwd,
    });
    let stderr = "";
    child.stderr?.on("data", (text: string) => (stderr += text));
    child.once("close", (code) => resolve({ code, stderr }));
  });
}
