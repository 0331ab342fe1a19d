import type { NewFact } from "../../core/facts.ts";
import type { FactListener } from "../../delivery/bus.ts";

/** An app that refuses so many in a row means what they have in common. */
const ENOUGH = 2;
/** An app that has not answered so many says nothing about their signatures. */
const MAX_AWAITED = 1_000;

/**
 * Looks for an app that answers 401 or 403 to everything whose signature holds here: it verifies with another secret, or not
 * over the bytes as they came. Publishes that once; one delivery that the app does not refuse settles it.
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
    const secret = id === null ? "the secret that is set here" : `the secret of webhook ${id}`;
    publish({
      type: "warning",
      code: "signatures_refused",
      message: `your app refuses signatures that are right: it answers ${fact.status}, and ${secret} signed what it refused`,
      hint:
        "Give your app that secret (bluum-hooks listen --print-secret shows it; BLUUM_WEBHOOK_SECRET overrides it), " +
        "and let it verify the body byte for byte, before any parser.",
    });
  };
}
