import { spawn } from "node:child_process";
import { onAbort } from "./abort.ts";

export interface ShellOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The command and all processes that it started are killed after this time. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Ends all processes of a group. */
  readonly killGroup: (groupId: number) => void;
}

/** How a command ended. `output` is its stdout, `stderrEnd` the end of its stderr, both unchanged. */
export type ShellEnd =
  | { readonly kind: "exited"; readonly code: number | null; readonly output: string; readonly stderrEnd: string }
  | { readonly kind: "timed-out" | "too-long"; readonly stderrEnd: string }
  | { readonly kind: "unstartable"; readonly stderrEnd: string };

const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
const MAX_STDERR_CHARS = 2_000;
/** How long output may take to arrive after the command has exited. */
const OUTPUT_MS = 250;

/** Runs a command line in the user's shell, without a terminal. Rejects only with the signal's reason. */
export function runShell(command: string, options: ShellOptions): Promise<ShellEnd> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    // A separate process group: all members of a pipeline end with it, and Ctrl-C in the terminal reaches only this
    // process, which ends them.
    const child = spawn(command, {
      shell: true,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...options.env },
    });
    const output: Buffer[] = [];
    let bytes = 0;
    let stderrEnd = "";
    const kill = () => {
      child.stdout.destroy();
      child.stderr.destroy();
      if (child.pid !== undefined) options.killGroup(child.pid);
    };
    const finish = (end: ShellEnd) => {
      clearTimeout(timer);
      listener[Symbol.dispose]();
      resolve(end);
    };
    const stop = () => {
      clearTimeout(timer);
      kill();
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      kill();
      finish({ kind: "timed-out", stderrEnd });
    }, options.deadlineMs);
    const listener = onAbort(signal, stop);
    child.stdout.on("data", (chunk: Buffer) => {
      output.push(chunk);
      bytes += chunk.length;
      if (bytes <= MAX_OUTPUT_BYTES) return;
      kill();
      finish({ kind: "too-long", stderrEnd });
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderrEnd = (stderrEnd + text).slice(-MAX_STDERR_CHARS);
    });
    child.once("error", (error) => finish({ kind: "unstartable", stderrEnd: error.message }));
    const ended = (code: number | null) =>
      finish({ kind: "exited", code, output: Buffer.concat(output).toString(), stderrEnd });
    child.once("exit", (code) => {
      // A background process that the command started may keep its output open.
      const leftOpen = setTimeout(() => {
        ended(code);
        kill();
      }, OUTPUT_MS);
      child.once("close", () => clearTimeout(leftOpen));
    });
    child.once("close", ended);
  });
}
