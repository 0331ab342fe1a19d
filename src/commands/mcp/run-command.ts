import { AppError, EXIT, Interrupted } from "../../core/errors.ts";
import type { Context } from "../../context.ts";
import type { Printed, RunOptions } from "../../mcp/tool.ts";
import { LinkedAbort, onAbort } from "../../platform/abort.ts";
import { Waits } from "../../platform/waits.ts";
import type { CommandDeps } from "../shared/command.ts";

interface CallOptions extends RunOptions {
  readonly signal: AbortSignal;
  /** Called with each piece of the result. */
  readonly onData?: (text: string) => void;
}

/** More than any result that is shown. */
const MAX_KEPT = 1024 * 1024;

/**
 * Runs commands of this program for an agent: the same code as on a command line, with a buffer in place of the
 * output, which belongs to the protocol. A command can neither ask, nor write files, nor start programs.
 */
export class CommandRunner {
  readonly #deps: Pick<CommandDeps, "context" | "run">;
  /** The global flags of this server, such as `--env=emulator`. */
  readonly #globals: readonly string[];
  readonly #running = new Set<Promise<unknown>>();
  readonly #end = new AbortController();

  constructor(deps: Pick<CommandDeps, "context" | "run">, globals: readonly string[]) {
    this.#deps = deps;
    this.#globals = globals;
  }

  async run(argv: readonly string[], options: CallOptions): Promise<Printed> {
    const running = this.#run(argv, options);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Ends all commands, and waits until they have undone what they did. */
  async close(): Promise<void> {
    this.#end.abort(new Interrupted("mcp_closed", 0));
    await Promise.allSettled(this.#running);
  }

  async #run(argv: readonly string[], options: CallOptions): Promise<Printed> {
    const { signal, timeoutMs, stdin, onData, endsWith } = options;
    const { context, run } = this.#deps;
    using ended = new LinkedAbort([this.#end.signal, context.signal]);
    using _canceled = onAbort(signal, () => ended.abort(new Interrupted("canceled", 0)));
    let isTimedOut = false;
    const timeOut = () => {
      isTimedOut = true;
      ended.abort(new Interrupted("timeout", EXIT.timeout));
    };
    void context.clock.sleep(timeoutMs, ended.signal).then(timeOut, () => {});
    const [data, problems] = [new Kept(onData), new Kept()];
    try {
      const code = await run([...this.#globals, "--json", ...argv], {
        ...confined(context),
        signal: ended.signal,
        stdout: data,
        stderr: problems,
        readStdin: async () => Buffer.from(stdin ?? "", "utf8"),
      });
      const printed = { data: data.text, problems: problems.text };
      if (!isTimedOut) return { ...printed, hasFailed: code !== 0 };
      return { ...printed, hasFailed: endsWith === undefined, note: endsWith ?? `Ended after ${timeoutMs / 1000} s.` };
    } finally {
      // Ends the wait for the time limit.
      ended.abort();
    }
  }
}

/** Longer than any command runs: an agent is not told what a command waits for. */
const NEVER_SLOW_MS = 86_400_000;

/** A context without a terminal, and without effects that no tool needs. */
function confined(context: Context): Context {
  const refuse = async (): Promise<never> => {
    throw new AppError("not_allowed", "an agent may not do this", { hint: "Run the command in a terminal." });
  };
  return {
    ...context,
    waits: new Waits(NEVER_SLOW_MS),
    isInteractive: false,
    readKeys: () => undefined,
    watchParent: () => ({ arm: () => {}, [Symbol.dispose]: () => {} }),
    confirm: refuse,
    ask: refuse,
    writeFile: refuse,
    proveWritable: refuse,
    openUrl: refuse,
    run: refuse,
    capture: refuse,
  };
}

/** Output in memory. */
class Kept {
  readonly isTTY = false;
  readonly columns = 80;
  readonly #onText: (text: string) => void;
  text = "";

  constructor(onText: (text: string) => void = () => {}) {
    this.#onText = onText;
  }

  write(text: string): void {
    if (this.text.length < MAX_KEPT) this.text += text;
    this.#onText(text);
  }
}
