import { createServer } from "node:http";
import { expect, test } from "vitest";
import { afterAnswer } from "../../../src/emulator/http.ts";
import { closeServer, listenOnLoopback } from "../../../src/platform/loopback.ts";

test("work after the response starts when the whole response has been written", async () => {
  const seen: boolean[] = [];
  const server = createServer((_request, response) => {
    afterAnswer({ response }, () => seen.push(response.writableFinished));
    // Work that runs too early would run now.
    setImmediate(() => response.end("done"));
  });
  const port = await listenOnLoopback(server, { port: 0, orNext: false, flag: "" });
  await (await fetch(`http://127.0.0.1:${port}/`)).text();
  await expect.poll(() => seen).toEqual([true]);
  await closeServer(server);
});

test("a client that closes the connection before its response does not undo its request", async () => {
  let hasRun = false;
  const server = createServer((_request, response) => {
    response.once("close", () => setImmediate(() => afterAnswer({ response }, () => (hasRun = true))));
  });
  const port = await listenOnLoopback(server, { port: 0, orNext: false, flag: "" });
  const client = new AbortController();
  server.once("request", () => client.abort());
  await expect(fetch(`http://127.0.0.1:${port}/`, { signal: client.signal })).rejects.toThrow(/abort/i);
  await expect.poll(() => hasRun).toBe(true);
  await closeServer(server);
});
