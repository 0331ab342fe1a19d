import { createServer, type Server } from "node:http";
import { Readable } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { Sender } from "../../../../src/emulator/delivery/sender.ts";
import { closeServer, listenOnLoopback } from "../../../../src/platform/loopback.ts";

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(closeServer));
});

async function serve(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  return `http://127.0.0.1:${await listenOnLoopback(server, { port: 0, orNext: false, flag: "" })}/`;
}

const BODY = Buffer.from("{}");
const forever = () => new AbortController().signal;

describe("sending a delivery", () => {
  test("an endpoint that does not answer in time is a failure that says so", async () => {
    const url = await serve(() => {});
    using sender = new Sender(50);
    expect(await sender.send(url, BODY, [], forever())).toEqual({ status: null, error: "timed out after 50 ms" });
  });

  test("a response counts as soon as its status is received, however long its body takes", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200).write("…");
    });
    using sender = new Sender();
    expect(await sender.send(url, BODY, [], forever())).toEqual({ status: 200, error: null });
  });

  test("a huge response is not read to its end", async () => {
    let isCut = false;
    const url = await serve((_request, response) => {
      const endless = new Readable({ read: () => void endless.push(Buffer.alloc(64 * 1024)) });
      response.on("close", () => {
        isCut = true;
        endless.destroy();
      });
      endless.pipe(response.writeHead(200));
    });
    using sender = new Sender();
    expect(await sender.send(url, BODY, [], forever())).toMatchObject({ status: 200 });
    await expect.poll(() => isCut).toBe(true);
  });

  test("an abort is thrown, with its reason, before and during a send", async () => {
    const url = await serve(() => controller.abort(new Error("enough")));
    const controller = new AbortController();
    using sender = new Sender();
    await expect(sender.send(url, BODY, [], controller.signal)).rejects.toThrow("enough");
    await expect(sender.send(url, BODY, [], controller.signal)).rejects.toThrow("enough");
  });

  test("an unreachable host name is a failure with a reason", async () => {
    using sender = new Sender();
    const outcome = await sender.send("http://localhost:9/", BODY, [], forever());
    expect(outcome).toEqual({ status: null, error: expect.stringMatching(/ECONNREFUSED/) });
  });
});
