import { lstatSync, readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Waits } from "../../platform/waits.ts";
import type { WhileBusy } from "../busy.ts";
import type { UnverifiedUse } from "../unverified.ts";
import { setSegmentAside, type DamagedSegment } from "./aside.ts";
import type { Indexer } from "./indexer.ts";
import { readSegmentName, type LockSlot } from "./slots.ts";

/** The result of indexing the logs of killed processes. */
export interface Leftovers {
  /** Segments that could not be read completely, under their new names. */
  readonly damaged: readonly DamagedSegment[];
  /** State of the quota for unverified deliveries after each step that added some. */
  readonly unverified: readonly UnverifiedUse[];
  /** Why some segments were left for a later try. */
  readonly failure: unknown;
}

export interface LeftoverOptions {
  readonly folder: string;
  readonly lockSlot: LockSlot;
  readonly openIndexer: () => Indexer;
  readonly whileBusy: WhileBusy;
  readonly waits: Waits;
  /** Aborts with its reason; what was indexed by then stays. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Indexes the logs of killed processes and deletes them. Logs of living processes are left alone. Never throws: what
 * cannot be indexed now stays for the next process that opens the store.
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
        // Later segments refer to deliveries in earlier ones.
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
  // Its process may have deleted it meanwhile.
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
