import { spellDuration, readDuration } from "../core/duration.ts";
import { invalidValue } from "../core/invalid-value.ts";

const DEFAULT_MS = 30 * 24 * 60 * 60 * 1000;
/** A shorter time was probably meant in another unit. */
const MIN_USUAL_MS = 60 * 60 * 1000;
const NO_LIMIT = "never";

/** Validates a retention for storage. Throws `invalid_setting`: an unreadable value must not delete anything. */
export function checkRetention(text: string): string {
  if (/^(0|never)$/i.test(text)) return NO_LIMIT;
  // A bare number is ambiguous: the user may mean days, the parser seconds.
  const ms = /^[\d.]+$/.test(text) ? undefined : readDuration(text);
  if (ms !== undefined && ms > 0) return text;
  throw invalidValue("retention", text, "must be a time with a unit, or never", {
    code: "invalid_setting",
    hint: "Use a time with a unit such as 30d or 12h, or never: bluum-hooks config set retention 90d",
  });
}

/** The consequence of a short retention; undefined for a usual one. Throws `invalid_setting`. */
export function retentionRisk(text: string): string | undefined {
  const ms = retentionMs(text);
  if (ms === undefined || ms >= MIN_USUAL_MS) return undefined;
  return `With a retention of ${spellDuration(ms)}, each start of listen deletes all deliveries older than that.`;
}

/** How long a delivery is kept, in milliseconds; undefined: no limit. Throws `invalid_setting`. */
export function retentionMs(stored: string | undefined): number | undefined {
  if (stored === undefined) return DEFAULT_MS;
  const text = checkRetention(stored);
  return text === NO_LIMIT ? undefined : readDuration(text);
}
