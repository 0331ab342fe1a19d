import { connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { startApp } from "../support/app.ts";
import { Gate } from "../support/fault-proxy.ts";
import { runInProcess } from "../support/in-process.ts";
import { startListener, type Listener } from "../support/listener.ts";
import { post } from "../support/raw-http.ts";
import { tempFolder } from "../support/temp.ts";

const BODY = JSON.stringify({ event: "order.filled", timestamp: "2025-06-15T14:30:15Z", data: { id: "ord_1" } });

/** Delivers the event, and closes the connection as soon as the app has it. */
async function hangUp({ url }: Listener, appHasIt: Promise<void>): Promise<void> {
  const sender = connect(Number(new URL(url).port), "127.0.0.1");
  onTestFinished(() => void sender.destroy());
  sender.on("error", () => {});
  const isClosed = new Promise((resolve) => sender.once("close", resolve));
  sender.resume().write(post(BODY));
  await appHasIt;
  sender.end();
  await isClosed;
}

/**
 * A listener whose app answers two deliveries with 200 after both senders have closed the connection, and its
 * records.
 */
async function twoHungUp() {
  const env = { BLUUM_HOOKS_HOME: tempFolder() };
  const gates = [new Gate(), new Gate()] as const;
  let calls = 0;
  const app = await startApp((_request, response) => {
    const gate = gates[calls++];
    void gate?.pass().then(() => response.end("ok"));
  });
  const listener = await startListener(["--forward-to", String(app.port)], env);
  for (const gate of gates) {
    await hangUp(listener, gate.reached);
    gate.open();
    await listener.record("answer", () => answers().length === gates.indexOf(gate) + 1);
  }
  function answers() {
    return listener.records.filter(({ type }) => type === "answer");
  }
  return { env, listener, answers: answers() };
}

const run = async (env: Record<string, string>, ...args: string[]) => (await runInProcess(args, env)).stdout;

it("a sender that closes the connection before the app answers gets no answer, and its next attempt is a retry", async () => {
  const { env, listener, answers } = await twoHungUp();
  const { stderr } = await listener.stop();
  expect(stderr).not.toContain("error");
  expect(answers).toEqual(
    answers.map(({ deliveryId }) => ({
      type: "answer",
      at: expect.any(String),
      deliveryId,
      hungUpAfterMs: expect.any(Number),
    })),
  );
  const deliveries = listener.records.filter(({ type }) => type === "delivery");
  expect(deliveries.map(({ recurrence }) => recurrence)).toEqual(["first", "retry"]);
  // The app accepted both, but for the sender both failed.
  expect(listener.records.filter(({ type }) => type === "forward")).toMatchObject([{ status: 200 }, { status: 200 }]);
  expect(listener.records.at(-1)).toMatchObject({
    type: "stopped",
    summary: { received: 2, retries: 1, duplicates: 0, forwarded: 0, failed: 2, hungUp: 2, medianMs: null },
  });
  const failed = await run(env, "events", "list", "--status", "failed", "--json");
  expect(failed.trim().split("\n")).toHaveLength(2);
  expect(JSON.parse(failed.split("\n")[0] ?? "")).toMatchObject({
    answer: { hungUpAfterMs: expect.any(Number) },
    forwardStatus: 200,
  });
  expect(await run(env, "events", "list", "--status", "ok", "--json")).toBe("");
  const stats = JSON.parse(await run(env, "events", "stats", "--json")) as object;
  expect(stats).toMatchObject({ answers: { hungUp: 2 }, events: [{ failed: 2 }], duplicates: 0, retries: 1 });
  // The app has the event, so it is not sent again.
  expect((await runInProcess(["events", "replay", "--failed"], env)).stderr).toContain("Nothing to resend");
});

it("every view of such a delivery shows that the sender closed the connection, and when", async () => {
  const { env, listener } = await twoHungUp();
  await listener.stop();
  const words = /hung up/;
  expect(await run(env, "events", "list")).toMatch(/hung up → app 200/);
  expect(await run(env, "events", "stats")).toMatch(/answers +2 hung up/);
  expect(await run(env, "events", "timeline", "ord_1")).toMatch(words);
  expect(await run(env, "events", "show", "last")).toMatch(/answer +hung up after (<1|\d+) ms/);
  expect(await run(env, "events", "export", "--format", "har")).toMatch(/the sender hung up after/);
  const tail = await run(env, "events", "tail", "--last", "2", "--count", "2", "--json");
  expect(tail.match(/"hungUpAfterMs":\d+/g)).toHaveLength(2);
  expect(await run(env, "events", "tail", "--last", "2", "--count", "2")).toMatch(
    /✗ hung up after .*\n +↳ app: 200 OK/,
  );
});
