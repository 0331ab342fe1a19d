import { AppError } from "../core/errors.ts";
import { invalidValue } from "../core/invalid-value.ts";
import type { Check, CheckGroup } from "./check-definition.ts";
import type { CheckOptions } from "./check-options.ts";
import { events } from "./events-checks.ts";
import { idempotency } from "./idempotency-checks.ts";
import { order } from "./order-checks.ts";
import { robustness } from "./robustness-checks.ts";
import { signature } from "./signature-checks.ts";
import { speed } from "./speed-checks.ts";
import { transport } from "./transport-checks.ts";

/**
 * All checks in the order in which they run, except `EARLY`: first those that read the app's state, then those that
 * leave it work to do, and last those that may crash an endpoint.
 */
export const CHECK_GROUPS: readonly CheckGroup[] = [
  transport,
  idempotency,
  order,
  events,
  signature,
  speed,
  robustness,
];

/** Run after the first group: the other groups would take too long to show that an endpoint is slow. */
const EARLY = new Set(["speed.answer"]);

export interface SelectedCheck {
  readonly group: string;
  readonly check: Check;
}

/** The texts of all checks, for `check --list`. */
export function checklist(): (Omit<Check, "run" | "isSafe" | "looksAtState" | "topic"> & {
  readonly group: string;
  readonly isSafe: boolean;
})[] {
  return CHECK_GROUPS.flatMap(({ name, checks }) =>
    checks.map(({ id, title, requirement, why, sent, expected, fix, isSafe = false, needsSecret = false }) => ({
      id,
      group: name,
      title,
      requirement,
      why,
      sent,
      expected,
      fix,
      isSafe,
      needsSecret,
    })),
  );
}

/** The groups and titles of the selected checks, in the order in which they run. */
export function planOf(options: Pick<CheckOptions, "only" | "skip" | "safe">) {
  return selectChecks(options).map(({ group, check }) => ({ group, title: check.title }));
}

/**
 * The checks selected by `only` and `skip` (ids or groups) and `safe`. Throws `invalid_usage` for an unknown name,
 * and if no check is selected.
 */
export function selectChecks({ only, skip, safe }: Pick<CheckOptions, "only" | "skip" | "safe">): SelectedCheck[] {
  const all = CHECK_GROUPS.flatMap(({ name, checks }) => checks.map((check) => ({ group: name, check })));
  const names = new Set([...CHECK_GROUPS.map(({ name }) => name), ...all.map(({ check }) => check.id)]);
  for (const name of [...only, ...skip]) {
    if (names.has(name)) continue;
    const flag = only.includes(name) ? "--only" : "--skip";
    throw invalidValue(flag, name, "must be a check, or a group of checks", {
      hint: "bluum-hooks check --list shows all of them.",
    });
  }
  const isNamed = (list: readonly string[], { group, check }: SelectedCheck) =>
    list.includes(group) || list.includes(check.id);
  const selected = all.filter(
    (each) =>
      (only.length === 0 || isNamed(only, each)) && !isNamed(skip, each) && (!safe || each.check.isSafe === true),
  );
  const rank = ({ group, check }: SelectedCheck) => (group === transport.name ? 0 : EARLY.has(check.id) ? 1 : 2);
  if (selected.length > 0) return selected.toSorted((one, other) => rank(one) - rank(other));
  throw new AppError("invalid_usage", `${safe ? "--safe, " : ""}--only and --skip leave no check to run`, {
    hint: "bluum-hooks check --list shows all of them.",
  });
}
