import type { Generation } from "../../core/id-rules.ts";
import type { Owner } from "../entities/owner-entity.ts";
import { currentForm } from "./current/form.ts";
import type { WireForm } from "./form.ts";
import { legacyForm } from "./legacy/form.ts";

export const FORMS: Readonly<Record<Generation, WireForm>> = { current: currentForm, legacy: legacyForm };

/** The form of responses about this owner, its orders and its transfers. */
export function formOf({ generation }: Pick<Owner, "generation">): WireForm {
  return FORMS[generation];
}
