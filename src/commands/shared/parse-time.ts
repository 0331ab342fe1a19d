import { readDuration } from "../../core/duration.ts";
import { refuse } from "./parse.ts";

/** A time in the past: `10m` or `10m ago`, or a date or time → Unix milliseconds. */
export function since(now: number): (text: string) => number {
  const read = until(now);
  return (text) => {
    const at = read(text);
    return at > now ? refuse("must not be in the future") : at;
  };
}

/** Like `since`, for the end of a period, which may be in the future. */
export function until(now: number): (text: string) => number {
  return (text) => {
    const span = text.replace(/\s+ago$/, "");
    if (/^\d+(\.\d+)?$/.test(span)) refuse("must have a unit, such as 10m");
    const ms = readDuration(span);
    if (ms !== undefined) return now - ms;
    return readMoment(text) ?? refuse(`must be a time such as 10m, ${DATES}`);
  };
}

/** A time: Unix seconds, or a date or time → Unix milliseconds. */
export function moment(text: string): number {
  if (/^\d{1,11}$/.test(text)) return Number(text) * 1000;
  return readMoment(text) ?? refuse(`must be Unix seconds, ${DATES}`);
}

const DATES = "or a date or time that exists, such as 2026-06-01 or 2026-06-01T08:00";

const MOMENT =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:(Z)|([+-])(\d\d):?(\d\d))?)?$/i;

/**
 * An ISO 8601 date or time → Unix milliseconds; undefined for another format, and for a day or an hour that does not
 * exist. Without `Z` or an offset it is local time, for a date as for a time: JavaScript itself interprets a date as
 * UTC.
 */
function readMoment(text: string): number | undefined {
  const match = MOMENT.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const ms = Math.floor(Number(`0.${match[7] ?? "0"}`) * 1000);
  const utc = new Date(Date.UTC(year, month - 1, day, hour, minute, second, ms));
  // JavaScript converts a date or hour that does not exist to a later one.
  const exists = [utc.getUTCMonth() + 1, utc.getUTCDate(), utc.getUTCHours(), utc.getUTCMinutes(), utc.getUTCSeconds()];
  if (year < 1970 || exists.join() !== [month, day, hour, minute, second].join()) return undefined;
  const [zulu, sign, offsetHours, offsetMinutes] = match.slice(8, 12);
  if (zulu !== undefined) return utc.getTime();
  if (sign === undefined) return new Date(year, month - 1, day, hour, minute, second, ms).getTime();
  const [hours, minutes] = [Number(offsetHours), Number(offsetMinutes)];
  if (hours > 14 || minutes > 59) return undefined;
  return utc.getTime() - (sign === "-" ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
