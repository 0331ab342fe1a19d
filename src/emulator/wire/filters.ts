import { Refusal } from "../refusal.ts";

/** The test that the text of a query parameter stands for. Throws the documented refusal for an invalid text. */
type Filter<Item> = (text: string, param: string) => (item: Item) => boolean;

export type Filters<Item> = Readonly<Record<string, Filter<Item>>>;

/** The items that pass every filter whose parameter is set. */
export function filtered<Item>(items: readonly Item[], query: URLSearchParams, filters: Filters<Item>): Item[] {
  refuseReversedDates(query);
  const tests = Object.entries(filters).flatMap(([param, filter]) => {
    const text = query.get(param) ?? "";
    return text === "" ? [] : [filter(text, param)];
  });
  return items.filter((item) => tests.every((test) => test(item)));
}

/** A parameter with a few allowed words. */
export function choice<Item, Word extends string>(
  words: readonly Word[],
  passes: (item: Item, word: Word) => boolean,
): Filter<Item> {
  return (text, param) => {
    const word = words.find((each) => each === text);
    if (word === undefined)
      throw new Refusal("400-004", { param, message: `${param} must be one of ${words.join(", ")}.` });
    return (item) => passes(item, word);
  };
}

/** Any text, compared without regard to case. */
export function anyCase<Item>(valueOf: (item: Item) => string): Filter<Item> {
  return (wanted) => (item) => valueOf(item).toUpperCase() === wanted.toUpperCase();
}

/** `date_from` and `date_to`: whole days in UTC, both included. `timeOf` is in Unix milliseconds. */
export function dates<Item>(timeOf: (item: Item) => number): Filters<Item> {
  const dayOf = (item: Item) => new Date(timeOf(item)).toISOString().slice(0, 10);
  return {
    date_from: (day, param) => (checkDay(day, param), (item) => dayOf(item) >= day),
    date_to: (day, param) => (checkDay(day, param), (item) => dayOf(item) <= day),
  };
}

function checkDay(day: string, param: string): void {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(day) : Number.NaN;
  // 30 February is parsed as a day in March.
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(day)) return;
  throw new Refusal("400-007", { param, message: `${param} must be a date such as 2026-01-31.` });
}

function refuseReversedDates(query: URLSearchParams): void {
  const [from, to] = [query.get("date_from"), query.get("date_to")];
  if (!from || !to || from <= to) return;
  throw new Refusal("400-007", { param: "date_from", message: "date_from is later than date_to." });
}
