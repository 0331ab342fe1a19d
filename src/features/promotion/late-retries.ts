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
      : ` In the last ${RETRIED_FOR_HOURS} hours ${refused} ${refused === 1 ? "delivery of" : "deliveries of"} ${environment} had no 2xx response here.`;
  return (
    `Bluum retries a failed delivery up to five times, about ${RETRY_SCHEDULE} ` +
    "after the failure, and then keeps it in a dead-letter queue that its support can replay. Bluum does not document " +
    "whether retries go to the old URL or the new one, " +
    "so the new endpoint may also receive events of the last hours, some of them twice." +
    known
  );
}
