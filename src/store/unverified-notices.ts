import type { StoreNotice } from "./notices.ts";
import { UNVERIFIED_QUOTA, type UnverifiedUse } from "./unverified.ts";

const MB = 1024 * 1024;
/** From this share of the quota on, a warning is issued. */
const NEARLY_FULL = 0.8;
/** Interval of the notices about deleted deliveries. */
const INTERVAL_MS = 60_000;

const QUOTA = `${UNVERIFIED_QUOTA.deliveries} deliveries or ${UNVERIFIED_QUOTA.bytes / MB} MB`;
const HINT =
  "List them with: bluum-hooks events list --signature bad. Refuse them with: bluum-hooks listen --require-signature. Verified deliveries are not affected.";

/**
 * Reports that the quota of unverified deliveries fills up, and how many were deleted: at once, and then at
 * intervals.
 */
export class UnverifiedNotices {
  readonly #publish: (notice: StoreNotice) => void;
  #isFilling = false;
  #deleted = 0;
  #unsaid = 0;
  #saidAt = -Infinity;

  constructor(publish: (notice: StoreNotice) => void) {
    this.#publish = publish;
  }

  count({ deleted, deliveries, bytes }: UnverifiedUse): void {
    this.#deleted += deleted;
    this.#unsaid += deleted;
    if (this.#unsaid > 0 && performance.now() - this.#saidAt >= INTERVAL_MS) return this.#sayDeleted();
    const share = Math.max(deliveries / UNVERIFIED_QUOTA.deliveries, bytes / UNVERIFIED_QUOTA.bytes);
    if (this.#isFilling || deleted > 0 || share < NEARLY_FULL) return;
    this.#isFilling = true;
    this.#say(
      `${deliveries} deliveries without a valid signature use ${(bytes / MB).toFixed(1)} MB; beyond ${QUOTA} the oldest of them are deleted`,
    );
  }

  /** Issues pending notices. */
  close(): void {
    if (this.#unsaid > 0) this.#sayDeleted();
  }

  #sayDeleted(): void {
    this.#isFilling = true;
    this.#unsaid = 0;
    this.#saidAt = performance.now();
    this.#say(
      `${this.#deleted === 1 ? "1 delivery" : `${this.#deleted} deliveries`} without a valid signature were deleted, the oldest first: ${QUOTA} of them are kept at most`,
    );
  }

  #say(message: string): void {
    this.#publish({ code: "unverified_quota", message, hint: HINT });
  }
}
