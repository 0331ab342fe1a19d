import { expect, it } from "vitest";
import { commandOf } from "./published/call.ts";
import { differences } from "./published/compare.ts";
import { CURRENT_JOURNEY } from "./published/current.ts";

it("a command is written as the guide writes it", () => {
  const call = CURRENT_JOURNEY.find(({ does }) => does === "withdraws to the linked bank");
  expect(call && commandOf(call)).toBe(`curl -X POST "$BASE_URL/investors/$INVESTOR_ID/withdrawals" \\
  -H "Authorization: Basic $AUTH" \\
  -H "Content-Type: application/json" \\
  -H "Idempotency-Key: wd-$(uuidgen)" \\
  -d '{
  "amount": "1000.00",
  "currency": "USD",
  "method": "ach",
  "description": "Withdrawal to checking account",
  "funding_source_id": "'"$FUNDING_SOURCE_ID"'"
}'`);
});

const PUBLISHED = {
  id: "ord_x9y8",
  object: "order",
  created: 1747776000,
  status: "pending",
  quantity: "10",
  average_price: "0.00",
  submitted_at: "2026-07-01T14:30:00Z",
  filled_at: "2026-07-01T14:30:00Z",
  details: { owner: "3d0b0e65-35d3-4dcd-8df7-10286ebb4b4b" },
  list: [{ side: "buy" }],
};
const SAME = {
  ...PUBLISHED,
  id: "ord_other",
  created: 1,
  submitted_at: "2030-01-01T00:00:00.123Z",
  filled_at: null,
  details: { owner: "00000000-0000-4000-8000-000000000001", more: true },
  list: [{ side: "buy" }, { side: "buy", more: true }],
  more: true,
};

it("an answer with the published fields in the published forms has no difference", () => {
  expect(differences(PUBLISHED, SAME, { quantity: "10" })).toEqual([]);
});

it.each([
  ["a missing field", { id: undefined }, "answer.id is undefined: must be a string"],
  ["an id of another kind", { id: "dep_1" }, 'answer.id is "dep_1": must begin with ord_'],
  ["another status", { status: "accepted" }, 'answer.status is "accepted": must be "pending"'],
  ["a time that is a number", { created: "1747776000" }, 'answer.created is "1747776000": must be a number'],
  ["another value than was sent", { quantity: "5" }, 'answer.quantity is "5": must be "10"'],
  ["null instead of zero", { average_price: null }, "answer.average_price is null: must be a string"],
  ["a time without a zone", { submitted_at: "2026-07-01 14:30" }, "must be an ISO time"],
  ["an owner that is no UUID", { details: { owner: "inv_1" } }, 'answer.details.owner is "inv_1": must be a UUID'],
  ["another item", { list: [{ side: "buy" }, { side: "sell" }] }, 'answer.list[1].side is "sell": must be "buy"'],
  ["an empty list", { list: [] }, "answer.list is empty"],
  ["no list", { list: {} }, "answer.list is no list"],
])("%s is a difference", (_name, change, difference) => {
  const found = differences(PUBLISHED, { ...SAME, ...change }, { quantity: "10" });
  expect(found).toEqual([expect.stringContaining(difference)]);
});
