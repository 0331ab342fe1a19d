import type { Outcome, RecurrenceKind, Verdict } from "./contract-reports.ts";

/**
 * The types of the requests and responses between the inspector's server and its page. Types only, without imports from Node.js,
 * because the page is compiled for a browser. All paths begin with `/_inspector/`, all times are Unix milliseconds. A
 * value that a server may leave out is null, never absent, unless the field is marked with `?`.
 */

export type * from "./contract-reports.ts";

/**
 * `live`: on arrival. `catch-up`: later, when the app was reachable again. `replay`, `elsewhere` (to another URL than
 * the app's), `edited`: on request.
 */
export type AttemptCause = "live" | "catch-up" | "replay" | "elsewhere" | "edited";
export type HeaderPair = readonly [name: string, value: string];

/** The body of every response that is not 2xx. `code` is one of docs/errors.md. */
export interface ApiError {
  readonly code: string;
  readonly message: string;
  /** What the user can do next; null if there is nothing to suggest. */
  readonly hint: string | null;
}

/** The 409 of a replay: its target is not on this machine. Send it again with `confirmedHost` set to `host`. */
export interface ConfirmTarget extends ApiError {
  readonly code: "confirmation_required";
  /** With its port, as in a URL: `staging.example.com`, `10.0.0.5:8080`. */
  readonly host: string;
}

/** `POST session`: answered 204 with the cookie; 401 for a wrong token; 429 after ten wrong ones in a minute. */
export interface SessionRequest {
  readonly token: string;
}

/** `GET session`; 401 without a session. */
export interface Session {
  readonly version: string;
  readonly environment: string;
  /** Whether a listener runs in this process. False for `bluum-hooks inspect`: the URLs below are null then. */
  readonly isListening: boolean;
  readonly webhookId: string | null;
  readonly localUrl: string | null;
  readonly publicUrl: string | null;
  /** The default target of a replay: the app of `listen`, otherwise the last URL that anything was sent to. */
  readonly forwardUrl: string | null;
  /** Whether this machine has a secret to sign with, for `resign` and edited bodies. */
  readonly canSign: boolean;
  /** Events to suggest for a trigger. Null in production, where nothing can be triggered. */
  readonly triggers: readonly string[] | null;
}

/** How a request ended for its sender. Status null: the sender closed the connection after `durationMs`. */
export interface Answer {
  readonly status: number | null;
  readonly durationMs: number;
}

/** The attempt that decides the outcome: the last one at its own app. Status null: the app did not answer. */
export interface LastForward {
  readonly status: number | null;
  readonly durationMs: number;
}

export interface Recurrence {
  readonly kind: RecurrenceKind;
  /** 1 for the first delivery of an event. */
  readonly attempt: number;
  /** Id of the first delivery of the event; null for the first one. */
  readonly duplicateOf: string | null;
}

/** A delivery in the list. */
export interface Row {
  /** Unique, and grows in the order of receipt: the key for paging. */
  readonly seq: number;
  readonly id: string;
  readonly receivedAt: number;
  readonly event: string | null;
  /** The order, transfer, account or document that the event concerns. */
  readonly resourceId: string | null;
  /** `buy 1 AAPL`, `filled 1 @ 178.50`; empty without known fields. */
  readonly summary: string;
  readonly environment: string;
  readonly verdict: Verdict;
  readonly recurrence: Recurrence;
  readonly answer: Answer | null;
  /** Null: it was never forwarded. Replays to other URLs and edited ones are ignored. */
  readonly forward: LastForward | null;
  /** As in `events list --status`; null until there is an answer or an attempt. */
  readonly outcome: Outcome | null;
  /** Size of the whole body, as received. */
  readonly bytes: number;
}

