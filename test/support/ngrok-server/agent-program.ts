import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "rolldown";
import { afterAll } from "vitest";
import { bundling, root } from "../../../scripts/bundling.js";

/** Whether the SDK's native part is installed. If not, tests that need it are skipped, and their titles say so. */
export const isSdkInstalled = (() => {
  try {
    createRequire(import.meta.url)("@ngrok/ngrok");
    return true;
  } catch {
    return false;
  }
})();

/**
 * Builds the agent from its current source, because Node 20 does not run TypeScript. Removed after the file's tests.
 */
export function buildAgent(): Promise<URL> {
  return buildProgram("src/tunnel/ngrok-agent.ts");
}

/** Builds the program that holds a tunnel until it is killed. */
export function buildHolder(): Promise<URL> {
  return buildProgram("test/support/ngrok-server/holder.ts");
}

/** The processes that run the program. */
export function processesOf(program: URL): { readonly pid: number; readonly commandLine: string }[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,args="], { encoding: "utf8" }).split("\n");
  return lines
    .filter((line) => line.includes(basename(fileURLToPath(program))))
    .map((line) => ({ pid: Number.parseInt(line, 10), commandLine: line }));
}

async function buildProgram(input: string): Promise<URL> {
  // Below node_modules, so that the program finds the SDK.
  const file = `${root}node_modules/.cache/bluum-hooks/${basename(input, ".ts")}-${process.pid}.mjs`;
  await build({
    ...bundling,
    input,
    output: { file, format: "esm", codeSplitting: false },
  });
  afterAll(() => rmSync(file, { force: true }));
  return pathToFileURL(file);
}
