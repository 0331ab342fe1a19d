import { expect, it } from "vitest";
import { createBluumClient } from "../../src/bluum/client.ts";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import type { NewFact } from "../../src/core/facts.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { followUrl } from "../../src/features/listen/follow-url.ts";
import { changeWebhook } from "../../src/features/webhooks/journal.ts";
import { promote } from "../../src/features/promotion/promote-webhook.ts";
import { planRollback, rollBack } from "../../src/features/promotion/roll-back.ts";
import { settle } from "../../src/features/webhooks/settle.ts";
import { openStore } from "../../src/store/store.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";

const PUBLIC = "https://app.example/hooks";
const { apiKey, apiSecret } = EMULATOR_ACCESS;

/** A session with a tunnel whose URL the test moves, and a promotion beside it. */
async function setting() {
  const { emulator, env, call } = await startSandbox();
  const { id: webhookId } = (await call("POST", "/webhooks", {
    name: "staging",
    url: "https://staging.example/hooks",
    eventTypeNames: ["account.*"],
    description: "staging",
  })) as { id: string };
  const before = await webhooksOf(call);
  const proxy = await startFaultProxy(emulator.baseUrl);
  const { baseUrl } = proxy;
  const place = { environment: "sandbox", baseUrl, webhookId };
  const store = await openStore({ folder: env["BLUUM_HOOKS_HOME"]! });
  const { signal } = new AbortController();
  const api = createBluumClient({
    beforeMoney: async () => {},
    environment: "sandbox",
    baseUrl,
    credentials: { apiKey, apiSecret },
    requestsPerSecond: 10_000,
    clock: systemClock,
    signal,
    userAgent: "test",
  });
  const holder = { pid: 1, since: 0, what: "test" };
  const desk = {
    ...place,
    api,
    store,
    clock: systemClock,
    holder,
    isRemembered: () => true,
    proveStorable: async () => {},
    forget: async () => {},
  };
  let url = "https://one.ngrok-free.app/hooks";
  const { change } = await changeWebhook(desk, {
    kind: "session",
    webhookId,
    set: { url, events: ["order.*"] },
    onExit: "restore",
  });
  const held = [change];
  const facts: NewFact[] = [];
  const follow = followUrl(
    place,
    { ...desk, signal, bus: { publish: (fact) => void facts.push(fact) } },
    { current: () => url, ended: new Promise(() => {}), onMoved: () => {} },
    held,
  );
  return {
    call,
    before,
    proxy,
    facts,
    promote: () => promote(desk, { webhookId, url: PUBLIC, description: "Production webhook", events: undefined }),
    rollBack: async () => rollBack(desk, await planRollback(api, store, place)),
    move(to: string) {
      url = to;
      follow.moved();
    },
    /** As the end of the session does it. */
    async [Symbol.asyncDispose]() {
      await follow.stop();
      for (const each of held.toReversed()) await settle(desk, each);
      await store[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
    },
  };
}

const warned = async (facts: readonly NewFact[]) => {
  await expect.poll(() => facts.some((fact) => fact.type === "warning" && fact.code === "url_not_followed")).toBe(true);
};

it("a tunnel that moves after the promotion does not take the webhook back", async () => {
  const here = await setting();
  {
    await using session = here;
    await session.promote();
    const promoted = [{ ...session.before[0], url: PUBLIC, description: "Production webhook" }];
    expect(await webhooksOf(session.call)).toEqual(promoted);
    session.move("https://two.ngrok-free.app/hooks");
    await warned(session.facts);
    expect(await webhooksOf(session.call)).toEqual(promoted);
  }
  expect((await webhooksOf(here.call))[0]?.url).toBe(PUBLIC);
});

it("a tunnel that moves after the promotion was rolled back leaves the webhook as it was before the session", async () => {
  const here = await setting();
  {
    await using session = here;
    await session.promote();
    await session.rollBack();
    session.move("https://two.ngrok-free.app/hooks");
    await warned(session.facts);
  }
  expect(await webhooksOf(here.call)).toEqual(here.before);
});

it("a promotion while the webhook could not follow the tunnel leads back past both of its URLs", async () => {
  const here = await setting();
  {
    await using session = here;
    session.proxy.rules.push({ method: "PATCH", path: /./, fault: { kind: "answer", status: 422, body: "{}" } });
    session.move("https://two.ngrok-free.app/hooks");
    await warned(session.facts);
    session.proxy.rules.length = 0;
    await session.promote();
    await session.rollBack();
  }
  expect(await webhooksOf(here.call)).toEqual(here.before);
});
