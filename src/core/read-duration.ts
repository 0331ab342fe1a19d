import parseDuration from "parse-duration";

/** `30s`, `2m`, `1h30m` or a plain number of seconds → milliseconds; undefined for any other text. */
export function readDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  // The library alone would read `2026/01/01` as two seconds.
  const ms = /^(\s*\d+(\.\d+)?\s*\p{L}+)+\s*$/u.test(text) ? parseDuration(text) : null;
  return ms === null || !Number.isFinite(ms) ? undefined : ms;
}
