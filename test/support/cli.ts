import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export const BIN = fileURLToPath(new URL("../../bin/bluum-hooks.js", import.meta.url));

export interface CliRecord {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as NDJSON; throws if a line is not JSON. */
  records(): CliRecord[];
  /** The error object that `--json` prints on stderr. */
  error(): { code: string; message: string; hint?: string; status?: number; requestId?: string };
}

/** The real executable, with only the test's environment. */
export class Cli {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";
  readonly #watchers = new Set<() => void>();
  #isOver = false;

  /** `through` is a command that runs the one after it, such as `unshare`. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>>, through: readonly string[] = []) {
    // Without `--` Node would look for its own flags after the script's name: see docs/decisions/0012.
    const [command = "", ...words] = [...through, process.execPath, "--", BIN, ...args];
    this.child = spawn(command, words, {
      env: { PATH: process.env["PATH"] ?? "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#take(() => (this.#stdout += text)));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#take(() => (this.#stderr += text)));
    this.ended = new Promise((resolve) => {
      this.child.once("close", (code, signal) => {
        this.#take(() => (this.#isOver = true));
        const [stdout, stderr] = [this.#stdout, this.#stderr];
        resolve({
          code,
          signal,
          stdout,
          stderr,
          records: () => parseRecords(stdout),
          error: () => {
            const line = stderr.split("\n").find((each) => each.startsWith('{"error"'));
            if (line === undefined) throw new Error(`no error object on stderr: ${stderr}`);
            return (JSON.parse(line) as { error: ReturnType<Ended["error"]> }).error;
          },
        });
      });
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The first record of this type that meets the condition, as soon as it is printed. */
  record(type: string, matches: (record: CliRecord) => boolean = () => true): Promise<CliRecord> {
    return this.until(() =>
      parseRecords(this.#stdout.slice(0, this.#stdout.lastIndexOf("\n") + 1)).find(
        (record) => record.type === type && matches(record),
      ),
    );
  }

  /** Waits until `look` returns something for stdout or stderr. */
  until<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = look();
        if (found !== undefined) resolve(found);
        else if (this.#isOver) reject(new Error(`the program ended first.\n${this.#stdout}\n${this.#stderr}`));
        else return;
        this.#watchers.delete(check);
      };
      this.#watchers.add(check);
      check();
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  #take(change: () => void): void {
    change();
    for (const watcher of this.#watchers) watcher();
  }
}

/** Starts the program; it is killed if the test ends first. */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  through: readonly string[] = [],
): Cli {
  const cli = new Cli(args, env, through);
  onTestFinished(async () => {
    cli.kill("SIGKILL");
    await cli.ended;
  });
  return cli;
}

/** Runs the program to its end. */
export function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  through: readonly string[] = [],
): Promise<Ended> {
  return startCli(args, env, through).ended;
}

function parseRecords(stdout: string): CliRecord[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as CliRecord);
}
