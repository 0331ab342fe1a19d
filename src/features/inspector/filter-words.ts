import { BAD_VERDICTS, VERDICTS, type Verdict } from "../../core/delivery.ts";
import { ENVIRONMENTS } from "../../core/environments.ts";
import { AppError } from "../../core/errors.ts";
import type { RowFilter } from "../../store/rows-query.ts";

/** Parses a time: `10m`, or a date or time. Throws an error with the rule as its message. */
export interface MomentReaders {
  readonly since: (text: string) => number;
  readonly until: (text: string) => number;
}

/** `word`, `key:word`, `"two words"` and `key:"two words"`. */
const WORDS = /(?:([a-z]+):)?(?:"([^"]*)"|(\S+))/g;

/** Parses the text above the list: the words of `events list`, and texts to search for. Throws `invalid_usage`. */
export function readFilterWords(text: string, moments: MomentReaders): RowFilter {
  let filter: RowFilter = {};
  const texts: string[] = [];
  for (const [, key, quoted, bare] of text.matchAll(WORDS)) {
    const value = quoted ?? bare ?? "";
    if (key === undefined) texts.push(value);
    else if (Object.hasOwn(READERS, key)) {
      try {
        filter = { ...filter, ...READERS[key]?.(value, moments, filter) };
      } catch (error) {
        throw wrongWord(`${key}:${value}`, error instanceof Error ? error.message : String(error));
      }
    } else texts.push(`${key}:${value}`);
  }
  const wanted = texts.filter((each) => each !== "");
  return wanted.length === 0 ? filter : { ...filter, contains: wanted };
}

type Reader = (value: string, moments: MomentReaders, before: RowFilter) => RowFilter;

/** A possible event name of an API; `events list` accepts no others. */
const EVENT = /^[^\s\p{C}]{1,200}$/u;

const READERS: Readonly<Record<string, Reader>> = {
  event(value, _moments, { events }) {
    const names = value.split(",").filter((name) => name !== "");
    if (names.length === 0 || !names.every((name) => EVENT.test(name))) {
      throw new Error("must be event names or patterns, such as order.filled or order.*");
    }
    return { events: [...(events ?? []), ...names] };
  },
  resource: (value) => ({ resourceId: nonEmpty(value) }),
  env: (value) => ({ environment: oneOf(ENVIRONMENTS, value) }),
  status: (value) => ({ outcome: oneOf(["ok", "failed"] as const, value) }),
  signature: (value) => ({ verdicts: verdictsOf(oneOf(["bad", ...VERDICTS] as const, value)) }),
  is(value) {
    const kind = oneOf(["repeated", "first", "retry", "duplicate"] as const, value);
    return kind === "repeated" ? { isRepeated: true } : { recurrence: kind };
  },
  since: (value, moments) => ({ sinceMs: moments.since(value) }),
  until: (value, moments) => ({ untilMs: moments.until(value) }),
};

function verdictsOf(word: "bad" | Verdict): readonly Verdict[] {
  return word === "bad" ? BAD_VERDICTS : [word];
}

function nonEmpty(value: string): string {
  if (value === "") throw new Error("must not be empty");
  return value;
}

function oneOf<Word extends string>(words: readonly Word[], value: string): Word {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw new Error(`must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);
}

function wrongWord(word: string, rule: string): AppError {
  return new AppError("invalid_usage", `invalid filter ${word}: ${rule}`, {
    hint: "Filter with event:, resource:, status:, signature:, is:, env:, since: and until:. Other words are searched for.",
  });
}
