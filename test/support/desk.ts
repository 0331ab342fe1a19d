import { onTestFinished } from "vitest";
import { createBluumClient, type BluumClient } from "../../src/bluum/client.ts";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { systemClock } from "../../src/platform/clock.ts";
import type { SettleDeps } from "../../src/features/webhooks/settle.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { startFaultProxy } from "./fault-proxy.ts";
import { startSandbox, webhooksOf, type PlainWebhook } from "./sandbox.ts";
import { tempFolder } from "./temp.ts";

/** What the code under `session/` works with: a real store, and a real client of an emulator behind a fault proxy. */
export interface Desk {
  readonly deps: SettleDeps & { readonly api: BluumClient; readonly store: Store };
  readonly proxy: Awaited<ReturnType<typeof startFaultProxy>>;
  readonly call: Awaited<ReturnType<typeof startSandbox>>["call"];
  /** As the test made it: `http://127.0.0.1:9/mine`. */
  readonly id: string;
  readonly webhook: () => Promise<PlainWebhook | undefined>;
}

/** A desk with one webhook. Waits are over at once, unless the test brings another clock. */
export async function openDesk(
  overrides: Partial<SettleDeps> = {},
  proxyOptions: Parameters<typeof startFaultProxy>[1] = {},
): Promise<Desk> {
  const { emulator, call } = await startSandbox();
  const { id } = (await call("POST", "/webhooks", {
    name: "mine",
    url: "http://127.0.0.1:9/mine",
    eventTypeNames: ["order.*"],
    description: "as it was",
  })) as { id: string };
  const proxy = await startFaultProxy(emulator.baseUrl, proxyOptions);
  const store = await openStore({ folder: tempFolder() });
  onTestFinished(() => store[Symbol.asyncDispose]());
  const api = createBluumClient({
    beforeMoney: async () => {},
    environment: "sandbox",
    baseUrl: proxy.baseUrl,
    credentials: { apiKey: EMULATOR_ACCESS.apiKey, apiSecret: EMULATOR_ACCESS.apiSecret },
    requestsPerSecond: 10_000,
    clock: systemClock,
    signal: new AbortController().signal,
    userAgent: "bluum-hooks/test",
    retryBaseMs: 1,
  });
  onTestFinished(() => api[Symbol.asyncDispose]());
  return {
    deps: {
      environment: "sandbox",
      baseUrl: proxy.baseUrl,
      clock: { now: () => Date.now(), sleep: () => new Promise((resolve) => setImmediate(resolve)) },
      holder: { pid: process.pid, since: 0, what: "test" },
      isRemembered: () => true,
      proveStorable: async () => {},
      forget: async () => {},
      ...overrides,
      api,
      store,
    },
    proxy,
    call,
    id,
    webhook: async () => (await webhooksOf(call)).find((each) => each.id === id),
  };
}
