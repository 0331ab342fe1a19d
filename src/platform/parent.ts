import { execFileSync } from "node:child_process";
import { fstatSync, readFileSync } from "node:fs";
import { platform } from "node:os";

/** What there is to be seen of the process that started this one. */
export interface Parentage {
  readonly stdin: NodeJS.ReadStream;
  /** The parent's process id, as it is now: another one once the parent has died. */
  readonly ppid: () => number;
  readonly stdinKind: StdinKind;
}

/**
 * `detached`: /dev/null or a file. A program that was put into the background by a script, by `nohup` or by a service manager
 * has that, and is meant to go on when the script has ended. The same holds for a job of the shell of a terminal: what runs
 * in the foreground gets a signal when that shell ends (SIGHUP), and what was put into the background is to go on.
 */
export type StdinKind = "pipe" | "terminal" | "detached";

export interface ParentWatch extends Disposable {
  /** From now on the end of a pipe counts. One that ends before was never held open by anybody. */
  arm(): void;
}

const STDIN = 0;
const LOOK_MS = 1_000;
/**
 * The first process of a system or container, and what is above it: a process with one of these as its parent is an orphan.
 */
const FIRST_PROCESS = 1;

/**
 * Calls `onGone` once when the process that started this one has died without a signal to it: its id changes, or the pipe
 * that it held open as our standard input ends.
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
      // One that has ended by now may have ended with the parent.
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

/** What the standard input of this process is. */
export function kindOfStdin(stdin: Pick<NodeJS.ReadStream, "isTTY">, ppid: number): StdinKind {
  try {
    if (stdin.isTTY) return leadsSession(ppid) ? "detached" : "terminal";
    const found = fstatSync(STDIN);
    return found.isFIFO() || found.isSocket() ? "pipe" : "detached";
  } catch {
    return "detached";
  }
}

/** Whether the parent leads the session of the terminal, as its shell does. */
function leadsSession(ppid: number): boolean {
  if (platform() === "linux") {
    // Of the fields behind the name, which may hold spaces and parentheses, the session is the fourth (proc(5)).
    const stat = readFileSync("/proc/self/stat", "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]) === ppid;
  }
  return execFileSync("ps", ["-o", "stat=", "-p", String(ppid)], { encoding: "utf8", timeout: 2_000 }).includes("s");
}
