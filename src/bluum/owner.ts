import { AppError } from "../core/errors.ts";
import { isUuid } from "../core/uuid.ts";

/** Whose orders and transfers: an investor of the current API, or an account of the legacy one. */
export type Owner =
  | { readonly generation: "current"; readonly investorId: string }
  | { readonly generation: "legacy"; readonly accountId: string };

/** The owner's id as part of a path. Throws `invalid_usage` for an id that the generation is known to reject. */
export function ownerSegment(owner: Owner): string {
  if (owner.generation === "legacy") {
    if (isUuid(owner.accountId)) return owner.accountId;
    throw new AppError("invalid_usage", `--account must be a UUID, not ${JSON.stringify(owner.accountId)}`, {
      hint: "An id such as inv_… belongs to the current API: give it with --investor.",
    });
  }
  if (!isUuid(owner.investorId)) return pathSegment("--investor", owner.investorId);
  throw new AppError("invalid_usage", "--investor must be an id such as inv_…, not a UUID", {
    hint: "A UUID is an account of the legacy API: give it with --account.",
  });
}

/** Any id as one part of a path. Throws `invalid_usage` for one that would lead to another path. */
export function pathSegment(flag: string, id: string): string {
  if (id.trim() === "" || id === "." || id === "..") {
    throw new AppError("invalid_usage", `${flag} must be an id, not ${JSON.stringify(id)}`);
  }
  return encodeURIComponent(id);
}
