import { createHash } from "node:crypto";
import { newId } from "../../platform/ids.ts";
import type { Lock } from "../locks.ts";

/** Takes the lock of a slot; undefined if a living process has it. */
export type LockSlot = (slot: number) => Promise<Lock | undefined>;

/** A log that belongs to this process while it holds the lock of its slot. */
export interface ClaimedSlot {
  readonly name: string;
  readonly lock: Lock;
}

/**
 * Claims the first free slot. There are few slots, so that there are few lock files; the name of a log is never
 * reused, so that the read position of one log is never used for another.
 */
export async function claimSlot(lockSlot: LockSlot): Promise<ClaimedSlot> {
  for (let slot = 0; ; slot += 1) {
    const lock = await lockSlot(slot);
    if (lock !== undefined) return { name: newId(String(slot)), lock };
  }
}

/** The name of a segment: `0_k3x9….2.log` is the second of a log in slot 0. */
export function segmentName(log: string, number: number): string {
  return `${log}.${number}.log`;
}

/** Undefined for a file that is not a segment. Segments of early versions have no `.log`. */
export function readSegmentName(file: string): { readonly slot: number; readonly number: number } | undefined {
  const [, slot, number] = /^(\d+)_[a-z0-9]+\.(\d+)(\.log)?$/.exec(file) ?? [];
  return slot === undefined ? undefined : { slot: Number(slot), number: Number(number) };
}

const MARKER_BYTES = 8;

/**
 * The marker at the start of each record of a segment, by which the next record is found after damage. It is derived
 * from the random file name: a sender cannot know it, and so cannot forge a record within a body. Early versions
 * wrote none.
 */
export function markerOf(name: string): Buffer {
  return name.endsWith(".log") ? createHash("sha256").update(name).digest().subarray(0, MARKER_BYTES) : Buffer.alloc(0);
}
