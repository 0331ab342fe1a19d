import { parentPort, workerData } from "node:worker_threads";
import { AppError, type ErrorCode } from "../../core/errors.ts";
import { CLOSE, type ReadName, type ReadsPlace } from "./reads.ts";
import { connectReads } from "./store-reads.ts";

// The program of the inspector's thread: it answers requests in any order, and ends when it is asked to close.

export interface ReadRequest {
  readonly number: number;
  readonly name: ReadName;
  readonly query: unknown;
}

export interface ReadReply {
  readonly number: number;
  readonly value?: unknown;
  readonly failure?: { readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined };
}

const reads = connectReads(workerData as ReadsPlace);

parentPort?.on(
  "message",
  (request: ReadRequest | typeof CLOSE) => void (request === CLOSE ? close() : answer(request)),
);

async function close(): Promise<void> {
  await (await reads)[Symbol.asyncDispose]();
  parentPort?.close();
}

async function answer({ number, name, query }: ReadRequest): Promise<void> {
  let reply: ReadReply;
  try {
    const method = (await reads)[name] as (query: unknown) => Promise<unknown>;
    reply = { number, value: await method.call(await reads, query) };
  } catch (error) {
    const { code, message, hint } = error instanceof AppError ? error : new AppError("internal", String(error));
    reply = { number, failure: { code, message, hint } };
  }
  parentPort?.postMessage(reply); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread has no origin
}
