import { setImmediate as nextTurn } from "node:timers/promises";
import type { WhileBusy } from "./busy.ts";
import { type Database, inTransaction } from "./database.ts";

const ROWS_AT_ONCE = 200;

export interface Pruning {
  /** Unix milliseconds. */
  readonly beforeMs: number;
  /** Absent: all. */
  readonly environment?: string | undefined;
  /** Called with the deliveries of each transaction. */
  readonly onDeleted: (seqs: readonly number[]) => void;
}

/**
 * Deletes deliveries received before the time (Unix milliseconds), oldest first, and returns their number. It uses
 * small transactions, so that a listener can continue. An event stays known while any delivery of it is stored, and
 * its acknowledgement outlives the acknowledged delivery. Without an environment, it applies to all.
 */
export async function pruneDeliveries(
  database: Database,
  whileBusy: WhileBusy,
  { beforeMs, environment, onDeleted }: Pruning,
): Promise<number> {
  const choose = database.prepare(`
    SELECT seq FROM deliveries WHERE received_at < ?1 AND (?2 IS NULL OR environment = ?2)
    ORDER BY received_at, seq LIMIT ?3
  `);
  const deletion = prepareDeletion(database);

  for (let total = 0; ; await nextTurn()) {
    const deleted = await whileBusy(() =>
      inTransaction(database, () => {
        const rows = choose.all([beforeMs, environment ?? null, ROWS_AT_ONCE]);
        const seqs = rows.map((row) => Number(row["seq"]));
        deletion.deleteOld(seqs, beforeMs);
        return seqs;
      }),
    );
    onDeleted(deleted);
    const count = deleted.length;
    total += count;
    if (count < ROWS_AT_ONCE) return total;
  }
}

const CHOSEN = "(SELECT value FROM json_each(?1))";

/**
 * Prepares the deletion of deliveries by `seq`, with all dependent rows. An event stays known while any delivery of
 * it is stored, and its acknowledgement outlives the acknowledged delivery. Use it within a transaction.
 */
export function prepareDeletion(database: Database) {
  const keepAcknowledged = database.prepare(`
    UPDATE identities SET acknowledged = 1 WHERE acknowledged = 0 AND (environment, key) IN (
      SELECT environment, identity FROM deliveries JOIN answers USING (seq)
      WHERE seq IN ${CHOSEN} AND status BETWEEN 200 AND 299
    )
  `);
  const forgetBefore = database.prepare(`
    DELETE FROM identities WHERE last_received_at < ?2 AND (environment, key) IN (
      SELECT environment, identity FROM deliveries WHERE seq IN ${CHOSEN}
    )
  `);
  const lastOf = database.prepare(`
    SELECT environment, identity, max(received_at) AS at FROM deliveries
    WHERE seq IN ${CHOSEN} AND identity IS NOT NULL GROUP BY 1, 2
  `);
  const forgetLast = database.prepare(`
    DELETE FROM identities WHERE environment = ? AND key = ? AND last_received_at <= ?
    AND NOT EXISTS (SELECT 1 FROM deliveries WHERE id = first_id)
  `);
  const drops = [
    `DELETE FROM answers WHERE seq IN ${CHOSEN}`,
    `DELETE FROM forwards WHERE delivery_seq IN ${CHOSEN}`,
    `DELETE FROM unverified WHERE seq IN ${CHOSEN}`,
    `DELETE FROM team_deliveries WHERE seq IN ${CHOSEN}`,
    `DELETE FROM deliveries WHERE seq IN ${CHOSEN}`,
  ].map((sql) => database.prepare(sql));
  const drop = (chosen: string) => {
    for (const statement of drops) statement.run([chosen]);
  };

  return {
    /** Deletes deliveries received before a time (Unix milliseconds); all later ones stay. */
    deleteOld(seqs: readonly number[], beforeMs: number): void {
      const chosen = JSON.stringify(seqs);
      keepAcknowledged.run([chosen]);
      forgetBefore.run([chosen, beforeMs]);
      drop(chosen);
    },
    /** Deletes individual deliveries, while older ones may stay. */
    deleteSome(seqs: readonly number[]): void {
      const chosen = JSON.stringify(seqs);
      keepAcknowledged.run([chosen]);
      const events = lastOf.all([chosen]);
      drop(chosen);
      for (const { environment = null, identity = null, at = null } of events) {
        forgetLast.run([environment, identity, at]);
      }
    },
  };
}
