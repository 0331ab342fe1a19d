import { expect, it } from "vitest";
import type { NewFact } from "../../src/core/facts.ts";
import { followUrl } from "../../src/features/listen/follow-url.ts";
import { changeWebhook } from "../../src/features/webhooks/journal.ts";
import { settle } from "../../src/features/webhooks/settle.ts";
import type { WebhookChange } from "../../src/store/store.ts";
import { openDesk } from "../support/desk.ts";

const FIRST = "https://first.ngrok-free.app/hooks";
const SECOND = "https://second.ngrok-free.app/hooks";
const THIRD = "https://third.ngrok-free.app/hooks";
const REFUSAL = { kind: "answer", status: 422, body: "{}" } as const;

/** A session whose webhook points at the first URL, and a hand to move that URL. */
async function startFollowing(proxyOptions: Parameters<typeof openDesk>[1] = {}) {
  const desk = await openDesk({}, proxyOptions);
  const { deps, id } = desk;
  const { change } = await changeWebhook(deps, {
    kind: "session",
    webhookId: id,
    set: { url: FIRST },
    onExit: "restore",
  });
  const held: WebhookChange[] = [change];
  const facts: NewFact[] = [];
  const watchers = new Set<() => void>();
  let url = FIRST;
  const follow = followUrl(
    { ...deps, webhookId: id },
    {
      ...deps,
      signal: new AbortController().signal,
      bus: {
        publish(fact) {
          facts.push(fact);
          for (const check of watchers) check();
        },
      },
    },
    { current: () => url, ended: new Promise(() => {}), onMoved: () => {} },
    held,
  );
  return {
    ...desk,
    held,
    facts,
    follow,
    moveTo: (next: string) => {
      url = next;
      follow.moved();
    },
    /** The first fact that fulfils the condition. */
    until: (matches: (fact: NewFact) => boolean) =>
      new Promise<void>((resolve) => {
        const check = () => facts.some(matches) && resolve();
        watchers.add(check);
        check();
      }),
    /** What the end of the session does. */
    end: async () => {
      await follow.stop();
      for (const each of held.toReversed()) await settle(deps, each);
    },
  };
}

const pointsAt = (url: string) => (fact: NewFact) => fact.type === "registered" && fact.url === url;
const isWarning = (fact: NewFact) => fact.type === "warning" && fact.code === "url_not_followed";

it("a webhook that somebody has promoted meanwhile is not pointed at a tunnel that moves", async () => {
  const { call, id, moveTo, until, end, webhook, facts } = await startFollowing();
  await call("PATCH", `/webhooks/${id}`, { url: "https://app.example/live", description: "Production webhook" });
  moveTo(SECOND);
  await until(isWarning);
  expect(facts).toContainEqual(expect.objectContaining({ hint: "It is left alone from now on." }));
  moveTo(THIRD);
  await end();
  expect(await webhook()).toMatchObject({ url: "https://app.example/live", description: "Production webhook" });
});

it("a move that fails at first is one entry of the journal, however often it is tried", async () => {
  const { deps, proxy, id, moveTo, until, end, webhook } = await startFollowing();
  proxy.rules.push({ method: "PATCH", path: /./, times: 5, fault: REFUSAL });
  moveTo(SECOND);
  await until(pointsAt(SECOND));
  const entries = (await deps.store.changes.list(100)).filter(({ webhookId }) => webhookId === id);
  expect(entries.map(({ after }) => after.url)).toEqual([SECOND, FIRST]);
  expect(await deps.store.changes.pending()).toHaveLength(1);
  await end();
  expect(await webhook()).toMatchObject({ url: "http://127.0.0.1:9/mine" });
});

it("the end of a session leads back to what was before it, also when one of two moves never reached the API", async () => {
  const { deps, proxy, moveTo, until, end, webhook } = await startFollowing();
  proxy.rules.push({ method: "PATCH", path: /./, fault: REFUSAL });
  moveTo(SECOND);
  await until(isWarning);
  moveTo(THIRD);
  await until(({ type, ...fact }) => type === "warning" && String(Object.values(fact)).includes(THIRD));
  proxy.rules.length = 0;
  await until(pointsAt(THIRD));
  expect(await webhook()).toMatchObject({ url: THIRD });
  await end();
  expect(await webhook()).toMatchObject({ url: "http://127.0.0.1:9/mine" });
  expect(await deps.store.changes.pending()).toEqual([]);
});

it("a move is followed, and put back, with an API that keeps URLs in a form of its own", async () => {
  const { moveTo, until, end, webhook } = await startFollowing({
    transform: (_call, _status, body) => body.replaceAll('"url":"http', '"url":"HTTP'),
  });
  moveTo(SECOND);
  await until(pointsAt(SECOND));
  moveTo(THIRD);
  await until(pointsAt(THIRD));
  await end();
  expect(new URL((await webhook())?.url ?? "").href).toBe("http://127.0.0.1:9/mine");
});
