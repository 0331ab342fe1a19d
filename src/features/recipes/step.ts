import * as v from "valibot";
import type { BluumClient } from "../../bluum/client.ts";
import type { Settings } from "../../config/settings.ts";
import type { ExchangeOutcome } from "../../core/exchange.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Poster } from "../../platform/post.ts";
import type { StoreReader } from "../../store/store.ts";
import { resolveReferences } from "./references.ts";

/** What a step provides to later steps. */
export interface StepOutput {
  /** The order, transfer or other resource of the step; null if an event names none. */
  readonly resourceId: string | null;
  /** Unix milliseconds. Earlier deliveries are unrelated to the step. */
  readonly startedAt: number;
  /** The events that follow on success, and those that follow on failure. */
  readonly leadsTo: readonly string[];
  readonly failing: readonly string[];
  /** The endpoint's responses, if the step sent the event itself. */
  readonly answers?: readonly ExchangeOutcome[];
  /** For `${name.field}`. */
  readonly values: Readonly<Record<string, string>>;
}

export interface StepDeps {
  readonly settings: Settings;
  readonly api: () => Promise<BluumClient>;
  readonly store: () => Promise<StoreReader>;
  readonly poster: Poster;
  /** The endpoint for events that the recipe sends itself. */
  readonly target: () => Promise<string>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called before the API's events of an earlier step are awaited. */
  readonly beforeWait: (events: readonly string[]) => void;
  /** By the name in `as`. */
  readonly outputs: ReadonlyMap<string, StepOutput>;
}

export interface StepEnd {
  /** One line of text. */
  readonly detail: string;
  /** For the JSON record. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly output?: StepOutput;
}

/** A kind of step: an entry of the table in `steps/index.ts`. */
export interface StepSpec<Fields extends object> {
  readonly kind: string;
  /** Fields as written → fields as used. */
  readonly schema: v.GenericSchema<unknown, Fields>;
  /** Orders, deposits and withdrawals. */
  readonly movesMoney?: true;
  /** The fields of its output that later steps may refer to; none: no output. */
  readonly gives?: readonly string[];
  /** The event names and patterns in its fields. */
  readonly events?: (fields: Fields) => readonly string[];
  /** Names of earlier steps, apart from references in texts. */
  readonly refersTo?: (fields: Fields) => readonly string[];
  /** `api`: sends a request to the API. `target`: sends one to an endpoint. `listener`: reads received deliveries. */
  readonly needs: (fields: Fields) => readonly Need[];
  readonly label: (fields: Fields) => string;
  /** Throws for faults that are known before anything is sent. Not called for fields with references. */
  readonly check?: (fields: Fields, settings: Settings) => void;
  readonly run: (fields: Fields, deps: StepDeps) => Promise<StepEnd>;
}

export type Need = "api" | "target" | "listener";

/** A step with valid fields. */
export interface ReadyStep {
  /** The event names and patterns in the step. */
  readonly events: readonly string[];
  readonly refersTo: readonly string[];
  readonly needs: readonly Need[];
  readonly label: string;
  check(settings: Settings): void;
  run(deps: StepDeps): Promise<StepEnd>;
}

export interface StepKind {
  readonly kind: string;
  readonly movesMoney: boolean;
  readonly gives: readonly string[];
  /** The step, or the faults in its fields. */
  read(fields: unknown): ReadyStep | readonly { readonly path: (string | number)[]; readonly message: string }[];
}

/** Hides the type of a kind's fields, so that all kinds fit into one table. */
export function defineStep<Fields extends object>(spec: StepSpec<Fields>): StepKind {
  return {
    kind: spec.kind,
    movesMoney: spec.movesMoney === true,
    gives: spec.gives ?? [],
    read(raw) {
      const result = v.safeParse(spec.schema, raw);
      if (!result.success) {
        return result.issues.map((issue) => ({
          path: (issue.path ?? []).map(({ key }) => key as string | number),
          message: issue.message,
        }));
      }
      const fields = result.output;
      return {
        events: spec.events?.(fields) ?? [],
        refersTo: spec.refersTo?.(fields) ?? [],
        needs: spec.needs(fields),
        label: spec.label(fields),
        check: (settings) => spec.check?.(fields, settings),
        run: (deps) => {
          const valueOf = (step: string, field: string) => deps.outputs.get(step)?.values[field] ?? "";
          return spec.run(resolveReferences(fields, valueOf), deps);
        },
      };
    },
  };
}
