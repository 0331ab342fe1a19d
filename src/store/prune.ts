import { setImmediate as nextTurn } from "node:timers/promises";
import type { WhileBusy } from "./busy.ts";
import { prepareDeletion } from "./deletion.ts";
import type { Database } from "./database.ts";
import { inTransaction } from "./transaction.ts";

const ROWS_AT_ONCE = 200;

/**
 * Deletes deliveries received before the time (Unix milliseconds), oldest first, and returns their number. It uses
 * small transactions, so that a listener can continue. An event stays known while any delivery of it is stored, and
 * its acknowledgement outlives the acknowledged delivery. Without an environment, it applies to all.
 */
export async function pruneDeliveries(
  database: Database,
  whileBusy: WhileBusy,
  { beforeMs, environment }: { readonly beforeMs: number; readonly environment?: string | undefined },
): Promise<number> {
  const choose = database.prepare(`
    SELECT seq FROM deliveries WHERE received_at < ?1 AND (?2 IS NULL OR environment = ?2)
    ORDER BY received_at, seq LIMIT ?3
  `);
  const deletion = prepareDeletion(database);

  for (let total = 0; ; await nextTurn()) {
    const count = await whileBusy(() =>
      inTransaction(database, () => {
        const rows = choose.all([beforeMs, environment ?? null, ROWS_AT_ONCE]);
        deletion.deleteOld(
          rows.map((row) => Number(row["seq"])),
          beforeMs,
        );
        return rows.length;
      }),
    );
    total += count;
    if (count < ROWS_AT_ONCE) return total;
  }
}
