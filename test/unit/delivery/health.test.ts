import { createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import type { ExchangeOutcome } from "../../../src/core/exchange.ts";
import { watchHealth, type HealthChange } from "../../../src/delivery/health.ts";
import { listenOn, listenOnReopenedPort } from "../../support/reopened-port.ts";

/** A clock whose sleeps end when the test decides. */
function steppedClock() {
  let wake: (() => void)[] = [];
  return {
    now: () => 0,
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        wake.push(resolve);
        signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      }),
    step() {
      const sleepers = wake;
      wake = [];
      for (const each of sleepers) each();
      return sleepers.length;
    },
  };
}

const REFUSED: ExchangeOutcome = { kind: "failed", reason: "refused", message: "", startedAt: 0, durationMs: 1 };
const BROKEN: ExchangeOutcome = { ...REFUSED, reason: "broken" };

it("reports the first finding, and then each change once", async () => {
  const server = createServer((socket) => socket.destroy());
  const port = await listenOnReopenedPort(server);
  onTestFinished(() => void server.close());
  const clock = steppedClock();
  const changes: HealthChange["state"][] = [];
  const remedies: string[] = [];
  const health = watchHealth({
    url: `http://127.0.0.1:${port}/`,
    clock,
    onChange(change) {
      changes.push(change.state);
      if (change.state === "down") remedies.push(change.remedy);
    },
    hostEnvironment: { isInContainer: false, usualPorts: [], addressesOf: async () => ["127.0.0.1", "::1"] },
  });
  await expect.poll(() => changes).toEqual(["up"]);
  for (let turn = 0; turn < 3; turn += 1) await expect.poll(() => clock.step()).toBe(1);
  health.learn(BROKEN);
  await new Promise((resolve) => server.close(resolve));
  await expect.poll(() => clock.step()).toBe(1);
  await expect.poll(() => changes).toEqual(["up", "down"]);
  expect(remedies).toEqual([expect.stringContaining("Start the app again")]);
  health.learn(REFUSED);
  await listenOn(server, port);
  await expect.poll(() => clock.step()).toBe(1);
  await expect.poll(() => changes).toEqual(["up", "down", "up"]);
  await health[Symbol.asyncDispose]();
});

it("learns from forwarding, and reports nothing once closed", async () => {
  const server = createServer();
  const port = await listenOnReopenedPort(server);
  await new Promise((resolve) => server.close(resolve));
  const clock = steppedClock();
  const changes: HealthChange["state"][] = [];
  const health = watchHealth({
    url: `http://127.0.0.1:${port}/`,
    clock,
    onChange: ({ state }) => changes.push(state),
    hostEnvironment: { isInContainer: false, usualPorts: [], addressesOf: async () => ["127.0.0.1", "::1"] },
  });
  await expect.poll(() => changes).toEqual(["down"]);
  const answered: ExchangeOutcome = {
    kind: "answered",
    status: 500,
    headers: [],
    body: Buffer.alloc(0),
    bodyBytes: 0,
    startedAt: 0,
    durationMs: 1,
  };
  health.learn(answered);
  await expect.poll(() => changes).toEqual(["down", "up"]);
  await health[Symbol.asyncDispose]();
  health.learn(REFUSED);
  expect(changes).toEqual(["down", "up"]);
});
