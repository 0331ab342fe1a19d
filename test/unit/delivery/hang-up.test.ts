import { connect, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import type { Answer } from "../../../src/core/delivery.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { startReceiver, type AnswerWith, type Receiver } from "../../../src/delivery/receiver.ts";
import { post } from "../../support/raw-http.ts";

/** A receiver whose requests the test answers itself, in order of arrival. */
async function start() {
  const requests: AnswerWith[] = [];
  const receiver = await startReceiver({
    port: 0,
    orNext: false,
    path: "/webhooks/bluum",
    maxBodyBytes: 1000,
    clock: systemClock,
    handle: (_request, answer) => new Promise((resolve) => void requests.push((reply) => done(answer(reply), resolve))),
  });
  const done = (answer: Answer | Promise<Answer>, resolve: (answer: unknown) => void) => {
    resolve(answer);
    return answer;
  };
  onTestFinished(() => receiver[Symbol.asyncDispose]());
  /** The function that answers the nth request, once it is received. */
  const received = async (nth: number): Promise<AnswerWith> => {
    await expect.poll(() => requests.length).toBeGreaterThanOrEqual(nth);
    const answer = requests[nth - 1];
    if (answer === undefined) throw new Error("there is no such request");
    return answer;
  };
  return { receiver, received };
}

function dial({ port }: Receiver): Socket {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  socket.resume();
  return socket;
}

it("an answer that reached its sender has its status, and how long it took", async () => {
  const { receiver, received } = await start();
  dial(receiver).write(post("{}"));
  const answer = await received(1);
  expect(await answer({ status: 202 })).toEqual({ status: 202, durationMs: expect.any(Number) });
});

it.each(["destroy", "end", "resetAndDestroy"] as const)(
  "an answer to a sender that has closed the connection (%s) has no status, but the time until then",
  async (hangUp) => {
    const { receiver, received } = await start();
    const sender = dial(receiver);
    sender.write(post("{}"));
    const answer = await received(1);
    sender[hangUp]();
    await new Promise((resolve) => sender.once("close", resolve));
    // Later data is received later.
    dial(receiver).write(post("{}"));
    await received(2);
    expect(await answer({ status: 200 })).toEqual({ hungUpAfterMs: expect.any(Number) });
  },
);

it("a connection that is reset at the moment of the answer has none", async () => {
  const { receiver, received } = await start();
  const sender = dial(receiver);
  sender.write(post("{}"));
  const answer = await received(1);
  sender.resetAndDestroy();
  expect(answer({ status: 200 })).toEqual({ hungUpAfterMs: expect.any(Number) });
});

it("of two requests on one connection the second waits for its turn, and is answered with the first", async () => {
  const { receiver, received } = await start();
  dial(receiver).write(Buffer.concat([post("{}"), post("{}")]));
  const [first, second] = [await received(1), await received(2)];
  const answered = second({ status: 201 });
  expect(answered).toBeInstanceOf(Promise);
  expect(await first({ status: 200 })).toMatchObject({ status: 200 });
  expect(await answered).toMatchObject({ status: 201 });
});

it("of two requests on a connection that is closed before the first is answered, neither has an answer", async () => {
  const { receiver, received } = await start();
  const sender = dial(receiver);
  sender.write(Buffer.concat([post("{}"), post("{}")]));
  const [first, second] = [await received(1), await received(2)];
  const answered = second({ status: 200 });
  sender.destroy();
  expect(await answered).toEqual({ hungUpAfterMs: expect.any(Number) });
  expect(await first({ status: 200 })).toEqual({ hungUpAfterMs: expect.any(Number) });
});
