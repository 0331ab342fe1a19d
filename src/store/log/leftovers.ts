import { lstatSync, readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { setSegmentAside, type DamagedSegment } from "./aside.ts";
import type { Indexer } from "./indexer.ts";
import { readSegmentName, type LockSlot } from "./slots.ts";

/** What became of the logs that killed processes have left. */
export interface Leftovers {
  /** Those that could not be read whole, and are kept under another name. */
  readonly damaged: readonly DamagedSegment[];
  /** Why some were left where they are, to be tried again. */
  readonly failure: unknown;
}

/**
 * Brings into the tables what processes that were killed have left in their logs, and removes those. Logs of living
 * processes are left to them. Never throws: what cannot be brought in now stays, for whoever opens the store next.
 */
export async function indexLeftovers(
  folder: string,
  lockSlot: LockSlot,
  openIndexer: () => Indexer,
): Promise<Leftovers> {
  const damaged: DamagedSegment[] = [];
  let indexer: Indexer | undefined;
  let failure: unknown;
  try {
    const segments = readdirSync(folder).flatMap((file) => {
      const name = readSegmentName(file);
      return name === undefined ? [] : [{ file, ...name }];
    });
    for (const slot of new Set(segments.map((each) => each.slot))) {
      await using lock = await lockSlot(slot);
      if (lock === undefined) continue;
      indexer ??= openIndexer();
      const own = segments.filter((each) => each.slot === slot);
      try {
        // The later ones speak of deliveries in the earlier ones.
        for (const { file } of own.toSorted((one, other) => one.number - other.number)) {
          damaged.push(...drain(indexer, folder, file));
        }
      } catch (error) {
        failure ??= error;
      }
    }
  } catch (error) {
    failure ??= error;
  } finally {
    indexer?.close();
  }
  return { damaged, failure };
}

function drain(indexer: Indexer, folder: string, name: string): DamagedSegment[] {
  const file = join(folder, name);
  const found = lstatSync(file, { throwIfNoEntry: false });
  // Its process may have tidied up meanwhile.
  if (found === undefined) return [];
  if (!found.isFile()) return [setSegmentAside(folder, name, undefined)];
  for (let at = 0; at < found.size;) at = indexer.step(name, { end: found.size, isPadded: true }).position;
  const unreadable = indexer.seal(name);
  const damaged = unreadable.records > 0 ? [setSegmentAside(folder, name, unreadable)] : [];
  if (damaged.length === 0) unlinkSync(file);
  indexer.forget(name);
  return damaged;
}
