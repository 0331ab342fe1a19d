import { request } from "node:http";
import { connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../src/platform/clock.ts";
import { startReceiver, type Receiver } from "../../../src/delivery/receiver.ts";
import type { Reply } from "../../../src/delivery/respond.ts";
import { Gate } from "../../support/fault-proxy.ts";

const start = (reply: () => Promise<Reply>): Promise<Receiver> =>
  startReceiver({
    port: 0,
    orNext: false,
    path: "/hooks",
    maxBodyBytes: 1000,
    clock: systemClock,
    handle: async (_request, answer) => answer(await reply()),
  });

/** Sends one delivery over its own connection; returns the status. */
function send({ origin }: Receiver): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${origin}/hooks`, { method: "POST", agent: false }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode));
    });
    outgoing.on("error", reject);
    outgoing.end("{}");
  });
}

it("a pending response still reaches its sender when the receiver is closed", async () => {
  const gate = new Gate();
  const receiver = await start(async () => {
    await gate.pass();
    return { status: 204 };
  });
  const answered = send(receiver);
  await gate.reached;
  const closed = receiver[Symbol.asyncDispose]();
  gate.open();
  expect(await answered).toBe(204);
  await closed;
});

it("a receiver that is being closed accepts nothing new", async () => {
  const gate = new Gate();
  const receiver = await start(async () => {
    await gate.pass();
    return { status: 200 };
  });
  const answered = send(receiver);
  await gate.reached;
  const closed = receiver[Symbol.asyncDispose]();
  await expect(send(receiver)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  gate.open();
  expect(await answered).toBe(200);
  await closed;
});

it("a sender that never finishes, and a handler that never answers, do not keep the receiver open", async () => {
  const gate = new Gate();
  onTestFinished(() => gate.open());
  const receiver = await start(async () => {
    await gate.pass();
    return { status: 200 };
  });
  const socket = connect(receiver.port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  const cut = new Promise((resolve) => socket.once("close", resolve));
  socket.write("POST /hooks HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{");
  const unanswered = send(receiver).catch((error: NodeJS.ErrnoException) => error.code);
  await gate.reached;
  await receiver[Symbol.asyncDispose]();
  await cut;
  expect(await unanswered).toBe("ECONNRESET");
});
