import type { NewFact } from "../../core/facts.ts";
import type { FactListener } from "../../delivery/bus.ts";

/** An app that refuses this many deliveries in a row refuses them for a common reason. */
const ENOUGH = 2;
/** Beyond this number of pending responses, older ones are ignored. */
const MAX_AWAITED = 1_000;

/**
 * Detects an app that answers 401 or 403 to every delivery with a valid signature: it verifies with another secret,
 * or not over the exact bytes. Publishes that once; a single delivery that the app does not refuse ends the check.
 */
export function watchForRefusedSignatures(
  publish: (fact: NewFact) => void,
  webhookId: () => string | null,
): FactListener {
  const awaited = new Set<string>();
  let refused = 0;
  let isSettled = false;
  return (fact) => {
    if (isSettled) return;
    if (fact.type === "delivery" && fact.delivery.verification.verdict === "verified") {
      if (awaited.size < MAX_AWAITED) awaited.add(fact.delivery.id);
    }
    if (fact.type !== "forward" || fact.status === undefined || fact.cause !== "live") return;
    if (!awaited.delete(fact.deliveryId)) return;
    refused += 1;
    isSettled = fact.status !== 401 && fact.status !== 403;
    if (isSettled || refused < ENOUGH) return;
    isSettled = true;
    const id = webhookId();
    const secret = id === null ? "the secret configured here" : `the secret of webhook ${id}`;
    publish({
      type: "warning",
      code: "signatures_refused",
      message: `your app rejects valid signatures: it answered ${fact.status} to deliveries that were signed with ${secret}`,
      hint:
        "Set this secret in your app (print it with bluum-hooks listen --print-secret; BLUUM_WEBHOOK_SECRET overrides it), " +
        "and verify the raw body before it is parsed.",
    });
  };
}
