import { AppError, type Warning } from "../core/errors.ts";
import type { DamagedSegment } from "./log/aside.ts";
import type { Unreadable } from "./log/scan.ts";
import { UNVERIFIED_QUOTA, type UnverifiedUse } from "./unverified.ts";

/** Notices are kept for the next listener while there is none. */
export class Notices {
  readonly #waiting: Warning[] = [];
  readonly #listeners: ((notice: Warning) => void)[] = [];

  publish(notice: Warning): void {
    const listener = this.#listeners.at(-1);
    if (listener === undefined) this.#waiting.push(notice);
    else listener(notice);
  }

  /** The newest listener gets every notice until it is removed. */
  listen(listener: (notice: Warning) => void): () => void {
    this.#listeners.push(listener);
    for (const notice of this.#waiting.splice(0)) listener(notice);
    return () => void this.#listeners.splice(this.#listeners.lastIndexOf(listener), 1);
  }
}

export function damagedNotice({ name, path, unreadable }: DamagedSegment): Warning {
  const hint = "Check the disk, and delete the file when you do not need it. The readable records are stored.";
  if (unreadable === undefined) {
    return { code: "log_damaged", message: `${name} in the delivery log is not a file; it is kept as ${path}`, hint };
  }
  return {
    code: "log_damaged",
    message: `the delivery log is damaged: ${counted(unreadable)} of ${name} could not be read or stored; the file is kept as ${path}`,
    hint,
  };
}

/** The notice for an unreadable log that stays in place, because its folder is read-only. */
export function unreadableNotice(path: string, unreadable: Unreadable): Warning {
  return {
    code: "log_damaged",
    message: `the delivery log is damaged: ${counted(unreadable)} of ${path} could not be read`,
    hint: "Keep the file: the next command that can write there stores its readable records. This one only shows them.",
  };
}

function counted({ records, bytes }: Unreadable): string {
  return `${records} ${records === 1 ? "record" : "records"} (${bytes} bytes)`;
}

export function stuckNotice({ message, hint }: AppError): Warning {
  return {
    code: "store_unavailable",
    message: `new deliveries are stored, but cannot be shown or listed yet: ${message}`,
    hint,
  };
}

export function leftoverNotice({ message, hint }: AppError): Warning {
  return {
    code: "store_unavailable",
    message: `deliveries of an earlier session are stored in its log, but cannot be listed yet: ${message}`,
    hint,
  };
}

/** The error if the tables reject a delivery that is safe in the log. */
export function refusal(): AppError {
  return new AppError("store_unavailable", "the store does not accept this delivery", {
    hint: "Report this bug: the delivery contradicts stored data.",
  });
}

/** Records of the current log that could not be read again or were rejected. */
export function lostNotice(count: number): Warning {
  return {
    code: "store_unavailable",
    message: `${count === 1 ? "1 record" : `${count} records`} of the delivery log could not be stored, and cannot be shown`,
    hint: "Show it with: bluum-hooks doctor. The log is kept next to the store when the command ends.",
  };
}

const MB = 1024 * 1024;
/** From this share of the quota on, a warning is issued. */
const NEARLY_FULL = 0.8;
/** Interval of the notices about deleted deliveries. */
const INTERVAL_MS = 60_000;

const QUOTA = `${UNVERIFIED_QUOTA.deliveries} deliveries or ${UNVERIFIED_QUOTA.bytes / MB} MB`;
const HINT =
  "List them with: bluum-hooks events list --signature bad. Refuse them with: bluum-hooks listen --require-signature. Verified deliveries are not affected.";

/** Reports that the quota of unverified deliveries fills up, and how many were deleted: at once, then at intervals. */
export class UnverifiedNotices {
  readonly #publish: (notice: Warning) => void;
  #isFilling = false;
  #deleted = 0;
  #unsaid = 0;
  #saidAt = -Infinity;

  constructor(publish: (notice: Warning) => void) {
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
