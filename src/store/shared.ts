import type { Database } from "./database.ts";
import type { SharedDelivery } from "./log/record.ts";

/** Prepares the statement that records how a team shares a delivery. Use it within a transaction. */
export function prepareShared(database: Database): (seq: number, shared: SharedDelivery) => void {
  const insert = database.prepare(
    "INSERT INTO team_deliveries (seq, log, log_seq, member, due) VALUES (?, ?, ?, ?, ?)",
  );
  return (seq, { log, isDue, origin }) =>
    void insert.run([seq, log, origin?.seq ?? null, origin?.member ?? null, Number(isDue)]);
}
