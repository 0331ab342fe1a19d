import { expect, it } from "vitest";
import type { Answer } from "../../../../src/core/delivery.ts";
import type { NewFact } from "../../../../src/core/facts.ts";
import { watchForSlowAnswers } from "../../../../src/features/listen/slow-answers.ts";
import { AT } from "../../output/samples.ts";

function published(answers: readonly Answer[]) {
  const facts: NewFact[] = [];
  const listener = watchForSlowAnswers((fact) => facts.push(fact));
  for (const answer of answers) listener({ type: "answer", at: AT, deliveryId: "dlv_1", ...answer });
  return facts;
}

// Bluum's example application allows 5 s, its webhook guide 30 s.
it("an answer after more than 5 s is a warning, once", () => {
  const facts = published([
    { status: 200, durationMs: 5_000 },
    { status: 200, durationMs: 6_200 },
    { status: 500, durationMs: 7_000 },
  ]);
  expect(facts).toEqual([
    {
      type: "warning",
      code: "slow_answer",
      message: expect.stringContaining("answered after 6.2 s: the limit is 30 s, and that of") as string,
      hint: expect.stringContaining("Answer as soon as the event is stored") as string,
    },
  ]);
});

it("a sender that stopped waiting is not a slow answer", () => {
  expect(published([{ hungUpAfterMs: 30_000 }])).toEqual([]);
});
