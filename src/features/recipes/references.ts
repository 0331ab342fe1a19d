import { JsonText } from "../../core/json-text.ts";

/** `${buy.id}`: a value of an earlier step. `$${` is the text `${`. */
const REFERENCE = /\$(\$?)\{([^}]*)\}/g;

export interface Reference {
  /** As written between the braces. */
  readonly text: string;
  readonly step: string;
  readonly field: string;
}

/** All references in the texts of a value, at any depth. */
export function referencesIn(value: unknown): Reference[] {
  if (typeof value === "string") {
    return [...value.matchAll(REFERENCE)]
      .filter(([, escape]) => escape === "")
      .map(([, , text = ""]) => {
        const [step = "", ...fields] = text.split(".");
        return { text, step: step.trim(), field: fields.join(".").trim() };
      });
  }
  if (typeof value !== "object" || value === null || value instanceof JsonText) return [];
  return Object.entries(value).flatMap(([key, each]) => [...referencesIn(key), ...referencesIn(each)]);
}

/** The value with every reference replaced. */
export function resolveReferences<T>(value: T, valueOf: (step: string, field: string) => string): T {
  return resolved(value, valueOf) as T;
}

function resolved(value: unknown, valueOf: (step: string, field: string) => string): unknown {
  if (typeof value === "string") {
    return value.replace(REFERENCE, (whole, escape: string) => {
      const [reference] = referencesIn(whole);
      return escape !== "" || reference === undefined ? whole.slice(1) : valueOf(reference.step, reference.field);
    });
  }
  if (Array.isArray(value)) return value.map((each) => resolved(each, valueOf));
  if (typeof value !== "object" || value === null || value instanceof JsonText) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [String(resolved(key, valueOf)), resolved(each, valueOf)]),
  );
}
