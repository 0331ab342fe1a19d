import type { Database } from "./database.ts";
import { prepareDeletion } from "./deletion.ts";

/** How much is kept of what strangers may have sent; the oldest goes first. */
export interface UnverifiedQuota {
  readonly deliveries: number;
  /** Of bodies, headers and paths. */
  readonly bytes: number;
}

export const UNVERIFIED_QUOTA: UnverifiedQuota = { deliveries: 2_000, bytes: 20 * 1024 * 1024 };
/** How full the quota is left, so that not every delivery that follows deletes another. */
const LEFT = 0.9;

/** How the quota stands after some were added. */
export interface UnverifiedUse {
  /** Bytes of the bodies that were added. */
  readonly addedBytes: number;
  /** How many deliveries had to go. */
  readonly deleted: number;
  /** Those that are there. */
  readonly deliveries: number;
  readonly bytes: number;
}

/** How it stands after both, the second being the later one. */
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
  /** Deletes the oldest ones beyond the quota. */
  evict(): Omit<UnverifiedUse, "addedBytes">;
}

/** Deliveries without a valid signature are counted apart. To be used within a transaction. */
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
