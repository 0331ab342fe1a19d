import parseDuration from "parse-duration";
const UNITS = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

/**
 * Formats a duration that the user chose or compares with such a one: exact below a minute, and the two largest units
 * above it. `250 ms`, `1.5 s`, `30 s`, `6 min 40 s`, `1105 d 22 h`.
 */
export function spellDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Math.round(ms) / 1000} s`;
  let rest = Math.round(ms / 1000);
  const parts = UNITS.map(([seconds, unit]) => {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    return { count, text: `${count} ${unit}` };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  return parts
    .slice(first, first + 2)
    .flatMap(({ count, text }) => (count === 0 ? [] : [text]))
    .join(" ");
}

/** `30s`, `2m`, `1h30m` or a plain number of seconds → milliseconds; undefined for any other text. */
export function readDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  // The library alone would read `2026/01/01` as two seconds.
  const ms = /^(\s*\d+(\.\d+)?\s*\p{L}+)+\s*$/u.test(text) ? parseDuration(text) : null;
  return ms === null || !Number.isFinite(ms) ? undefined : ms;
}
