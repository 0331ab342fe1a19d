import { onTestFinished } from "vitest";
import type { Context } from "../../src/context.ts";
import { Interrupted } from "../../src/core/errors.ts";
import type { CliRecord } from "./cli.ts";
import { runInProcess, type InProcessEnd } from "./in-process.ts";

/** A `listen` in this process. */
export interface Session {
  /** Everything it has printed so far. */
  readonly records: readonly CliRecord[];
  /** The first record of this type that meets the condition, as soon as it is printed. */
  record(type: string, matches?: (record: CliRecord) => boolean): Promise<CliRecord>;
  /** Interrupts it, and waits for its end. */
  stop(): Promise<InProcessEnd>;
  readonly ended: Promise<InProcessEnd>;
}

/** Starts `listen --port 0 --json` with further arguments, and waits until it is ready. */
export async function startSession(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  overrides: Partial<Context> = {},
): Promise<Session> {
  const records: CliRecord[] = [];
  const watchers = new Set<() => void>();
  const interrupt = new AbortController();
  const ended = runInProcess(["listen", "--port", "0", "--json", ...args], env, {
    ...overrides,
    signal: interrupt.signal,
    stdout: {
      isTTY: false,
      columns: 80,
      write(text) {
        for (const line of text.split("\n").filter(Boolean)) records.push(JSON.parse(line) as CliRecord);
        for (const watcher of watchers) watcher();
      },
    },
  });
  const stop = () => {
    interrupt.abort(new Interrupted("SIGINT", 130));
    return ended;
  };
  onTestFinished(async () => void (await stop()));
  const record: Session["record"] = (type, matches = () => true) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = records.find((each) => each.type === type && matches(each));
        if (found === undefined) return;
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      look();
      void ended.then(({ stderr }) => reject(new Error(`listen ended first: ${stderr}`)));
    });
  await record("ready");
  return { records, record, ended, stop };
}
