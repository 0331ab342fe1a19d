import type { CheckRequirement, CheckVerdict } from "../core/check-report.ts";
import type { ExchangeOutcome } from "../core/exchange.ts";
import type { CheckLimits } from "./check-options.ts";
import type { RemedyTopic } from "./frameworks/framework.ts";
import type { StateWatch } from "./state-watch.ts";

/** A check of the checklist and its implementation. The texts are sentences for the report and the documentation. */
export interface Check {
  /** `group.name`, permanent. */
  readonly id: string;
  /** What a correct endpoint does. */
  readonly title: string;
  /** `by-host`: required for a public host, advisory on this machine and in a private network. */
  readonly requirement: CheckRequirement | "by-host";
  readonly why: string;
  readonly sent: string;
  readonly expected: string;
  readonly fix: string;
  /** The subject of the fix, if frameworks need different ones. */
  readonly topic?: RemedyTopic;
  /** Whether it may run against a live endpoint: none of its requests causes an app to act. */
  readonly isSafe?: boolean;
  /** Whether it reads the app's state, if that is available. */
  readonly looksAtState?: boolean;
  /** Whether it needs the signing secret. */
  readonly needsSecret?: boolean;
  run(kit: Kit, contact: FirstContact): Promise<Finding> | Finding;
}

export interface CheckGroup {
  readonly name: string;
  readonly checks: readonly Check[];
}

export interface Finding {
  readonly result: CheckVerdict;
  readonly got: string;
  /** A more specific remedy than the check's own, if the cause is known. */
  readonly fix?: string | undefined;
  /** Whether a failure is only advice, although the check is required. */
  readonly isAdvice?: boolean | undefined;
  /** The HTTP status, if all responses had the same one. */
  readonly status?: number | undefined;
}

/** An event with its exact bytes: sending it twice is sending the same event twice. */
export interface CheckEvent {
  readonly name: string;
  /** The event id, for schemes that sign one. */
  readonly eventId: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

export interface EventDetails {
  /** An earlier event whose resource this event concerns. */
  readonly about?: CheckEvent;
  /** How long before now the event's timestamp is, in milliseconds. */
  readonly ageMs?: number;
  /** Merged into `data`; replaces existing fields. */
  readonly data?: Readonly<Record<string, unknown>>;
}

export type Signature =
  | { readonly kind: "valid"; readonly ageMs?: number }
  | { readonly kind: "none" }
  /** Made with a secret that is not the endpoint's. */
  | { readonly kind: "foreign" }
  /** Valid for other bytes. */
  | { readonly kind: "of"; readonly body: Uint8Array };

export interface Message {
  readonly eventId: string;
  readonly body: Uint8Array;
  /** The default is a valid signature. */
  readonly signature?: Signature;
  readonly contentType?: string;
}

/** The result of the first request to the endpoint. */
export interface FirstContact {
  readonly outcome: ExchangeOutcome;
  /** Whether the answered request had a correct signature. */
  readonly isSigned: boolean;
  /** Why its certificate is not trusted. The checks continue without verifying it. */
  readonly certificateProblem?: string | undefined;
}

/** What a check works with. Each check has its own kit, so that no two checks use the same order. */
export interface Kit {
  readonly url: URL;
  readonly limits: CheckLimits;
  /** Whether the scheme signs the time, so that a signature can expire. */
  readonly signsTime: boolean;
  /** The app's own state, if it can be read. */
  readonly state: StateWatch | undefined;
  /** With `--safe` every event is one that no handler acts on, whatever name is requested. */
  event(name: string, details?: EventDetails): CheckEvent;
  /** POSTs a message. Throws only to end the run. */
  send(message: Message): Promise<ExchangeOutcome>;
  /** The same texts, in an order that depends only on the seed. */
  shuffled(texts: readonly string[]): string[];
}