/**
 * `GET deliveries?q&upTo&before&offset&limit`: newest first by `seq`. `upTo` selects the snapshot, so that pages do
 * not move when deliveries arrive; without it the newest snapshot is used and returned. `before` is the seq of the
 * last row of the previous page. `offset` is for a jump. `limit` is 100 by default, and at most 200.
 *
 * `q` consists of words: `event:order.*` `resource:ord_1` `status:ok|failed`
 * `signature:bad|verified|mismatch|stale|unsigned|no-secret` `is:repeated|first|retry|duplicate` `env:sandbox`
 * `since:1h` `until:2026-06-01T08:00`. All must match. Every other word is searched for in the payloads (`"two
 * words"` as one). An invalid word is answered 400 with `invalid_usage`.
 */
export interface DeliveryPage {
  readonly upTo: number;
  /** The number of deliveries that match the filter, up to the snapshot, in the part that was searched. */
  readonly total: number;
  /** The part of the feed that was searched, from the newest; 1: all. The search continues while it is asked for. */
  readonly searched: number;
  readonly rows: readonly Row[];
}

/** `GET failed?q&upTo&seq&side=older|newer`: the nearest failed delivery of the list to a place. */
export interface FailedPlace {
  /** Its position in the list, from the oldest; null if there is none in the part that was searched. */
  readonly place: number | null;
  readonly searched: number;
}

/** `GET counts`: all deliveries, without a filter. The others are those in the part that was searched. */
export interface Counts {
  readonly all: number;
  readonly failed: number;
  readonly badSignature: number;
  readonly repeated: number;
  /** The part of the feed that was counted, from the newest; 1: all. */
  readonly searched: number;
}

/** The text if the bytes are UTF-8, otherwise base64. */
export type BodyContent =
  { readonly text: string; readonly base64?: undefined } | { readonly base64: string; readonly text?: undefined };

export interface Verification {
  readonly verdict: Verdict;
  readonly scheme: string | null;
  /** The header that carried the signature, lower case. */
  readonly header: string | null;
  /** The time of signing, if the scheme includes one. */
  readonly signedAt: number | null;
  /** `secret 1 of 2` for the one that matched; null if none did, or if it is no longer known here. */
  readonly secretHint: string | null;
}

/** One attempt to forward a delivery, and the app's response. */
export interface Attempt {
  /** 1 for the first. */
  readonly n: number;
  readonly cause: AttemptCause;
  readonly url: string;
  /** The body of an edited one, at most 256 KB; null if it was that of the delivery, or is not known. */
  readonly sent: BodyContent | null;
  readonly startedAt: number;
  readonly durationMs: number;
  /** Null: no response, see `error`. */
  readonly status: number | null;
  /** Why there was no response: `refused`, `timeout`, …, and a message. */
  readonly error: { readonly reason: string; readonly message: string } | null;
  /** Of the response, in the order received. */
  readonly headers: readonly HeaderPair[];
  /** Null without a response. At most 64 KB are kept. */
  readonly body: BodyContent | null;
  /** The coding that was removed for `body`, such as `gzip`; null if it is unchanged. */
  readonly decodedFrom: string | null;
  /** Size of the whole response body. */
  readonly bodyBytes: number;
  readonly truncated: boolean;
}

/** `GET deliveries/:id`: `:id` may be a unique prefix, or `last`. */
export interface Detail {
  readonly row: Row;
  readonly method: string;
  /** With its query, secret parameters masked. */
  readonly path: string;
  /** In the order received, repeated ones apart, secrets masked. */
  readonly headers: readonly HeaderPair[];
  /** At most 256 KB of it; `GET deliveries/:id/body` returns all. */
  readonly body: BodyContent;
  /** The coding that was removed for `body`, such as `gzip`; null if it is unchanged. */
  readonly decodedFrom: string | null;
  readonly bodyBytes: number;
  /** Whether `body` is only the beginning. */
  readonly truncated: boolean;
  /** Why the body is not JSON; null if it is. */
  readonly notJson: string | null;
  /** Set if only this many bytes of a refused delivery were kept, which cannot be replayed; null if all are stored. */
  readonly keptBytes: number | null;
  readonly verification: Verification;
  /** Why the signature is not valid, in sentences, the most informative first. */
  readonly reasons: readonly string[];
  /** The oldest first. Bodies: `GET deliveries/:id/attempts/:n/body`. */
  readonly attempts: readonly Attempt[];
}

