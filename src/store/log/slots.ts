import { createHash } from "node:crypto";
import { newId } from "../../platform/ids.ts";
import type { Lock } from "../locks.ts";

/** Takes the lock of a slot; undefined if a living process has it. */
export type LockSlot = (slot: number) => Promise<Lock | undefined>;

/** A log that is this process's own, for as long as it holds the lock of its slot. */
export interface ClaimedSlot {
  readonly name: string;
  readonly lock: Lock;
}

/**
 * Claims the first free slot. Slots are few, so that the files of their locks are few; the name of a log is never used
 * again, so that how far one was read is never mistaken for how far another was.
 */
export async function claimSlot(lockSlot: LockSlot): Promise<ClaimedSlot> {
  for (let slot = 0; ; slot += 1) {
    const lock = await lockSlot(slot);
    if (lock !== undefined) return { name: newId(String(slot)), lock };
  }
}

/** The name of a segment of a log: `0_k3x9….2.log` is the second of a log in slot 0. */
export function segmentName(log: string, number: number): string {
  return `${log}.${number}.log`;
}

/** Undefined for a file that is no segment. Segments of early versions have no `.log`. */
export function readSegmentName(file: string): { readonly slot: number; readonly number: number } | undefined {
  const [, slot, number] = /^(\d+)_[a-z0-9]+\.(\d+)(\.log)?$/.exec(file) ?? [];
  return slot === undefined ? undefined : { slot: Number(slot), number: Number(number) };
}

const MARKER_BYTES = 8;

/**
 * What each record of a segment begins with, so that the next one is found behind damage. It follows from the name, which
 * is random: the sender of a delivery cannot know it, and cannot hide a record of his own in a body. Early versions wrote
 * none.
 */
export function markerOf(name: string): Buffer {
  return name.endsWith(".log") ? createHash("sha256").update(name).digest().subarray(0, MARKER_BYTES) : Buffer.alloc(0);
}
