import { createServer, type Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { afterAnswer, type Env } from "../../../src/emulator/http.ts";
import { closeServer, listenOnLoopback } from "../../../src/platform/loopback.ts";

test("work for after the answer starts when the whole answer has been written", async () => {
  const seen: boolean[] = [];
  const app = new Hono<Env>();
  app.get("/", async (c) => {
    afterAnswer(c, () => seen.push(c.env.outgoing.writableFinished));
    // Whatever would run too early has every chance to.
    await new Promise((resolve) => setImmediate(resolve));
    return c.text("done");
  });
  const server = createAdaptorServer({ fetch: app.fetch, createServer }) as Server;
  const port = await listenOnLoopback(server, { port: 0, orNext: false, flag: "" });
  await (await fetch(`http://127.0.0.1:${port}/`)).text();
  await expect.poll(() => seen).toEqual([true]);
  await closeServer(server);
});

test("a client that hangs up before its answer does not undo what it caused", async () => {
  let hasRun = false;
  const app = new Hono<Env>();
  app.get("/", async (c) => {
    await new Promise((resolve) => c.env.outgoing.once("close", resolve));
    afterAnswer(c, () => (hasRun = true));
    return c.text("nobody listens");
  });
  const server = createAdaptorServer({ fetch: app.fetch, createServer }) as Server;
  const port = await listenOnLoopback(server, { port: 0, orNext: false, flag: "" });
  const client = new AbortController();
  server.once("request", () => client.abort());
  await expect(fetch(`http://127.0.0.1:${port}/`, { signal: client.signal })).rejects.toThrow(/abort/i);
  await expect.poll(() => hasRun).toBe(true);
  await closeServer(server);
});
