import { onTestFinished } from "vitest";
import { Interrupted } from "../../src/core/errors.ts";
import type { CliRecord } from "./cli.ts";
import { runInProcess, type InProcessEnd } from "./in-process.ts";

/** A `listen` in this process that leaves the webhooks alone. */
export interface Listener {
  readonly url: string;
  /** Everything it has said so far. */
  readonly records: readonly CliRecord[];
  /** The first record of this kind that fulfils the condition, as soon as it is said. */
  record(type: string, matches?: (record: CliRecord) => boolean): Promise<CliRecord>;
  /** Delivers one event; what was answered. */
  deliver(event: string, resourceId: string, more?: { id?: string; headers?: Record<string, string> }): Promise<number>;
  /** Interrupts it, and waits for its end. */
  stop(): Promise<InProcessEnd>;
  readonly ended: Promise<InProcessEnd>;
}

/** Starts `listen --no-register --port 0 --json` with further arguments, and waits until it is ready. */
export async function startListener(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Listener> {
  const records: CliRecord[] = [];
  const watchers = new Set<() => void>();
  const wish = new AbortController();
  const ended = runInProcess(["listen", "--no-register", "--port", "0", "--json", ...args], env, {
    signal: wish.signal,
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
    wish.abort(new Interrupted("SIGINT", 130));
    return ended;
  };
  onTestFinished(async () => void (await stop()));
  const record: Listener["record"] = (type, matches = () => true) =>
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
  const { localUrl } = await record("ready");
  const url = String(localUrl);
  return {
    url,
    records,
    record,
    ended,
    stop,
    async deliver(event, resourceId, { id, headers = {} } = {}) {
      const timestamp = "2025-06-15T14:30:15Z";
      const body = JSON.stringify({ ...(id === undefined ? {} : { id }), event, timestamp, data: { id: resourceId } });
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body,
      });
      return response.status;
    },
  };
}
