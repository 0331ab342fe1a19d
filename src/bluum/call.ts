import type { Exchange } from "./api-exchange.ts";
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
  readonly ledger?: RequestLedger | undefined;
}

/** Counts the requests of a call, so that one whose answer never comes is not forgotten, however the process ends. */
export interface RequestLedger {
  /** A request is about to be sent; it waits until this resolves. */
  sending(): Promise<void>;
  /** The last one was refused, or it never left: the API will not carry it out. */
  closed(): Promise<void>;
}

/** How errors name a call: `POST /webhooks`. */
export function nameOf(call: Call): string {
  return `${call.method} ${call.path}`;
}
