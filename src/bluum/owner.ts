import { accountRule, investorRule } from "../core/id-rules.ts";
import { invalidValue } from "../core/invalid-value.ts";

/** The owner of orders and transfers: an investor of the current API, or an account of the legacy one. */
export type Owner =
  | { readonly generation: "current"; readonly investorId: string }
  | { readonly generation: "legacy"; readonly accountId: string };

/** The owner's id as part of a path. Throws `invalid_usage` for an id that the generation is known to reject. */
export function ownerSegment(owner: Owner): string {
  if (owner.generation === "legacy") {
    const rule = accountRule(owner.accountId);
    if (rule === undefined) return owner.accountId;
    throw invalidValue("--account", owner.accountId, rule);
  }
  const rule = investorRule(owner.investorId);
  if (rule === undefined) return owner.investorId;
  throw invalidValue("--investor", owner.investorId, rule);
}

/** An id as one segment of a path. Throws `invalid_usage` for one that would change the path. */
export function pathSegment(flag: string, id: string): string {
  if (id.trim() === "" || id === "." || id === "..") {
    throw invalidValue(flag, id, "must be an ID");
  }
  return encodeURIComponent(id);
}
