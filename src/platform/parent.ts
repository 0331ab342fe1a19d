import { fstatSync } from "node:fs";

/** What there is to be seen of the process that started this one. */
export interface Parentage {
  readonly stdin: NodeJS.ReadStream;
  /** The parent's process id, as it is now: another one once the parent has died. */
  readonly ppid: () => number;
  readonly stdinKind: StdinKind;
}

/**
 * `detached`: /dev/null or a file. A program that was put into the background by a script, by `nohup` or by a service manager
 * has that, and is meant to go on when the script has ended.
 */
export type StdinKind = "pipe" | "terminal" | "detached";

export interface ParentWatch extends Disposable {
  /** From now on the end of a pipe counts. One that ends before was never held open by anybody. */
  arm(): void;
}

const STDIN = 0;
const LOOK_MS = 1_000;
/** The first process of a system or container, and what is above it: whoever has one of these as its parent has none. */
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
    // What is written to it is read and dropped: whoever writes is not to be blocked.
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

/** What the standard input of a process is. */
export function kindOfStdin(stdin: Pick<NodeJS.ReadStream, "isTTY">): StdinKind {
  try {
    if (stdin.isTTY) return "terminal";
    const found = fstatSync(STDIN);
    return found.isFIFO() || found.isSocket() ? "pipe" : "detached";
  } catch {
    return "detached";
  }
}
