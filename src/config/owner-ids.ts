import { AppError } from "../core/errors.ts";
import { isUuid } from "../core/uuid.ts";
import { opaqueId } from "./settings.ts";

/** An investor's id, to be stored. Throws `invalid_setting` for what the current API is known to reject. */
export function checkInvestorId(id: string | undefined, source: string): string | undefined {
  if (id === undefined || !isUuid(id)) return opaqueId(id, source);
  throw new AppError("invalid_setting", `${source} must be an id such as inv_…, not a UUID`, {
    hint: "A UUID is an account of the legacy API: store it as the account.",
  });
}

/** An account's id, to be stored. Throws `invalid_setting` for what the legacy API is known to reject. */
export function checkAccountId(id: string | undefined, source: string): string | undefined {
  if (id === undefined || isUuid(id)) return id;
  throw new AppError("invalid_setting", `${source} must be a UUID`, {
    hint: "An id such as inv_… belongs to the current API: store it as the investor.",
  });
}
