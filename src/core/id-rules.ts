/** The two published generations of the API. A path, and therefore an owner, belongs to one of them. */
export type Generation = "current" | "legacy";

/** The owner of orders and transfers. The kind of id determines the generation of the API. */
export type Owner =
  | { readonly generation: "current"; readonly investorId: string }
  | { readonly generation: "legacy"; readonly accountId: string };

const MAX_ID_CHARS = 255;

/** Why a text is not a valid id, as a rule for `invalidValue`. An id is opaque, but must not lead to another path. */
export function idRule(id: string): string | undefined {
  const isId = id.length <= MAX_ID_CHARS && /^[^\s/\\?#%\p{C}]+$/u.test(id) && !/^\.+$/.test(id);
  return isId ? undefined : "must be an ID: one word, without slashes or other characters that are special in a URL";
}

/** Why a text is not a valid investor id of the current API, which rejects UUIDs. */
export function investorRule(id: string): string | undefined {
  if (isUuid(id)) return "must be an investor ID such as inv_01j9x2k4; a UUID is an account of the legacy API";
  return /^inv_[\w-]{1,200}$/.test(id) ? undefined : "must be an investor ID such as inv_01j9x2k4";
}

/** Why a text is not a valid account id of the legacy API. */
export function accountRule(id: string): string | undefined {
  if (isUuid(id)) return undefined;
  const isInvestor = investorRule(id) === undefined;
  return isInvestor ? "must be a UUID; inv_… is an investor of the current API" : "must be a UUID";
}

/** The legacy API uses UUIDs for accounts; ids of the current API begin with a prefix for their type. */
export function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}

/** Why a text is not the name of a team's log. */
export function teamNameRule(name: string): string | undefined {
  return /^[a-z0-9][a-z0-9-]{0,39}$/.test(name)
    ? undefined
    : "must have at most 40 lower-case letters, digits and hyphens, and no hyphen first";
}
