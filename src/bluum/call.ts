import type { Exchange } from "./api-exchange.ts";
import type { Repeatable } from "./retry-policy.ts";

/** One request to the API, and whether it may be repeated. */
export interface Call {
  readonly method: Exchange["method"];
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly idempotencyKey?: string;
  readonly repeatable: Repeatable;
  /** Added to the error if the request failed but may have been carried out. */
  readonly hintIfDone?: string;
  readonly ledger?: RequestLedger | undefined;
}

/** Records the requests of a call, so that a request without a response is not forgotten, even if the process ends. */
export interface RequestLedger {
  /** Called before a request is sent; the request waits until this resolves. */
  sending(): Promise<void>;
  /** Called when the last request was refused or never sent: the API will not carry it out. */
  closed(): Promise<void>;
}

/** How errors name a call: `POST /webhooks`. */
export function nameOf(call: Call): string {
  return `${call.method} ${call.path}`;
}
