/** Minutes after midnight in New York, on weekdays. The exchange's holidays are not known. */
const [OPENS, CLOSES] = [9 * 60 + 30, 16 * 60];

const WEEK = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** When the market opens next, such as `Monday, 09:30 in New York`; undefined while it is open. */
export function nextOpen(now: number): string | undefined {
  const { day, minutes } = newYorkTime(now);
  if (isWeekday(day) && minutes >= OPENS && minutes < CLOSES) return undefined;
  let next = isWeekday(day) && minutes < OPENS ? day : day + 1;
  while (!isWeekday(next)) next += 1;
  return `${WEEK[next % WEEK.length]}, 09:30 in New York`;
}

function isWeekday(day: number): boolean {
  return day % WEEK.length >= 1 && day % WEEK.length <= 5;
}

function newYorkTime(now: number): { readonly day: number; readonly minutes: number } {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: "America/New_York",
    weekday: "long",
    hour: "numeric",
    minute: "numeric",
    hourCycle: "h23",
  }).formatToParts(now);
  const part = (wanted: Intl.DateTimeFormatPartTypes) => parts.find(({ type }) => type === wanted)?.value ?? "";
  return { day: WEEK.indexOf(part("weekday")), minutes: Number(part("hour")) * 60 + Number(part("minute")) };
}
