import { expect, it } from "vitest";
import { followFeed, type FeedSource } from "../../../src/delivery/follow-feed.ts";

it("a reader learns how many deliveries are no longer in the store, separately from the entries", async () => {
  const subject = { id: "dlv_1", seq: 1, event: null, resourceId: null, receivedAt: 1 };
  const answer = { status: 200, durationMs: 2 };
  const pages = [
    { entries: [{ type: "answer", place: 2, answer, subject } as const], missing: 0 },
    { entries: [], missing: 3 },
  ];
  const feed: FeedSource = { next: async () => pages.shift() };
  const seen: unknown[] = [];
  await followFeed(feed, { onFact: (fact) => seen.push(fact), onMissing: (count) => seen.push(count) });
  expect(seen).toEqual([{ type: "answer", at: 3, deliveryId: "dlv_1", ...answer }, 3]);
});
