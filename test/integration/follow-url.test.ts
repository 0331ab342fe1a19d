import { expect, it } from "vitest";
import type { NewFact } from "../../src/core/facts.ts";
import { followUrl } from "../../src/features/listen/follow-url.ts";
import type { WebhookChange } from "../../src/store/store.ts";
import { openJournal } from "../support/journal.ts";

const FIRST = "https://first.ngrok-free.app/hooks";
const SECOND = "https://second.ngrok-free.app/hooks";
const THIRD = "https://third.ngrok-free.app/hooks";
const REFUSAL = { kind: "answer", status: 422, body: "{}" } as const;

/** A session whose webhook has the first URL, and a function to change that URL. */
async function startFollowing(proxyOptions: Parameters<typeof openJournal>[1] = {}) {
  const facts: NewFact[] = [];
  const watchers = new Set<() => void>();
  const publish = (fact: NewFact) => {
    facts.push(fact);
    for (const check of watchers) check();
  };
  const fixture = await openJournal({ publish }, proxyOptions);
  const { journal, id } = fixture;
  const { change } = await journal.change({ kind: "session", webhookId: id, set: { url: FIRST }, onExit: "restore" });
  const held: WebhookChange[] = [change];
  let url = FIRST;
  const follow = followUrl(journal, id, { current: () => url }, held);
  return {
    ...fixture,
    held,
    facts,
    follow,
    moveTo: (next: string) => {
      url = next;
      follow.moved();
    },
    /** The first fact that meets the condition. */
    until: (matches: (fact: NewFact) => boolean) =>
      new Promise<void>((resolve) => {
        const check = () => facts.some(matches) && resolve();
        watchers.add(check);
        check();
      }),
    /** Does what the end of the session does. */
    end: async () => {
      await follow[Symbol.asyncDispose]();
      for (const each of held.toReversed()) await journal.settle(each);
    },
  };
}

const pointsAt = (url: string) => (fact: NewFact) => fact.type === "registered" && fact.url === url;
const isWarning = (fact: NewFact) => fact.type === "warning" && fact.code === "url_not_followed";

it("a webhook that was promoted meanwhile is not updated when the tunnel moves", async () => {
  const { call, id, moveTo, until, end, webhook, facts } = await startFollowing();
  await call("PATCH", `/webhooks/${id}`, { url: "https://app.example/live", description: "Production webhook" });
  moveTo(SECOND);
  await until(isWarning);
  expect(facts).toContainEqual(expect.objectContaining({ hint: "Start listen again to register the new URL." }));
  moveTo(THIRD);
  await end();
  expect(await webhook()).toMatchObject({ url: "https://app.example/live", description: "Production webhook" });
});

it("a move that fails at first is one entry of the journal, however often it is retried", async () => {
  const { journal, proxy, id, moveTo, until, end, webhook } = await startFollowing();
  proxy.rules.push({ method: "PATCH", path: /./, times: 5, fault: REFUSAL });
  moveTo(SECOND);
  await until(pointsAt(SECOND));
  const entries = (await journal.changes.list(100)).filter(({ webhookId }) => webhookId === id);
  expect(entries.map(({ after }) => after.url)).toEqual([SECOND, FIRST]);
  expect(await journal.changes.pending()).toHaveLength(1);
  await end();
  expect(await webhook()).toMatchObject({ url: "http://127.0.0.1:9/mine" });
});

it("the end of a session restores the state before it, also when one of two moves never reached the API", async () => {
  const { journal, proxy, moveTo, until, end, webhook } = await startFollowing();
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
  expect(await journal.changes.pending()).toEqual([]);
});

it("a move is followed, and restored, with an API that normalizes URLs", async () => {
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
