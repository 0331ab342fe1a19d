/** The two generations of the API that have been published. A path, and with it an owner, belongs to one of them. */
export type Generation = "current" | "legacy";

/** Which generations an emulator serves. */
export type Served = Generation | "both";

export function serves(served: Served, generation: Generation): boolean {
  return served === "both" || served === generation;
}

/** The form of answers that belong to no owner: webhook calls, and paths that do not exist. */
export function tenantGeneration(served: Served): Generation {
  return served === "legacy" ? "legacy" : "current";
}

/** The generation that a request's path belongs to, which is the form of its errors. */
export function generationOfPath(path: string, served: Served): Generation {
  if (served !== "both") return served;
  return /^\/v1\/(trading|accounts)\//.test(path) ? "legacy" : "current";
}
