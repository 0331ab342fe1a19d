import { AppError } from "../core/errors.ts";
import { accountRule, idRule, investorRule } from "../core/id-rules.ts";

/** An investor's id. Throws `invalid_setting` for an id that the current API is known to reject. */
export function checkInvestorId(id: string | undefined, source: string): string | undefined {
  return checked(id, source, investorRule);
}

/** An account's id. Throws `invalid_setting` for an id that the legacy API is known to reject. */
export function checkAccountId(id: string | undefined, source: string): string | undefined {
  return checked(id, source, accountRule);
}

/** An id for use in a path. Throws `invalid_setting` for an id that would change the path. */
export function opaqueId(id: string | undefined, source: string): string | undefined {
  return checked(id, source, idRule);
}

/** The invalid value is not quoted: it may be a secret in the wrong variable. */
function checked(
  id: string | undefined,
  source: string,
  ruleOf: (id: string) => string | undefined,
): string | undefined {
  const rule = id === undefined ? undefined : ruleOf(id);
  if (rule === undefined) return id;
  throw new AppError("invalid_setting", `invalid ${source}: ${rule}`, {
    hint: "Correct it where it is set: a flag, a variable, or a stored setting (bluum-hooks config list).",
  });
}
