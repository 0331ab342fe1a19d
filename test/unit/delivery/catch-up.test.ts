import { expect, it } from "vitest";
import type { ForwardAttempt, ForwardCause } from "../../../src/core/exchange.ts";
import type { Forwardable } from "../../../src/delivery/forwarder.ts";
import { openCatchUp } from "../../../src/delivery/catch-up.ts";
import { openStore } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery, VERIFIED } from "../store/support.ts";

it("deliveries refused in the same turn in which the app becomes reachable are sent as well", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const old = makeDelivery({ id: "dlv_old", resourceId: "ord_1" });
  await store.append(old, VERIFIED, "sandbox");
  const sent: string[] = [];
  const attempt = ({ id }: Pick<Forwardable, "id">, cause: ForwardCause, isTaken: boolean): ForwardAttempt => ({
    deliveryId: id,
    cause,
    url: "http://localhost:3000/",
    outcome: isTaken
      ? { kind: "answered", status: 200, headers: [], body: Buffer.alloc(0), bodyBytes: 0, startedAt: 1, durationMs: 1 }
      : { kind: "failed", reason: "refused", message: "nobody", startedAt: 1, durationMs: 1 },
  });
  const take = async (delivery: Forwardable, cause: ForwardCause) => {
    sent.push(delivery.id);
    const made = attempt(delivery, cause, true);
    if (cause !== "live") store.recordForward(made);
    return made;
  };
  await using catchUp = await openCatchUp(
    { environment: "sandbox", missed: { sinceMs: 0 }, onlyVerified: false },
    {
      forward: take,
      refuse: (delivery, cause) => attempt(delivery, cause, false),
      async forwardLater(_resourceId, fetch, cause) {
        const delivery = await fetch();
        return delivery && take(delivery, cause);
      },
    },
    store,
    new Set(),
  );
  catchUp.begin();
  catchUp.found(false);
  await new Promise((resolve) => setImmediate(resolve));

  const live = makeDelivery({ id: "dlv_live", resourceId: "ord_1" });
  const refused = catchUp.forward(live, async () => undefined);
  catchUp.found(true);
  // As for a real delivery: it is stored one turn after the app was called.
  await new Promise((resolve) => setImmediate(resolve));
  await store.accept(live, VERIFIED, "sandbox");
  store.recordForward(await refused);
  await expect.poll(() => sent).toEqual(["dlv_old", "dlv_live"]);
});
