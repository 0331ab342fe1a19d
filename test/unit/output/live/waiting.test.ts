import { expect, it } from "vitest";
import { collectGarbage } from "../../../support/garbage.ts";
import { AT, delivery, payload, startRenderer } from "../samples.ts";

it("neither the body nor the payload of a delivery is kept until its answer is known", async () => {
  const { renderer, stdout } = startRenderer();
  const arrive = () => {
    const arrived = delivery(payload("order.filled", { id: "ord_1", pad: "x".repeat(100_000) }));
    renderer.fact({ type: "delivery", at: AT, delivery: arrived });
    return [new WeakRef(arrived.body), new WeakRef(arrived.payload)];
  };
  const parts = arrive();
  // A WeakRef keeps its target until the end of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect(parts.map((part) => part.deref())).toEqual([undefined, undefined]);
  renderer.fact({ type: "answer", at: AT, deliveryId: "dlv_1", status: 200, durationMs: 4 });
  expect(stdout.text()).toContain("ord_1");
});
