import type { Generation } from "../core/id-rules.ts";
import { serves, tenantGeneration } from "./generation.ts";
import type { Call, Reply, Route } from "./http.ts";
import type { WireForm } from "./wire/form.ts";
import { FORMS } from "./wire/forms.ts";
import type { World } from "./world.ts";

/** A call of the API. Its texts are those of the table in docs/emulator.md. */
export interface ApiRoute {
  readonly method: Route["method"];
  /** The path in each generation that has the call. Where both are the same, the emulator's setting decides. */
  readonly paths: Readonly<Partial<Record<Generation, string>>>;
  /** What behaves as in the sandbox. */
  readonly real: string;
  /** What is always the same, or is not checked; empty if nothing is. */
  readonly fixed: string;
  /** Throws the refusal to send instead of a reply. */
  readonly handle: (call: Call, world: World, form: WireForm) => Reply;
}

/** The routes of the generations that this emulator serves. */
export function servedRoutes(table: readonly ApiRoute[], world: World): Route[] {
  return table.flatMap(({ method, paths, handle }) => {
    const { current, legacy } = paths;
    const generations =
      current === legacy
        ? [tenantGeneration(world.served)]
        : (["current", "legacy"] as const).filter((generation) => serves(world.served, generation));
    return generations.flatMap((generation) => {
      const path = paths[generation];
      return path === undefined
        ? []
        : [{ method, path, handle: (call: Call) => handle(call, world, FORMS[generation]) }];
    });
  });
}
