import { closeSync, constants, openSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { spawn, type IPty } from "@lydell/node-pty";
import { onTestFinished } from "vitest";

// oxlint-disable-next-line no-control-regex -- control characters are intended
const ERASED = /[^\n]*\r\x1b\[2K/g;

/** The real executable on a pseudo-terminal. */
export class Terminal {
  readonly #pty: IPty;
  readonly ended: Promise<number>;
  #raw = "";
  #isOver = false;
  readonly #watchers = new Set<() => void>();

  constructor(command: readonly [string, ...string[]], columns: number, env: Readonly<Record<string, string>>) {
    const [file, ...args] = command;
    this.#pty = spawn(file, args, {
      cols: columns,
      rows: 50,
      env: { PATH: process.env["PATH"] ?? "", TERM: "xterm-256color", ...env },
    });
    // Otherwise the end of what the program writes is lost: see findings/end-of-a-terminal-is-lost.sh.
    const held = openSync((this.#pty as IPty & { ptsName: string }).ptsName, constants.O_RDWR | constants.O_NOCTTY);
    this.ended = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode }) => {
        closeSync(held);
        this.#isOver = true;
        for (const watcher of this.#watchers) watcher();
        resolve(exitCode);
      });
    });
    this.#pty.onData((text) => {
      this.#raw += text;
      for (const watcher of this.#watchers) watcher();
    });
  }

  /** Everything that was written, including escapes. */
  get raw(): string {
    return this.#raw;
  }

  /** The screen and its history, line by line, without erased and overwritten text. */
  get lines(): string[] {
    return stripVTControlCharacters(this.#raw.replace(ERASED, "")).split(/\r*\n/);
  }

  /** Waits until the last line is a status line and matches. */
  async shown(pattern: RegExp): Promise<string> {
    return this.#until(() => {
      const last = this.lines.at(-1) ?? "";
      return pattern.test(last) ? last : undefined;
    }, pattern);
  }

  get pid(): number {
    return this.#pty.pid;
  }

  press(keys: string): void {
    this.#pty.write(keys);
  }

  /** Stops reading, like a stalled ssh. */
  stall(): void {
    this.#pty.pause();
  }

  /** Resumes reading. */
  resume(): void {
    this.#pty.resume();
  }

  /** Sends a signal to the program. */
  signal(name: NodeJS.Signals): void {
    process.kill(this.#pty.pid, name);
  }

  kill(): void {
    if (!this.#isOver) this.#pty.kill("SIGKILL");
  }

  /** Waits until a line that was written after the first `from` ones matches. */
  async line(pattern: RegExp, from = 0): Promise<string> {
    return this.#until(() => this.lines.slice(from).find((each) => pattern.test(each)), pattern);
  }

  #until(find: () => string | undefined, pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = find();
        if (found === undefined && !this.#isOver) return;
        this.#watchers.delete(look);
        if (found === undefined) reject(new Error(`no line matches ${pattern}:\n${this.lines.join("\n")}`));
        else resolve(found);
      };
      this.#watchers.add(look);
      look();
    });
  }
}

/** Starts a command on a terminal with this number of columns; it is killed if the test ends first. */
export function startTerminal(
  command: readonly [string, ...string[]],
  columns: number,
  env: Readonly<Record<string, string>>,
): Terminal {
  const terminal = new Terminal(command, columns, env);
  onTestFinished(async () => {
    terminal.kill();
    await terminal.ended;
  });
  return terminal;
}
