import type { CheckRequirement, CheckVerdict } from "../core/check-report.ts";
import type { ExchangeOutcome } from "../core/exchange.ts";
import type { CheckLimits } from "./limits.ts";
import type { StateWatch } from "./state-watch.ts";

/** One line of the checklist, and how it is found out. The texts are sentences for the report and the documentation. */
export interface Check {
  /** `group.name`, permanent. */
  readonly id: string;
  /** What a good endpoint does. */
  readonly title: string;
  /** `by-host`: required of a public host, advisory on this machine and in a private network. */
  readonly requirement: CheckRequirement | "by-host";
  readonly why: string;
  readonly sent: string;
  readonly expected: string;
  readonly fix: string;
  /** Whether it may run against an endpoint that is live: nothing it sends makes an app act. */
  readonly isSafe?: boolean;
  /** Whether it looks at the app's state, where that can be read. */
  readonly looksAtState?: boolean;
  /** Whether it can only be run by somebody who can sign. */
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
  /** A better remedy than the check's own, where the cause is known. */
  readonly fix?: string | undefined;
  /** The HTTP status, where everything that was sent got the same one. */
  readonly status?: number | undefined;
}

/** An event of its own, with its exact bytes: sent twice, it is the same event twice. */
export interface CheckEvent {
  readonly name: string;
  /** What a scheme that signs an event id has for one. */
  readonly eventId: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

export interface EventDetails {
  /** Of an earlier event about the same thing: its `data.id`. */
  readonly about?: CheckEvent;
  /** How long before now it is said to have happened. */
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
  /** Valid unless said otherwise. */
  readonly signature?: Signature;
  readonly contentType?: string;
}

/** How the endpoint was found when it was first spoken to. */
export interface FirstContact {
  readonly outcome: ExchangeOutcome;
  /** Whether what was answered had been signed correctly. */
  readonly isSigned: boolean;
  /** Why its certificate is not trusted. The checks go on without it. */
  readonly certificateProblem?: string | undefined;
}

/** What a check works with. Each has one of its own, so that no two checks speak of the same order. */
export interface Kit {
  readonly url: URL;
  readonly limits: CheckLimits;
  /** Whether the scheme signs the time, so that a signature can be too old. */
  readonly signsTime: boolean;
  /** The app's own state, if it can be read. */
  readonly state: StateWatch | undefined;
  /** With `--safe` every event is one on which no handler acts, whatever name is asked for. */
  event(name: string, details?: EventDetails): CheckEvent;
  /** POSTs it. Throws only when the run is to end. */
  send(message: Message): Promise<ExchangeOutcome>;
  /** The same texts, in an order that only the seed decides. */
  shuffled(texts: readonly string[]): string[];
}
