import { expect, it } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import { json, scriptedApi } from "../unit/bluum/scripted-api.ts";

it("a client never exceeds its rate limit in any second", async () => {
  const calls = 7;
  await using api = await scriptedApi(...Array.from({ length: calls }, () => json(200, [])));
  const client = api.client({ requestsPerSecond: 3 });
  await client.listEventTypes();
  // Late in the first second, when a limit in fixed seconds would allow twice the rate.
  await systemClock.sleep(700);
  await Promise.all(Array.from({ length: calls - 1 }, () => client.listEventTypes()));
  const times = api.seen.map(({ at }) => at).toSorted((a, b) => a - b);
  // Each request and the fourth one after it are a second apart; timers, the loopback and a busy machine may blur
  // that.
  const gaps = times.slice(3).map((at, index) => at - (times[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(600);
});
