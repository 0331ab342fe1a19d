import type { Generation } from "../core/id-rules.ts";

/** The generations that an emulator serves. */
export const GENERATIONS_SERVED = ["current", "legacy", "both"] as const satisfies readonly (Generation | "both")[];
export type Served = (typeof GENERATIONS_SERVED)[number];

export function serves(served: Served, generation: Generation): boolean {
  return served === "both" || served === generation;
}

/** The format of responses that belong to no owner: webhook calls and unknown paths. */
export function tenantGeneration(served: Served): Generation {
  return served === "legacy" ? "legacy" : "current";
}

/** The generation of a request's path, which determines the format of its errors. */
export function generationOfPath(path: string, served: Served): Generation {
  if (served !== "both") return served;
  return /^\/v1\/(trading|accounts)\//.test(path) ? "legacy" : "current";
}
