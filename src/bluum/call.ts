import type { Exchange } from "./exchange.ts";
import type { Repeatable } from "./retry-policy.ts";

/** What the client wants of the API: one request, and how it may be repeated. */
export interface Call {
  readonly method: Exchange["method"];
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly idempotencyKey?: string;
  readonly repeatable: Repeatable;
  /** Said when it failed and may have been carried out all the same. */
  readonly hintIfDone?: string;
}

/** How errors name a call: `POST /webhooks`. */
export function nameOf(call: Call): string {
  return `${call.method} ${call.path}`;
}
