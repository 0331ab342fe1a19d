import { isAcknowledged } from "../../core/delivery.ts";
import { RETRY_PERIOD_MS, RETRY_SCHEDULE } from "../../core/delivery-policy.ts";
import type { Store } from "../../store/store.ts";

export const RETRIED_FOR_HOURS = Math.ceil(RETRY_PERIOD_MS / 3_600_000);
const PAGE = 500;

/** How many deliveries of an environment were not answered 2xx here and may still be retried by Bluum. */
export async function countRefused(store: Pick<Store, "list">, environment: string, now: number): Promise<number> {
  const sinceMs = now - RETRIED_FOR_HOURS * 3_600_000;
  let refused = 0;
  for (let afterSeq = 0; ;) {
    const page = await store.list({ environment, sinceMs, afterSeq, limit: PAGE });
    refused += page.filter(({ answer }) => answer !== undefined && !isAcknowledged(answer)).length;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return refused;
    afterSeq = last.seq;
  }
}

/** What happens to deliveries that failed before a webhook got another URL, as far as Bluum documents it. */
export function explainRetries(environment: string, refused: number): string {
  const known =
    refused === 0
      ? ""
      : ` In the last ${RETRIED_FOR_HOURS} hours ${refused} ${refused === 1 ? "delivery" : "deliveries"} of ${environment} got no 2xx here.`;
  return (
    `What failed before is tried again: Bluum repeats a delivery up to five times, about ${RETRY_SCHEDULE} ` +
    "after a failure, and then keeps it in a dead-letter queue that its support can replay. Bluum does not say whether " +
    "that goes to the URL of then or of now, " +
    "so events of the last hours may still come, to the new endpoint too, and some of them twice." +
    known
  );
}
