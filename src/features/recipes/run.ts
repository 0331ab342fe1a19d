import { AppError } from "../../core/errors.ts";
import type { Waits } from "../../platform/waits.ts";
import type { Recipe, RecipeStep } from "./parse-recipe.ts";
import type { StepOutput, StepDeps } from "./step.ts";

/** The result of one step. */
export type StepReport = { readonly step: RecipeStep; readonly at: number } & (
  | {
      readonly status: "passed";
      readonly durationMs: number;
      readonly detail: string;
      readonly data: Readonly<Record<string, unknown>>;
    }
  | { readonly status: "failed"; readonly durationMs: number; readonly error: AppError }
  | { readonly status: "skipped"; readonly detail: string }
);

export interface RecipeEnd {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The first one that failed. */
  readonly failure?: { readonly step: RecipeStep; readonly error: AppError };
}

/**
 * Runs the steps in order and reports each result. After a failure the rest is skipped, or with `keepGoing` only the
 * steps that depend on the failed one. Rejects for an interrupt or a bug.
 */
export async function runRecipe(
  recipe: Recipe,
  options: { readonly keepGoing: boolean },
  deps: Omit<StepDeps, "outputs"> & { readonly waits: Waits },
  onReport: (report: StepReport) => void,
): Promise<RecipeEnd> {
  const outputs = new Map<string, StepOutput>();
  const counts = { passed: 0, failed: 0, skipped: 0 };
  let failure: RecipeEnd["failure"];
  for (const step of recipe.steps) {
    const at = deps.clock.now();
    const missing = step.refersTo.find((name) => !outputs.has(name));
    if (failure !== undefined && (!options.keepGoing || missing !== undefined)) {
      counts.skipped += 1;
      const why = options.keepGoing ? `needs ${missing}` : `step ${failure.step.number} failed`;
      onReport({ step, at, status: "skipped", detail: why });
      continue;
    }
    using _wait = deps.waits.begin(`step ${step.number} (${step.kind})`);
    try {
      const end = await step.run({ ...deps, outputs });
      if (step.as !== undefined && end.output !== undefined) outputs.set(step.as, end.output);
      counts.passed += 1;
      const durationMs = deps.clock.now() - at;
      onReport({ step, at, status: "passed", durationMs, detail: end.detail, data: end.data ?? {} });
    } catch (error) {
      deps.signal.throwIfAborted();
      if (!(error instanceof AppError) || error.code === "internal") throw error;
      counts.failed += 1;
      failure ??= { step, error };
      onReport({ step, at, status: "failed", durationMs: deps.clock.now() - at, error });
    }
  }
  return { ...counts, ...(failure === undefined ? {} : { failure }) };
}
