import { readDelivery, type Delivery, type HeaderPair, type Verification } from "../../../src/core/delivery.ts";
import { newId } from "../../../src/platform/ids.ts";

export const VERIFIED: Verification = { verdict: "verified", scheme: "hex", header: "x-bluum-signature" };

/** A delivery of `order.filled` for one order by default. Equal event ids are the same event. */
export function makeDelivery(
  given: {
    id?: string;
    eventId?: string;
    event?: string | null;
    resourceId?: string;
    receivedAt?: number;
    headers?: HeaderPair[];
    body?: Buffer;
  } = {},
): Delivery {
  const id = given.id ?? newId("dlv");
  const body = {
    id: given.eventId ?? id,
    event: given.event ?? "order.filled",
    data: { id: given.resourceId ?? "ord_1" },
  };
  if (given.event === null) Reflect.deleteProperty(body, "event");
  return readDelivery(id, {
    method: "POST",
    path: "/webhooks/bluum",
    headers: given.headers ?? [["Content-Type", "application/json"]],
    body: given.body ?? Buffer.from(JSON.stringify(body)),
    receivedAt: given.receivedAt ?? 1_795_000_000_000,
  });
}
