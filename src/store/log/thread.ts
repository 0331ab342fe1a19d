import { parentPort, workerData } from "node:worker_threads";
import { loadDriver } from "../driver.ts";
import { connectIndexer, type IndexPlace } from "./indexer.ts";
import type { IndexReply, IndexRequest } from "./runner.ts";

// The program of the indexing thread: it answers requests one after the other.
const driver = loadDriver();
const indexer = connectIndexer(driver, workerData as IndexPlace);

parentPort?.on("message", (request: IndexRequest) => {
  let reply: IndexReply;
  try {
    switch (request.what) {
      case "step":
        reply = { step: indexer.step(request.name, request.range) };
        break;
      case "seal":
        reply = { sealed: indexer.seal(request.name) };
        break;
      case "forget":
        indexer.forget(request.name);
        reply = {};
        break;
      case "close":
        indexer.close();
        reply = {};
        break;
      default:
        reply = request satisfies never;
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    reply = { failure: { message, code: driver.resultCode(error) ?? null } };
  }
  parentPort?.postMessage(reply); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread has no origin
});
