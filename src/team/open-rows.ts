import { AppError } from "../core/errors.ts";
import type { LogRow, TeamLog } from "./log.ts";
import { decodeRecord, type TeamRecord } from "./record.ts";
import { unseal, type TeamKey } from "./seal.ts";

/** A delivery of the log, with its content. */
export interface OpenedRow {
  readonly seq: number;
  readonly id: string;
  readonly record: TeamRecord;
}

/**
 * Opens the rows after a number. Throws `team_log_damaged` for a gap, and for a row that cannot be opened: nothing
 * after it may be read, because it would be skipped for good.
 */
export function openRows(
  rows: readonly LogRow[],
  { after, key, log }: { readonly after: number; readonly key: TeamKey; readonly log: TeamLog["invite"] },
): OpenedRow[] {
  return rows.map(({ seq, id, keyId, sealed }, at) => {
    const expected = after + 1 + at;
    if (seq !== expected) throw damaged(log.name, expected, `it is missing; the next one is ${seq}`);
    if (keyId !== key.id) throw damaged(log.name, seq, `it was sealed with the key ${keyId}, not ${key.id}`);
    try {
      return { seq, id, record: decodeRecord(unseal(sealed, key, { log: log.log, id })) };
    } catch (error) {
      throw damaged(log.name, seq, `it cannot be opened (${error instanceof Error ? error.message : String(error)})`);
    }
  });
}

function damaged(name: string, seq: number, why: string): AppError {
  return new AppError("team_log_damaged", `delivery ${seq} of the team log ${name} is damaged: ${why}`, {
    hint: "Restore the database from a backup, or create the log again: team leave --delete, then team init.",
  });
}
