import { describe, expect, it } from "vitest";
import type { Recurrence, Verdict } from "../../../../src/core/delivery.ts";
import type { ExchangeOutcome } from "../../../../src/core/exchange.ts";
import { type Observation, unmet } from "../../../../src/features/recipes/expectations.ts";

const delivery = (
  kind: Recurrence["kind"] = "first",
  verdict: Verdict = "verified",
): Observation["deliveries"][number] => ({
  recurrence: { kind, attempt: 1 },
  verification: { verdict },
});
const answer = (status: number, durationMs = 5): ExchangeOutcome => ({
  kind: "answered",
  status,
  headers: [],
  body: Buffer.alloc(0),
  bodyBytes: 0,
  startedAt: 0,
  durationMs,
});
const silence: ExchangeOutcome = {
  kind: "failed",
  reason: "refused",
  message: "connection refused",
  startedAt: 0,
  durationMs: 1,
};
const saw = (deliveries: Observation["deliveries"], answers: ExchangeOutcome[] = []) => ({ deliveries, answers });

describe("an expectation", () => {
  it("is met when all its conditions are", () => {
    const observation = saw([delivery(), delivery("duplicate"), delivery("retry")], [answer(200), answer(204)]);
    const conditions = {
      status: "2xx",
      withinMs: 5,
      deliveries: 3,
      distinct: 1,
      duplicates: 2,
      verdict: "verified",
    } as const;
    expect(unmet(conditions, observation)).toBeUndefined();
    expect(unmet({}, saw([]))).toBeUndefined();
    expect(unmet({ deliveries: 0 }, saw([]))).toBeUndefined();
  });

  it.each([
    [{ deliveries: 2 }, saw([]), "no delivery arrived, 2 expected"],
    [{ deliveries: 1 }, saw([delivery(), delivery()]), "2 deliveries arrived, 1 expected"],
    [{ distinct: 2 }, saw([delivery(), delivery("retry")]), "1 distinct event arrived, 2 expected"],
    [{ duplicates: 0 }, saw([delivery(), delivery("duplicate")]), "1 duplicate arrived, 0 expected"],
    [{ verdict: "verified" }, saw([delivery(), delivery("first", "stale")]), "a signature is stale, verified expected"],
    [{ verdict: "unsigned" }, saw([]), "no delivery arrived"],
    [{ status: "2xx" }, saw([delivery()]), "nothing was forwarded to the app: start listen with --forward-to"],
    [{ status: "2xx" }, saw([], [answer(200), answer(401)]), "the app answered 401, 2xx expected"],
    [{ status: "201" }, saw([], [answer(200)]), "the app answered 200, 201 expected"],
    [{ status: "any" }, saw([], [silence]), "the app did not answer: connection refused"],
    [{ withinMs: 10 }, saw([], [answer(200, 10.2)]), "the app answered after 11 ms, at most 10 ms expected"],
  ] as const)("%j is not met: %o", (conditions, observation, message) => {
    expect(unmet(conditions, observation)).toContain(message);
  });
});
