import { AppError } from "../../core/errors.ts";
import type { Printed } from "../../mcp/tool.ts";
import type { CommandRunner } from "./run-command.ts";

/** How long it may take to restore its webhook. */
const CLEANUP_MS = 20_000;

/** The one listener that an agent may run, with an emulator on this machine. */
export class EmulatorListener {
  readonly #runner: CommandRunner;
  #stop: AbortController | undefined;
  #lines = new Records();
  #ended: Promise<Printed> | undefined;

  constructor(runner: CommandRunner) {
    this.#runner = runner;
  }

  /** Starts it; its result is the record of its readiness. */
  async start(argv: readonly string[], minutes: number): Promise<Printed> {
    if (this.#ended !== undefined) {
      throw new AppError("not_allowed", "a listener of this agent already runs", {
        hint: "Stop it first with listen_stop.",
      });
    }
    const stop = new AbortController();
    const records = new Records();
    const timeoutMs = minutes * 60_000 + CLEANUP_MS;
    const options = { signal: stop.signal, timeoutMs, onData: records.add };
    const ended = this.#runner
      .run([...argv, `--timeout=${minutes}m`], options)
      .finally(() => (this.#ended = undefined));
    this.#stop = stop;
    this.#lines = records;
    this.#ended = ended;
    // If it ends before it is ready, its error is the result.
    return Promise.race([records.ready, ended.then((printed) => ({ ...printed, data: "" }))]);
  }

  /** Stops it; its result is its last record. */
  async stop(): Promise<Printed> {
    if (this.#ended === undefined) {
      throw new AppError("not_allowed", "no listener of this agent runs", { hint: "Start one with listen_start." });
    }
    this.#stop?.abort();
    const { problems } = await this.#ended;
    return { data: this.#lines.last, problems, hasFailed: false };
  }
}

/** What `listen` prints, record by record: only the last one is kept. */
class Records {
  readonly ready: Promise<Printed>;
  last = "";
  #rest = "";
  #found: (printed: Printed) => void = () => {};

  constructor() {
    this.ready = new Promise((found) => (this.#found = found));
  }

  readonly add = (text: string): void => {
    const records = (this.#rest + text).split("\n");
    this.#rest = records.pop() ?? "";
    this.last = records.at(-1) ?? this.last;
    const data = records.find((record) => record.includes('"type":"ready"'));
    if (data !== undefined) this.#found({ data, problems: "", hasFailed: false });
  };
}
