import { expect, it, onTestFinished } from "vitest";
import type { RefusedRequest } from "../../../src/core/facts.ts";
import type { SelfTestProbe } from "../../../src/core/self-test.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { startReceiver } from "../../../src/delivery/receiver.ts";

async function start(maxBodyBytes = 1024 * 1024) {
  const [refused, handled]: [RefusedRequest[], string[]] = [[], []];
  const receiver = await startReceiver({
    port: 0,
    orNext: false,
    path: "/hooks",
    maxBodyBytes,
    clock: systemClock,
    handle: async ({ body }, answer) => {
      handled.push(String(body));
      return answer({ status: 202 });
    },
    onRefused: (request) => refused.push(request),
  });
  onTestFinished(() => receiver[Symbol.asyncDispose]());
  const send = async (
    headers: SelfTestProbe["headers"],
    body: string | Buffer,
    { path = "/hooks", method = "POST" } = {},
  ) => {
    const response = await fetch(`${receiver.origin}${path}`, {
      method,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      ...(method === "GET" ? {} : { body }),
    });
    return [response.status, await response.text()];
  };
  return { receiver, refused, handled, send };
}

it("a probe is answered once with what only the listener knows, and is not a delivery", async () => {
  const { receiver, refused, handled, send } = await start();
  const probe = receiver.expectProbe(4_000);
  expect(probe.body).toHaveLength(4_000);
  expect(`${String(probe.body)}${JSON.stringify(probe.headers)}`).not.toContain(probe.answer);
  expect(probe.arrival()).toBeUndefined();
  expect(await send(probe.headers, probe.body)).toEqual([200, probe.answer]);
  expect(probe.arrival()).toEqual({ problem: null });
  expect(await send(probe.headers, probe.body)).toEqual([404, ""]);
  expect([refused, handled]).toEqual([[], []]);
});

it("a copy received after the end of the test is neither answered nor a delivery", async () => {
  const { receiver, refused, handled, send } = await start();
  const probe = receiver.expectProbe(0);
  probe.forget();
  expect(await send(probe.headers, probe.body)).toEqual([404, ""]);
  expect(await send([], probe.body)).toEqual([404, ""]);
  expect([refused, handled]).toEqual([[], []]);
});

it("a probe that would be refused as a delivery is refused without details, and the test learns why", async () => {
  const { receiver, refused, handled, send } = await start();
  const [first, second, third, fourth] = [0, 0, 0, 0].map((bytes) => receiver.expectProbe(bytes));
  expect(await send(first!.headers, first!.body, { path: "/other" })).toEqual([404, ""]);
  expect(await send(second!.headers, "", { method: "GET" })).toEqual([405, ""]);
  expect(await send([], third!.body)).toEqual([404, ""]);
  expect(await send(fourth!.headers, "{}")).toEqual([404, ""]);
  expect([first, second, third, fourth].map((each) => each?.arrival())).toEqual([
    { problem: "path", path: "/other" },
    { problem: "method", method: "GET" },
    { problem: "headers" },
    { problem: "body", bytes: 2 },
  ]);
  expect([refused, handled]).toEqual([[], []]);
});

it("a client without the nonce gets the same response as without a test", async () => {
  const { receiver, refused, handled, send } = await start();
  const probe = receiver.expectProbe(0);
  const [name = ""] = probe.headers[1] ?? [];
  const guess = "0".repeat(32);
  const body = String(probe.body).replace(/[0-9a-f]{32}/, guess);
  expect(await send([[name, guess]], "{}")).toEqual([202, ""]);
  expect(await send([[name, guess]], body)).toEqual([202, ""]);
  expect(await send([[name, guess]], body, { path: "/other" })).toEqual([404, ""]);
  expect(handled).toEqual(["{}", body]);
  expect(refused).toHaveLength(1);
  expect(probe.arrival()).toBeUndefined();
});

it("a listener that accepts only short bodies can be tested too", async () => {
  const { receiver, send } = await start(10);
  const probe = receiver.expectProbe(10);
  expect(await send(probe.headers, probe.body)).toEqual([200, probe.answer]);
});
