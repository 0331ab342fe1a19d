import { readdirSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { Indexer } from "./indexer.ts";
import { readSegmentName, type LockSlot } from "./slots.ts";

/**
 * Brings into the tables what processes that were killed have left in their logs, and removes those. Logs of living
 * processes are left to them.
 */
export async function indexLeftovers(folder: string, lockSlot: LockSlot, openIndexer: () => Indexer): Promise<void> {
  const segments = readdirSync(folder).flatMap((file) => {
    const name = readSegmentName(file);
    return name === undefined ? [] : [{ file, ...name }];
  });
  if (segments.length === 0) return;
  let indexer: Indexer | undefined;
  try {
    for (const slot of new Set(segments.map((each) => each.slot))) {
      await using lock = await lockSlot(slot);
      if (lock === undefined) continue;
      indexer ??= openIndexer();
      const own = segments.filter((each) => each.slot === slot);
      for (const { file } of own.toSorted((one, other) => one.number - other.number)) drain(indexer, folder, file);
    }
  } finally {
    indexer?.close();
  }
}

function drain(indexer: Indexer, folder: string, name: string): void {
  const file = join(folder, name);
  const end = sizeOf(file);
  if (end === undefined) return;
  for (let at = -1; ;) {
    const { position } = indexer.step(name, end);
    // Where it does not go on there is its end, or the half record of a process that was killed while it wrote.
    if (position === at || position >= end) break;
    at = position;
  }
  indexer.seal(name);
  unlinkSync(file);
  indexer.forget(name);
}

/** Its process may have tidied up meanwhile. */
function sizeOf(file: string): number | undefined {
  try {
    return statSync(file).size;
  } catch {
    return undefined;
  }
}
