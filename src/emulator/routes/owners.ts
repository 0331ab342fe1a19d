import type { Owner } from "../entities/owner-entity.ts";
import type { Generation } from "../generation.ts";
import { Refusal } from "../refusal.ts";
import type { State } from "../state.ts";

const ID_FORMS: Readonly<Record<Generation, { readonly param: string; readonly pattern: RegExp }>> = {
  current: { param: "investor_id", pattern: /^inv_[A-Za-z0-9]+$/ },
  legacy: { param: "account_id", pattern: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i },
};

/**
 * The owner in a path. An id of the other generation has an invalid format, as for Bluum; any other unknown id is not
 * found.
 */
export function ownerOf(state: State, generation: Generation, id: string): Owner {
  const { param, pattern } = ID_FORMS[generation];
  if (!pattern.test(id)) throw new Refusal("400-003", { param, message: `${param} has the wrong format.` });
  const owner = state.owners.get(generation === "legacy" ? id.toLowerCase() : id);
  if (owner === undefined) throw new Refusal("404-001", { message: `There is no ${param} ${id}.` });
  return owner;
}
