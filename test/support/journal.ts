import { onTestFinished } from "vitest";
import { createBluumClient } from "../../src/bluum/client.ts";
import { openConfig } from "../../src/config/config-file.ts";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import type { NewFact } from "../../src/core/facts.ts";
import type { JournalDeps } from "../../src/features/webhooks/access.ts";
import { WebhookJournal } from "../../src/features/webhooks/journal.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { startFaultProxy } from "./fault-proxy.ts";
import { startSandbox, webhooksOf, type PlainWebhook } from "./sandbox.ts";
import { tempFolder } from "./temp.ts";

/** A journal with a real store and config, and with a real client of an emulator behind a fault proxy. */
export interface JournalFixture {
  readonly journal: WebhookJournal;
  readonly deps: JournalDeps & { readonly store: Store };
  /** The facts that the journal has published. */
  readonly facts: readonly NewFact[];
  readonly proxy: Awaited<ReturnType<typeof startFaultProxy>>;
  readonly call: Awaited<ReturnType<typeof startSandbox>>["call"];
  /** As the test created it: `http://127.0.0.1:9/mine`. */
  readonly id: string;
  readonly webhook: () => Promise<PlainWebhook | undefined>;
}

/** Opens a journal with one webhook. Waits end at once, unless the test passes another clock. */
export async function openJournal(
  overrides: Partial<JournalDeps> = {},
  proxyOptions: Parameters<typeof startFaultProxy>[1] = {},
): Promise<JournalFixture> {
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
  const openApi = async (signal: AbortSignal) => {
    const api = createBluumClient({
      beforeMoney: async () => {},
      environment: "sandbox",
      baseUrl: proxy.baseUrl,
      credentials: { apiKey: EMULATOR_ACCESS.apiKey, apiSecret: EMULATOR_ACCESS.apiSecret },
      requestsPerSecond: 10_000,
      clock: systemClock,
      signal,
      userAgent: "bluum-hooks/test",
      retryBaseMs: 1,
    });
    onTestFinished(() => api[Symbol.asyncDispose]());
    return api;
  };
  const { signal } = new AbortController();
  const facts: NewFact[] = [];
  const deps = {
    environment: "sandbox",
    baseUrl: proxy.baseUrl,
    clock: { now: () => Date.now(), sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) },
    signal,
    holder: { pid: process.pid, since: 0, what: "test" },
    config: await openConfig({ folder: tempFolder() }),
    probe: async () => ({ kind: "failed", reason: "nothing is dialled" }) as const,
    publish: (fact: NewFact) => void facts.push(fact),
    api: await openApi(signal),
    openApi,
    ...overrides,
    store,
  };
  return {
    journal: new WebhookJournal(deps),
    deps,
    facts,
    proxy,
    call,
    id,
    webhook: async () => (await webhooksOf(call)).find((each) => each.id === id),
  };
}
