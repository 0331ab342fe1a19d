import { expect, it } from "vitest";
import type { Fact, NewFact } from "../../../../src/core/facts.ts";
import { watchForRefusedSignatures } from "../../../../src/features/listen/refused-signatures.ts";
import { AT, delivery, FILLED, forwarded } from "../../output/samples.ts";

/** What is published when the app answers deliveries with these verdicts in this way. */
function published(exchanges: readonly (readonly [verdict: "verified" | "mismatch", status: number | string])[]) {
  const facts: NewFact[] = [];
  const listener = watchForRefusedSignatures(
    (fact) => facts.push(fact),
    () => "wh_1",
  );
  exchanges.forEach(([verdict, end], index) => {
    const id = `dlv_${index}`;
    const arrived: Fact = { type: "delivery", at: AT, delivery: delivery(FILLED, { id, verification: { verdict } }) };
    listener(arrived);
    listener({ ...forwarded(end), deliveryId: id });
  });
  return facts;
}

it.each([401, 403])("an app that answers %i to every valid signature is reported once, with the secret", (status) => {
  const facts = published([
    ["verified", status],
    ["verified", status],
    ["verified", status],
  ]);
  expect(facts).toEqual([
    {
      type: "warning",
      code: "signatures_refused",
      message: expect.stringMatching(new RegExp(`rejects valid signatures: it answered ${status} .* webhook wh_1`)),
      hint: expect.stringContaining("listen --print-secret"),
    },
  ]);
});

it.each<[string, Parameters<typeof published>[0]]>([
  [
    "refuses bad signatures only",
    [
      ["mismatch", 401],
      ["mismatch", 401],
      ["verified", 200],
    ],
  ],
  [
    "has accepted one before",
    [
      ["verified", 200],
      ["verified", 401],
      ["verified", 401],
    ],
  ],
  ["refuses one alone", [["verified", 401]]],
  [
    "fails otherwise",
    [
      ["verified", 500],
      ["verified", 401],
      ["verified", 401],
    ],
  ],
  [
    "does not answer",
    [
      ["verified", "connection refused"],
      ["verified", "connection refused"],
    ],
  ],
])("nothing is reported for an app that %s", (_what, exchanges) => {
  expect(published(exchanges)).toEqual([]);
});
