import { setImmediate as nextTurn } from "node:timers/promises";
import type { WhileBusy } from "./busy.ts";
import type { Database } from "./driver.ts";
import { inTransaction } from "./transaction.ts";

const ROWS_AT_ONCE = 200;

/**
 * Deletes what was received before the time (Unix milliseconds), oldest first, and returns how many deliveries that
 * were. In small transactions, so that a listener goes on meanwhile. An event is known as long as any delivery of it is
 * in the store, and whether it was acknowledged outlives the delivery that was. Without an environment: of all.
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
  const chosen = "(SELECT value FROM json_each(?1))";
  const keepAcknowledged = database.prepare(`
    UPDATE identities SET acknowledged = 1 WHERE acknowledged = 0 AND (environment, key) IN (
      SELECT environment, identity FROM deliveries JOIN answers USING (seq)
      WHERE seq IN ${chosen} AND status BETWEEN 200 AND 299
    )
  `);
  const forget = database.prepare(`
    DELETE FROM identities WHERE last_received_at < ?2 AND (environment, key) IN (
      SELECT environment, identity FROM deliveries WHERE seq IN ${chosen}
    )
  `);
  const dropAnswers = database.prepare(`DELETE FROM answers WHERE seq IN ${chosen}`);
  const dropForwards = database.prepare(`DELETE FROM forwards WHERE delivery_seq IN ${chosen}`);
  const dropDeliveries = database.prepare(`DELETE FROM deliveries WHERE seq IN ${chosen}`);

  for (let total = 0; ; await nextTurn()) {
    const count = await whileBusy(() =>
      inTransaction(database, () => {
        const rows = choose.all([beforeMs, environment ?? null, ROWS_AT_ONCE]);
        const seqs = JSON.stringify(rows.map((row) => row["seq"]));
        keepAcknowledged.run([seqs]);
        forget.run([seqs, beforeMs]);
        dropAnswers.run([seqs]);
        dropForwards.run([seqs]);
        dropDeliveries.run([seqs]);
        return rows.length;
      }),
    );
    total += count;
    if (count < ROWS_AT_ONCE) return total;
  }
}
