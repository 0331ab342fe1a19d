import { execFileSync } from "node:child_process";
import { fstatSync, readFileSync } from "node:fs";
import { platform } from "node:os";

/** What this process can observe of its parent process. */
export interface Parentage {
  readonly stdin: NodeJS.ReadStream;
  /** The parent's current process id; it changes once the parent has exited. */
  readonly ppid: () => number;
  readonly stdinKind: StdinKind;
}

/**
 * `detached`: /dev/null or a file. A program that a script, `nohup` or a service manager has put into the background
 * has such an input, and continues when the script ends. The same applies to a background job of an interactive
 * shell: when that shell ends, foreground jobs get a signal (SIGHUP), and background jobs continue.
 */
export type StdinKind = "pipe" | "terminal" | "detached";

export interface ParentWatch extends Disposable {
  /** From now on the end of the pipe counts as the parent's exit. One that ended earlier was never held open by it. */
  arm(): void;
}

const STDIN = 0;
const LOOK_MS = 1_000;
/** The first process of a system or container. A process whose parent has this id, or a lower one, is an orphan. */
const FIRST_PROCESS = 1;

/**
 * Calls `onGone` once when the parent process has exited without sending a signal: its id changes, or the pipe that
 * it held open as this process's stdin ends.
 */
export function watchParent({ stdin, ppid, stdinKind }: Parentage, onGone: () => void): ParentWatch {
  const parent = ppid();
  let isArmed = false;
  let isOver = stdinKind === "detached";
  const gone = () => {
    if (isOver) return;
    isOver = true;
    onGone();
  };
  const look = () => {
    if (parent > FIRST_PROCESS && ppid() !== parent) gone();
  };
  const looking = isOver ? undefined : setInterval(look, LOOK_MS).unref();
  const onEnd = () => (isArmed ? gone() : look());
  if (stdinKind === "pipe") {
    // Input is read and discarded, so the writer is not blocked.
    stdin.on("end", onEnd).on("error", onEnd).resume();
  }
  return {
    arm() {
      // A pipe that has already ended may have ended with the parent.
      look();
      isArmed = true;
    },
    [Symbol.dispose]() {
      isOver = true;
      clearInterval(looking);
      if (stdinKind === "pipe") stdin.off("end", onEnd).off("error", onEnd).pause();
    },
  };
}

/** The kind of this process's stdin. */
export function kindOfStdin(stdin: Pick<NodeJS.ReadStream, "isTTY">, ppid: number): StdinKind {
  try {
    if (stdin.isTTY) return leadsSession(ppid) ? "detached" : "terminal";
    const found = fstatSync(STDIN);
    return found.isFIFO() || found.isSocket() ? "pipe" : "detached";
  } catch {
    return "detached";
  }
}

/** Whether the parent is the leader of the terminal's session, as the login shell is. */
function leadsSession(ppid: number): boolean {
  if (platform() === "linux") {
    // The session is the fourth field after the name, which may contain spaces and parentheses (proc(5)).
    const stat = readFileSync("/proc/self/stat", "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]) === ppid;
  }
  return execFileSync("ps", ["-o", "stat=", "-p", String(ppid)], { encoding: "utf8", timeout: 2_000 }).includes("s");
}
