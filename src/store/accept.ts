import type { Delivery, Verification } from "../core/delivery.ts";
import type { StoredDelivery } from "./delivery-row.ts";
import type { DeliveryLog } from "./log/delivery-log.ts";

/** A delivery on its way into the store. */
export interface AcceptedDelivery {
  /** Resolves once it is on the disk: from here on it cannot be lost. */
  readonly durable: Promise<void>;
  /**
   * Resolves, after that, once readers find it. Whether the event is new is decided then: `retry` as long as no earlier
   * delivery of it has been answered 2xx, `duplicate` after.
   */
  readonly stored: () => Promise<StoredDelivery>;
  /** Instead of `stored`, so that nothing of it need be kept in memory: `takeDeferred` gives it back. */
  readonly defer: () => void;
}

/** Everything is written out: for each delivery of a burst, spreading objects into one another took longer than writing them. */
export function acceptInto(
  log: Pick<DeliveryLog, "accept">,
  delivery: Delivery,
  verification: Verification,
  environment: string,
  isUnverified: boolean,
): AcceptedDelivery {
  const { cutFrom } = delivery;
  const { id, method, path, headers, body, receivedAt, event, resourceId, timestamp, identity, payload } = delivery;
  const identityKey = identity.key;
  const { durable, indexed, defer } = log.accept({
    id,
    method,
    path,
    headers,
    environment,
    receivedAt,
    event,
    resourceId,
    identityKey,
    verification,
    body,
    unverified: isUnverified || cutFrom !== undefined ? { cutFrom: cutFrom ?? null } : undefined,
  });
  const stored = async (): Promise<StoredDelivery> => {
    const { seq, recurrence } = await indexed();
    return {
      id,
      method,
      path,
      headers,
      body,
      receivedAt,
      event,
      resourceId,
      timestamp,
      identity,
      payload,
      verification,
      recurrence,
      environment,
      seq,
      ...(cutFrom === undefined ? undefined : { cutFrom }),
    };
  };
  return { durable, stored, defer };
}
