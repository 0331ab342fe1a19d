import { expect, it } from "vitest";
import type { NewFact } from "../../src/core/facts.ts";
import { followUrl } from "../../src/features/listen/follow-url.ts";
import { promote } from "../../src/features/promotion/promote-webhook.ts";
import { planRollback, rollBack } from "../../src/features/promotion/roll-back.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { openJournal } from "../support/journal.ts";
import { webhooksOf } from "../support/sandbox.ts";

const PUBLIC = "https://app.example/hooks";

/** A session with a tunnel whose URL the test changes, and a promotion at the same time. */
async function setting() {
  const { journal, call, proxy, facts, id: webhookId } = await openJournal({ clock: systemClock });
  const before = await webhooksOf(call);
  let url = "https://one.ngrok-free.app/hooks";
  const { change } = await journal.change({
    kind: "session",
    webhookId,
    set: { url, events: ["account.*"] },
    onExit: "restore",
  });
  const held = [change];
  const follow = followUrl(journal, webhookId, { current: () => url }, held);
  return {
    call,
    before,
    proxy,
    facts,
    promote: () => promote(journal, { webhookId, url: PUBLIC, description: "Production webhook", events: undefined }),
    rollBack: async () => rollBack(journal, await planRollback(journal, webhookId)),
    move(to: string) {
      url = to;
      follow.moved();
    },
    /** Like the end of the session. */
    async [Symbol.asyncDispose]() {
      await follow[Symbol.asyncDispose]();
      for (const each of held.toReversed()) await journal.settle(each);
    },
  };
}

const warned = async (facts: readonly NewFact[]) => {
  await expect.poll(() => facts.some((fact) => fact.type === "warning" && fact.code === "url_not_followed")).toBe(true);
};

it("a tunnel that moves after the promotion does not change the webhook", async () => {
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

it("a rollback of a promotion, made while the webhook could not follow the tunnel, restores the state before both URLs", async () => {
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
