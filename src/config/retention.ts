import { readDuration } from "../core/read-duration.ts";
import { AppError } from "../core/errors.ts";

const DEFAULT_MS = 30 * 24 * 60 * 60 * 1000;
const FOR_EVER = "never";

/** A retention as it is stored. Throws `invalid_setting`: what cannot be read must not delete anything. */
export function checkRetention(text: string): string {
  if (/^(0|never)$/i.test(text)) return FOR_EVER;
  // A number alone might mean days to whoever wrote it, and seconds to us.
  const ms = /^[\d.]+$/.test(text) ? undefined : readDuration(text);
  if (ms !== undefined && ms > 0) return text;
  throw new AppError("invalid_setting", "the retention is not a time", {
    hint: "Give a time with its unit such as 30d or 12h, or never to keep deliveries for ever: bluum-hooks config set retention 90d",
  });
}

/** How long a delivery is kept, in milliseconds; undefined: for ever. Throws `invalid_setting`. */
export function retentionMs(stored: string | undefined): number | undefined {
  if (stored === undefined) return DEFAULT_MS;
  const text = checkRetention(stored);
  return text === FOR_EVER ? undefined : readDuration(text);
}