/** `POST deliveries/:id/replay`. 200 `ReplayAnswer`, whatever the app's status, or 409 `ConfirmTarget`. */
export interface ReplayRequest {
  /** A port or URL; absent: `Session.forwardUrl`. */
  readonly to?: string;
  /** Sign with the current time. An edited body is always signed. */
  readonly resign?: boolean;
  /** Replaces the body. */
  readonly bodyBase64?: string;
  readonly confirmedHost?: string;
}

export interface ReplayAnswer {
  readonly attempt: Attempt;
  /** The differences from the stored request, in sentences. */
  readonly changes: readonly string[];
  /** The headers of the signature that was sent. */
  readonly signature: readonly HeaderPair[];
}

/** `POST deliveries/:id/preview`: the signature of an edited body. Nothing is sent. */
export interface PreviewRequest {
  readonly bodyBase64: string;
}

export interface Preview {
  readonly original: {
    readonly verification: Verification;
    /** The headers with the signature. */
    readonly headers: readonly HeaderPair[];
    /** The verdict of the stored signature for the edited body, as the app would see it without re-signing. */
    readonly overEdited: Verdict;
  };
  /** Without the ID of the event: each time it is sent it has a new one. */
  readonly edited: { readonly headers: readonly HeaderPair[]; readonly scheme: string };
}

/** `POST replay-failed`: events that the app has never accepted. 200, 409 `ConfirmTarget`. */
export interface ReplayFailedRequest {
  /** As in the list; absent: all. */
  readonly q?: string;
  readonly to?: string;
  readonly resign?: boolean;
  readonly confirmedHost?: string;
}

export interface ReplayFailedAnswer {
  readonly sent: number;
  readonly accepted: number;
  /** Deliveries that were not sent, because their signature is bad. */
  readonly leftOut: number;
}

/** `POST trigger`: an order through the API of the sandbox or emulator, or a signed event directly to the listener. */
export type TriggerRequest =
  | { readonly what: "order"; readonly symbol?: string; readonly quantity?: string; readonly side?: "buy" | "sell" }
  | { readonly what: "event"; readonly event: string };

export interface TriggerAnswer {
  /** Of the order, or `data.id` of the event. */
  readonly resourceId: string | null;
  /** The order's status, or the listener's response such as `200`. */
  readonly status: string;
}

/** `GET export?format&q&redact&id`: an attachment. Redacted unless `redact=0`; `id` replaces `q` for one delivery. */
export type ExportFormat = "ndjson" | "har" | "curl";

/**
 * `GET stream?q&after`: server-sent events. `id:` is an opaque cursor; pass the last one as `after`, or let the
 * browser send `Last-Event-ID`. Without either the stream begins now. The event's name is the key, its data the JSON
 * of the value.
 */
export interface StreamEvents {
  /** New deliveries. `count`: all of them; `rows`: the newest 100 at most, newest first. `head`: their snapshot. */
  readonly rows: { readonly count: number; readonly head: number; readonly rows: readonly Row[] };
  /**
   * Older deliveries were answered or forwarded. `rows`: those that match the filter now; one that the page does not
   * have may be new to its list (`status:failed`). `left`: ids of those that do not match.
   */
  readonly update: { readonly head: number; readonly rows: readonly Row[]; readonly left: readonly string[] };
  /** At most twice a second, when they have changed, once `GET counts` was requested. */
  readonly counts: Counts;
  /** Too many events were missed: load a new snapshot. */
  readonly gap: { readonly head: number };
  /** Every 15 s. Without one for 40 s, connect again. */
  readonly tick: { readonly head: number };
  /** The session has too many streams, and this one ends. Reconnect only when the user asks for it. */
  readonly superseded: Record<string, never>;
}

/** The names above. */
export type StreamEventName = keyof StreamEvents;

/**
 * `dist/inspector/manifest.json`, which the build writes: the names of the files next to it. `index.html` is the
 * page; all others are served below `/assets/`, and have a hash in their names.
 */
export interface Manifest {
  readonly files: readonly string[];
}
