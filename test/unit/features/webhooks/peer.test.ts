import { describe, expect, it } from "vitest";
import type { Probe } from "../../../../src/platform/probe.ts";
import { askPeer, PeerResponder } from "../../../../src/features/webhooks/peer.ts";

const URL_OF_A = "https://a.example/hooks";
const WEBHOOK = { id: "wh_k3x9", createdAt: "2026-11-30T10:00:00.123Z", url: URL_OF_A };
const STATE = { name: "w", url: "https://app.example/", events: null, status: "ACTIVE", description: null };
const SESSION = { who: "dev@host", since: 1, restoresTo: STATE };

/** A listener that has the webhook, and the requests that it received. */
function listener() {
  let now = 1_000_000_000;
  const clock = { now: () => now };
  const door = new PeerResponder(clock);
  door.open({ webhook: WEBHOOK, urls: () => [URL_OF_A], session: () => SESSION });
  const questions: Record<string, string>[] = [];
  const probe: Probe = async (_url, _signal, request) => {
    questions.push({ ...request?.headers });
    const text = door.answer(request?.headers ?? {});
    return {
      kind: "answered",
      headers: {},
      ...(text === undefined ? { status: 405, text: "" } : { status: 200, text }),
    };
  };
  return { door, clock, probe, questions, pass: (ms: number) => void (now += ms) };
}

describe("a listener", () => {
  it("answers a client that knows what only the API returns about the webhook", async () => {
    const { probe, clock } = listener();
    expect(await askPeer(WEBHOOK, { probe, clock })).toEqual(SESSION);
    // Another version of the API returns whole seconds.
    const other = { ...WEBHOOK, createdAt: "2026-11-30T10:00:00.000Z" };
    expect(await askPeer(other, { probe, clock })).toEqual(SESSION);
  });

  it.each([
    ["the id", { id: "wh_other" }],
    ["when it was created", { createdAt: "2026-11-30T10:00:01Z" }],
  ])("does not answer a client that does not know %s", async (_what, wrong) => {
    const { probe, clock } = listener();
    expect(await askPeer({ ...WEBHOOK, ...wrong }, { probe, clock })).toBeUndefined();
  });

  it("does not answer a question for another URL", async () => {
    const { probe, clock } = listener();
    expect(await askPeer({ ...WEBHOOK, url: "https://b.example/hooks" }, { probe, clock })).toBeUndefined();
  });

  it("does not answer a question twice, nor an old one", async () => {
    const { door, probe, clock, questions, pass } = listener();
    await askPeer(WEBHOOK, { probe, clock });
    expect(door.answer(questions[0]!)).toBeUndefined();
    await askPeer(WEBHOOK, { probe: async (...args) => (await probe(...args), { kind: "failed", reason: "" }), clock });
    const fresh = new PeerResponder(clock);
    fresh.open({ webhook: WEBHOOK, urls: () => [URL_OF_A], session: () => SESSION });
    pass(11 * 60_000);
    expect(fresh.answer(questions[1]!)).toBeUndefined();
  });

  it("does not answer before it has a webhook", () => {
    expect(new PeerResponder({ now: () => 0 }).answer({ "bluum-hooks-peer": "1 0 n p" })).toBeUndefined();
  });
});

describe("an answer", () => {
  it.each([
    ["is no proof without the key", `${"0".repeat(64)}\n${JSON.stringify(SESSION)}`],
    ["may be anything", "<html>"],
    ["may be empty", ""],
  ])("%s", async (_what, text) => {
    const { clock } = listener();
    const probe: Probe = async () => ({ kind: "answered", status: 200, headers: {}, text });
    expect(await askPeer(WEBHOOK, { probe, clock })).toBeUndefined();
  });

  it("may be missing, or the URL invalid", async () => {
    const { clock } = listener();
    const probe: Probe = async () => {
      throw new Error("timed out");
    };
    expect(await askPeer(WEBHOOK, { probe, clock })).toBeUndefined();
    expect(await askPeer({ ...WEBHOOK, url: "nowhere" }, { probe, clock })).toBeUndefined();
    expect(await askPeer({ ...WEBHOOK, url: "ftp://a.example/" }, { probe, clock })).toBeUndefined();
  });
});
