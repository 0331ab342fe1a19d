import type { Database } from "./database.ts";
import { prepareDeletion } from "./prune.ts";

/** How much is kept of unverified deliveries; the oldest are deleted first. */
export interface UnverifiedQuota {
  readonly deliveries: number;
  /** Size of bodies, headers and paths. */
  readonly bytes: number;
}

export const UNVERIFIED_QUOTA: UnverifiedQuota = { deliveries: 2_000, bytes: 20 * 1024 * 1024 };
/** The share of the quota that stays used after a deletion, so that not every new delivery causes another. */
const LEFT = 0.9;

/** State of the quota after deliveries were added. */
export interface UnverifiedUse {
  /** Size of the added bodies. */
  readonly addedBytes: number;
  /** How many deliveries were deleted. */
  readonly deleted: number;
  /** How many deliveries are stored. */
  readonly deliveries: number;
  readonly bytes: number;
}

/** Combines two states; the second is the later one. */
export function addUses(one: UnverifiedUse | undefined, other: UnverifiedUse | undefined): UnverifiedUse | undefined {
  if (one === undefined || other === undefined) return other ?? one;
  return {
    ...other,
    addedBytes: one.addedBytes + other.addedBytes,
    deleted: one.deleted + other.deleted,
  };
}

export interface Unverified {
  add(delivery: { readonly seq: number; readonly bytes: number; readonly cutFrom: number | null }): void;
  /** Deletes the oldest deliveries beyond the quota. */
  evict(): Omit<UnverifiedUse, "addedBytes">;
}

/** Deliveries without a valid signature are counted separately. Use it within a transaction. */
export function prepareUnverified(database: Database, quota = UNVERIFIED_QUOTA): Unverified {
  const insert = database.prepare("INSERT INTO unverified (seq, bytes, cut_from) VALUES (?, ?, ?)");
  const sum = database.prepare("SELECT count(*) AS count, total(bytes) AS bytes FROM unverified");
  const oldest = database.prepare("SELECT seq, bytes FROM unverified ORDER BY seq LIMIT ?");
  const deletion = prepareDeletion(database);

  const use = () => {
    const row = sum.get([]);
    return { deliveries: Number(row?.["count"]), bytes: Number(row?.["bytes"]) };
  };
  return {
    add: ({ seq, bytes, cutFrom }) => void insert.run([seq, bytes, cutFrom]),
    evict() {
      const before = use();
      if (before.deliveries <= quota.deliveries && before.bytes <= quota.bytes) return { ...before, deleted: 0 };
      let { deliveries, bytes } = before;
      const seqs: number[] = [];
      for (const row of oldest.all([before.deliveries])) {
        if (deliveries <= quota.deliveries * LEFT && bytes <= quota.bytes * LEFT) break;
        seqs.push(Number(row["seq"]));
        deliveries -= 1;
        bytes -= Number(row["bytes"]);
      }
      deletion.deleteSome(seqs);
      return { deliveries, bytes, deleted: seqs.length };
    },
  };
}
