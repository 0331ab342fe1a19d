import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { ReadStream } from "node:tty";

export interface KeyboardOptions {
  readonly stdin: ReadStream;
  readonly pid: number;
  /** Sends a signal to the terminal's whole foreground group, as the terminal does in its normal mode. */
  readonly raise: (signal: NodeJS.Signals) => void;
  /** Calls back each time the program goes on after it was suspended; returns what ends that. */
  readonly onContinue: (listener: () => void) => () => void;
}

/** Keys that a terminal turns into signals by itself, until a program reads single keys. */
const SIGNAL_KEYS: Readonly<Record<string, NodeJS.Signals>> = { "\x03": "SIGINT", "\x1c": "SIGQUIT" };
const SUSPEND = "\x1a";
/**
 * Who still runs so long after asking to be stopped was not: a process without a shell above it that could let it go on, as
 * the first of a container or of a tmux window, is never stopped by the terminal.
 */
const NOT_STOPPED_MS = 100;
/** Arrows, function keys and the like arrive as sequences that begin with Escape. */
const SEQUENCES = /\x1b(?:\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]|O.|.)?/gs; // oxlint-disable-line no-control-regex -- they are what is meant

/**
 * Reads single keys, without waiting for Enter and without echo, until disposed. Undefined where that cannot be done: a
 * program in the background that touched the terminal's mode would be stopped by it.
 */
export function readKeys(options: KeyboardOptions, onKey: (key: string) => void): Disposable | undefined {
  const { stdin } = options;
  if (!stdin.isTTY || !isInForeground(options.pid)) return undefined;
  let resuming: NodeJS.Timeout | undefined;
  const resume = () => {
    if (isInForeground(options.pid)) stdin.setRawMode(true);
  };
  const onData = (chunk: Buffer) => {
    for (const key of chunk.toString("utf8").replace(SEQUENCES, "")) {
      const signal = SIGNAL_KEYS[key];
      if (signal !== undefined) options.raise(signal);
      else if (key === SUSPEND) {
        stdin.setRawMode(false);
        options.raise("SIGTSTP");
        clearTimeout(resuming);
        resuming = setTimeout(resume, NOT_STOPPED_MS);
      } else onKey(key);
    }
  };
  const endContinuing = options.onContinue(() => stdin.setRawMode(true));
  stdin.setRawMode(true);
  stdin.on("data", onData);
  return {
    [Symbol.dispose]() {
      endContinuing();
      clearTimeout(resuming);
      stdin.off("data", onData);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}

/** Whether the terminal's keys go to this process. */
function isInForeground(pid: number): boolean {
  return foregroundByProc(pid) ?? foregroundByPs(pid) ?? true;
}

/** From Linux's `/proc/PID/stat`: its process group against the one that the terminal serves (proc(5)). */
function foregroundByProc(pid: number): boolean | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [, , group, , , served] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return group === served;
  } catch {
    return undefined;
  }
}

/** From `ps`, which marks a process in the foreground with a plus. */
function foregroundByPs(pid: number): boolean | undefined {
  try {
    return execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" }).includes("+");
  } catch {
    return undefined;
  }
}
