import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { AppError } from "../../core/errors.ts";
import { CLOSE, READS, type InspectorReads, type ReadName, type ReadsPlace } from "./reads.ts";
import type { ReadReply } from "./thread.ts";

/** Next to this chunk in the built program. */
const THREAD = new URL("inspector-thread.cjs", import.meta.url);

/** How long a query may delay the end. */
const CLOSE_MS = 10_000;

/**
 * Runs queries in a separate thread, so that browsing never delays a delivery. When run from source there is no such
 * program, and this thread does the work.
 */
export async function startReads(place: ReadsPlace): Promise<InspectorReads & AsyncDisposable> {
  if (existsSync(fileURLToPath(THREAD))) return startThread(place);
  const { connectReads } = await import("./store-reads.ts");
  return connectReads(place);
}

function startThread(place: ReadsPlace): InspectorReads & AsyncDisposable {
  const worker = new Worker(THREAD, { workerData: place });
  // It does not keep the process alive: a pending request has an open connection, which does.
  worker.unref();
  const waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();
  let last = 0;
  let death: Error | undefined;
  const die = (error: Error) => {
    death ??= error;
    for (const { reject } of waiting.values()) reject(death);
    waiting.clear();
  };
  worker.on("message", ({ number, value, failure }: ReadReply) => {
    const asked = waiting.get(number);
    waiting.delete(number);
    if (failure === undefined) asked?.resolve(value);
    else asked?.reject(new AppError(failure.code, failure.message, { hint: failure.hint }));
  });
  worker.on("error", die);
  const ended = new Promise<boolean>((resolve) => worker.once("exit", () => resolve(true)));
  void ended.then(() => die(new AppError("store_unavailable", "the thread that reads the store has ended")));
  const ask = (name: ReadName, query: unknown): Promise<unknown> => {
    if (death !== undefined) return Promise.reject(death);
    last += 1;
    const number = last;
    return new Promise((resolve, reject) => {
      waiting.set(number, { resolve, reject });
      worker.postMessage({ number, name, query }); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread has no origin
    });
  };
  const methods = Object.fromEntries(READS.map((name) => [name, (query: unknown) => ask(name, query)]));
  return {
    ...(methods as unknown as InspectorReads),
    async [Symbol.asyncDispose]() {
      // Ended in the middle of a query, a thread of libsql ends the whole process. So the process must wait for it.
      worker.ref();
      worker.postMessage(CLOSE); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread has no origin
      const isEnded = await Promise.race([ended, delay(CLOSE_MS, false, { ref: false })]);
      if (!isEnded) await worker.terminate();
    },
  };
}
