import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Driver } from "../database.ts";
import { connectIndexer, type Indexer, type IndexPlace, type IndexStep, type StepRange } from "./indexer.ts";
import { ALL_READABLE, type Unreadable } from "./scan.ts";

/** An indexer that may run in another thread. Requests are served one after the other. */
export interface IndexRunner {
  step(name: string, range: StepRange): Promise<IndexStep>;
  seal(name: string): Promise<Unreadable>;
  forget(name: string): Promise<void>;
  close(): Promise<void>;
}

export type IndexRequest =
  | { readonly what: "step"; readonly name: string; readonly range: StepRange }
  | { readonly what: "seal" | "forget"; readonly name: string }
  | { readonly what: "close" };

export interface IndexReply {
  readonly step?: IndexStep;
  readonly sealed?: Unreadable;
  readonly failure?: { readonly message: string; readonly code: number | null };
}

/** Next to this chunk in the built program. */
const THREAD = new URL("store-thread.cjs", import.meta.url);

/**
 * Indexes in a separate thread, so that the tables never delay a delivery. When run from source there is no such
 * program, and this thread does the work.
 */
export function startRunner(driver: Driver, place: IndexPlace): IndexRunner {
  return existsSync(fileURLToPath(THREAD)) ? startThread(place) : runHere(driver, place);
}

function runHere(driver: Driver, place: IndexPlace): IndexRunner {
  const indexer = connectIndexer(driver, place);
  const inTurn = async <Result>(work: (indexer: Indexer) => Result): Promise<Result> => {
    await new Promise((resolve) => setImmediate(resolve));
    return work(indexer);
  };
  return {
    step: (name, range) => inTurn((each) => each.step(name, range)),
    seal: (name) => inTurn((each) => each.seal(name)),
    forget: (name) => inTurn((each) => each.forget(name)),
    close: () => inTurn((each) => each.close()),
  };
}

function startThread(place: IndexPlace): IndexRunner {
  const worker = new Worker(THREAD, { workerData: place });
  worker.unref();
  const waiting: { readonly resolve: (reply: IndexReply) => void; readonly reject: (error: Error) => void }[] = [];
  let death: Error | undefined;
  const die = (error: Error) => {
    death = error;
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  worker.on("message", (reply: IndexReply) => {
    waiting.shift()?.resolve(reply);
    if (waiting.length === 0) worker.unref();
  });
  worker.on("error", die);
  worker.on("exit", () => die(new Error("the indexing thread has ended")));
  const ask = async (request: IndexRequest): Promise<IndexReply> => {
    if (death !== undefined) throw death;
    const reply = await new Promise<IndexReply>((resolve, reject) => {
      waiting.push({ resolve, reject });
      // Keeps the process alive until the reply arrives.
      worker.ref();
      worker.postMessage(request); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread has no origin
    });
    if (reply.failure === undefined) return reply;
    const { message, code } = reply.failure;
    throw Object.assign(new Error(message), { errcode: code, rawCode: code });
  };
  return {
    async step(name, range) {
      const { step } = await ask({ what: "step", name, range });
      if (step === undefined) throw new Error("the indexing thread has answered something else");
      return step;
    },
    seal: async (name) => (await ask({ what: "seal", name })).sealed ?? ALL_READABLE,
    forget: async (name) => void (await ask({ what: "forget", name })),
    async close() {
      try {
        await ask({ what: "close" });
      } finally {
        await worker.terminate();
      }
    },
  };
}
