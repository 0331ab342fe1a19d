// The hours in which the sandbox fills orders, as Bluum publishes them. The exchange's holidays are not known.

const OPENS_AT = "09:30";
const CLOSES_AT = "16:00";
const DAY_MS = 24 * 60 * 60_000;
/** 09:30 in New York, in summer and in winter; the date is the same in UTC. */
const OPENINGS_UTC = ["13:30", "14:30"];

let newYork: Intl.DateTimeFormat | undefined;

/** Whether the market is open: on weekdays from 09:30 to 16:00 in New York. `at` is Unix time in milliseconds. */
export function isMarketOpen(at: number): boolean {
  const { weekday, time } = inNewYork(at);
  return weekday !== "Saturday" && weekday !== "Sunday" && time >= OPENS_AT && time < CLOSES_AT;
}

/** The time of the next opening, later than `now`: both in Unix milliseconds. */
export function nextOpening(now: number): number {
  for (let day = 0; ; day += 1) {
    const date = new Date(now + day * DAY_MS).toISOString().slice(0, 10);
    const opening = OPENINGS_UTC.map((time) => Date.parse(`${date}T${time}:00Z`)).find(
      (at) => at > now && isMarketOpen(at) && inNewYork(at).time === OPENS_AT,
    );
    if (opening !== undefined) return opening;
  }
}

/** `Monday, 09:30 in New York`. */
export function spellOpening(opening: number): string {
  const { weekday, time } = inNewYork(opening);
  return `${weekday}, ${time} in New York`;
}

function inNewYork(at: number): { readonly weekday: string; readonly time: string } {
  newYork ??= new Intl.DateTimeFormat("en-US", {
    timeZone: "America/New_York",
    weekday: "long",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const parts = new Map(newYork.formatToParts(at).map(({ type, value }) => [type, value]));
  return { weekday: parts.get("weekday") ?? "", time: `${parts.get("hour")}:${parts.get("minute")}` };
}
