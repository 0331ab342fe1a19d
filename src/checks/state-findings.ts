import type { Finding } from "./check-definition.ts";

export const GIVE_STATE =
  "The answers are correct, but the effect on the app is unknown. Add --state with a command or URL that prints what events change.";

export const SELF_CHANGING: Finding = {
  result: "unproven",
  got: "the state changes by itself, so the result is unknown",
  fix: "Make --state print only what these events change, without times and request counters, and stop other traffic during the check.",
};

/** For a race condition that cannot be observed. */
export const COUNT_IN_STATE: Finding = {
  result: "unproven",
  got: "but no number in the state grows by the same amount with every event, so one and two cannot be distinguished",
  fix: "Make --state print a number that grows by the same amount with every order.accepted, or with every order.filled.",
};

const EXCERPT = 60;
const CONTEXT = 12;

/** The first difference between two states: `…"fills":1…` → `…"fills":2…`. */
export function stateChange(before: string, after: string): string {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at += 1;
  const from = Math.max(0, at - CONTEXT);
  const shown = (state: string) => {
    const part = state.slice(from, from + EXCERPT).trim();
    return `${from > 0 ? "…" : ""}${part}${state.length > from + EXCERPT ? "…" : ""}`;
  };
  return `${shown(before)} → ${shown(after)}`;
}
