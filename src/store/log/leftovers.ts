import { lstatSync, readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Waits } from "../../platform/waits.ts";
import type { WhileBusy } from "../busy.ts";
import type { UnverifiedUse } from "../unverified.ts";
import { setSegmentAside, type DamagedSegment } from "./aside.ts";
import type { Indexer } from "./indexer.ts";
import { readSegmentName, type LockSlot } from "./slots.ts";

/** What became of the logs that killed processes have left. */
export interface Leftovers {
  /** Those that could not be read whole, and are kept under another name. */
  readonly damaged: readonly DamagedSegment[];
  /** How the quota of what is not verified stood after each step that added some of that. */
  readonly unverified: readonly UnverifiedUse[];
  /** Why some were left where they are, to be tried again. */
  readonly failure: unknown;
}

export interface LeftoverOptions {
  readonly folder: string;
  readonly lockSlot: LockSlot;
  readonly openIndexer: () => Indexer;
  readonly whileBusy: WhileBusy;
  readonly waits: Waits;
  /** Ends it with its reason; what was brought in by then stays so. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Brings into the tables what processes that were killed have left in their logs, and removes those. Logs of living
 * processes are left to them. Never throws: what cannot be brought in now stays, for the next process that opens the store.
 */
export async function indexLeftovers(options: LeftoverOptions): Promise<Leftovers> {
  const { folder, lockSlot, openIndexer, signal } = options;
  const damaged: DamagedSegment[] = [];
  const unverified: UnverifiedUse[] = [];
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
          damaged.push(...(await drain(indexer, file, options, (use) => unverified.push(use))));
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
  signal?.throwIfAborted();
  return { damaged, unverified, failure };
}

async function drain(
  indexer: Indexer,
  name: string,
  { folder, whileBusy, waits, signal }: LeftoverOptions,
  onUnverified: (use: UnverifiedUse) => void,
): Promise<DamagedSegment[]> {
  const file = join(folder, name);
  const found = lstatSync(file, { throwIfNoEntry: false });
  // Its process may have tidied up meanwhile.
  if (found === undefined) return [];
  if (!found.isFile()) return [setSegmentAside(folder, name, undefined)];
  using _wait = waits.begin("the deliveries that an earlier session has left in its log");
  for (let at = 0; at < found.size; await nextTurn()) {
    signal?.throwIfAborted();
    const step = await whileBusy(() => indexer.step(name, { end: found.size, isPadded: true }));
    if (step.unverified !== undefined) onUnverified(step.unverified);
    at = step.position;
  }
  const unreadable = await whileBusy(() => indexer.seal(name));
  const damaged = unreadable.records > 0 ? [setSegmentAside(folder, name, unreadable)] : [];
  if (damaged.length === 0) unlinkSync(file);
  await whileBusy(() => indexer.forget(name));
  return damaged;
}
