// Times, durations and sizes in the terminal's format.

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-US", { month: "short", day: "numeric" });
const NUMBER = new Intl.NumberFormat("en-US");

export function number(value: number): string {
  return NUMBER.format(value);
}

export function count(value: number, word: string): string {
  return `${number(value)} ${word}${value === 1 ? "" : "s"}`;
}

export function timeOfDay(at: number): string {
  return TIME.format(at);
}

export function day(at: number): string {
  return DAY.format(at);
}

/** `Nov 30, 11:17:59.582`. */
export function fullTime(at: number): string {
  return `${DAY.format(at)}, ${TIME.format(at)}.${String(new Date(at).getMilliseconds()).padStart(3, "0")}`;
}

/** `12 ms`, `1.2 s`, `3 min`. */
export function duration(ms: number): string {
  if (ms < 1) return "<1 ms";
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 99_500) return `${Math.round(ms / 1_000)} s`;
  if (ms < 6_000_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`;
}

/** `440 bytes`, `1.2 MB`. */
export function size(bytes: number): string {
  if (bytes < 1_024) return count(bytes, "byte");
  const [value, unit] = bytes < 1_048_576 ? [bytes / 1_024, "KB"] : [bytes / 1_048_576, "MB"];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** `+1.2 s`; negative if a clock was set back. */
export function gap(ms: number): string {
  return ms < 0 ? `−${duration(-ms)}` : `+${duration(ms)}`;
}

/** The noun for an ID's resource: `Order`, `Transfer`. */
export function resourceNoun(event: string | null): string {
  const domain = /^[a-z]+/.exec(event ?? "")?.[0] ?? "";
  if (["deposit", "withdrawal"].includes(domain)) return "Transfer";
  return ["order", "transfer", "account", "document"].includes(domain)
    ? domain.replace(/^./, (first) => first.toUpperCase())
    : "Resource";
}
