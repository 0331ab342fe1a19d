import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { ReadStream } from "node:tty";

export interface KeyboardOptions {
  readonly stdin: ReadStream;
  readonly pid: number;
  /** Sends a signal to the terminal's whole foreground process group, as the terminal does in its normal mode. */
  readonly raise: (signal: NodeJS.Signals) => void;
  /** Calls back each time the program continues after a suspension; returns a function that removes the listener. */
  readonly onContinue: (listener: () => void) => () => void;
}

/** Keys that a terminal converts to signals, unless a program reads single keys. */
const SIGNAL_KEYS: Readonly<Record<string, NodeJS.Signals>> = { "\x03": "SIGINT", "\x1c": "SIGQUIT" };
const SUSPEND = "\x1a";
/**
 * A process that still runs this long after a suspend request was not stopped: the terminal never stops a process
 * without a parent shell that could continue it, such as the first process of a container or of a tmux window.
 */
const NOT_STOPPED_MS = 100;
/** Arrows, function keys and the like are received as sequences that begin with Escape. */
const SEQUENCES = /\x1b(?:\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]|O.|.)?/gs; // oxlint-disable-line no-control-regex -- control characters are intended

/**
 * Reads single keys, without waiting for Enter and without echo, until disposed. Undefined if that is not possible:
 * the system would stop a background program that changes the terminal's mode.
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
  // A prompt has paused it, and then a listener alone does not let it flow: Ctrl-C would do nothing.
  stdin.resume();
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

/** Whether this process receives the terminal's keys. */
function isInForeground(pid: number): boolean {
  return foregroundByProc(pid) ?? foregroundByPs(pid) ?? true;
}

/** From Linux's `/proc/PID/stat`: compares its process group with the terminal's foreground group (proc(5)). */
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
