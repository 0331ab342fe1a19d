import { expect, it } from "vitest";
import { AppError } from "../../../src/core/errors.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery, VERIFIED } from "./support.ts";

async function storeWith(...ids: string[]): Promise<Store> {
  const store = await openStore({ folder: tempFolder() });
  for (const [index, id] of ids.entries()) {
    await store.append(makeDelivery({ id, receivedAt: 1000 + index }), VERIFIED, "sandbox");
  }
  return store;
}

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable("nothing was refused"),
    (error: unknown) => error as AppError,
  );

it.each([
  ["the whole id", "dlv_abc1", "dlv_abc1"],
  ["the id without its kind", "abc1", "dlv_abc1"],
  ["a unique beginning", "dlv_x", "dlv_xyz"],
  ["a unique beginning without the kind", "x", "dlv_xyz"],
  ["a whole id that others begin with", "dlv_abc", "dlv_abc"],
  ["the newest", "last", "dlv_xyz"],
])("finds a delivery by %s", async (_name, wanted, id) => {
  await using store = await storeWith("dlv_abc", "dlv_abc1", "dlv_abc2", "dlv_xyz");
  expect((await store.find(wanted)).id).toBe(id);
});

it("an ambiguous prefix is refused with the candidates", async () => {
  await using store = await storeWith("dlv_abc1", "dlv_abc2", "dlv_xyz");
  const error = await refusal(store.find("abc"));
  expect(error).toMatchObject({ code: "delivery_not_found", hint: "Use a longer prefix: dlv_abc1, dlv_abc2" });
});

it("only some candidates are named if there are many", async () => {
  await using store = await storeWith(..."abcdefg".split("").map((letter) => `dlv_q${letter}`));
  const error = await refusal(store.find("q"));
  expect(error.hint).toBe("Use a longer prefix: dlv_qa, dlv_qb, dlv_qc, dlv_qd, dlv_qe, …");
});

it.each(["dlv_nothere", "%", "_", "dlv*", "ab'c"])("nothing is found by %j", async (wanted) => {
  await using store = await storeWith("dlv_abc");
  expect(await refusal(store.find(wanted))).toMatchObject({ code: "delivery_not_found" });
});

it("an empty store has no last delivery", async () => {
  await using store = await storeWith();
  expect(await refusal(store.find("last"))).toMatchObject({ code: "delivery_not_found" });
});
