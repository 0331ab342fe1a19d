import type { HeaderPair } from "./delivery.ts";
import { setJson } from "./json-edit.ts";
import type { JsonText } from "./json-text.ts";
import { DEFAULT_TOLERANCE_MS, sign, type Scheme } from "./signature.ts";

/**
 * How an event is signed. `signed`: correctly. `bad-signature`: with another secret. `stale`: correctly, but with an
 * old timestamp. `tampered`: correctly, then the body was changed.
 */
export const SIGNATURE_VARIANTS = ["signed", "unsigned", "bad-signature", "stale", "tampered"] as const;
export type SignatureVariant = (typeof SIGNATURE_VARIANTS)[number];

export interface EventRequestOptions {
  /** A JSON object, sent exactly as written. */
  readonly payload: JsonText;
  readonly variant: SignatureVariant;
  readonly scheme: Scheme;
  /** Header of the single-header schemes. */
  readonly header?: string | undefined;
  /** Not needed for `unsigned` and `bad-signature`. */
  readonly secret: string;
  /** A secret that differs from the webhook's, for `bad-signature`. */
  readonly wrongSecret: string;
  /** Event id; only the schemes that sign one carry it. */
  readonly eventId: string;
  /** Unix time in milliseconds. */
  readonly now: number;
}

/** Age of the signature of a stale event: twice the usual tolerance. */
export const STALE_MS = 2 * DEFAULT_TOLERANCE_MS;

/** Whether a signature of this scheme includes the time of signing. */
export function carriesTime(scheme: Scheme): boolean {
  return scheme === "standard-webhooks" || scheme === "timestamped";
}

/** The headers and exact bytes of a delivery of the payload. */
export function eventRequest(options: EventRequestOptions): { readonly headers: HeaderPair[]; readonly body: Buffer } {
  const { variant, payload } = options;
  const original = Buffer.from(payload.text);
  const signature = sign({
    scheme: options.scheme,
    header: options.header,
    body: original,
    secret: variant === "bad-signature" ? options.wrongSecret : options.secret,
    id: options.eventId,
    now: variant === "stale" ? options.now - STALE_MS : options.now,
  });
  return {
    headers: [
      ["Content-Type", "application/json"],
      ["User-Agent", "bluum-hooks"],
      ...(variant === "unsigned" ? [] : signature),
    ],
    body: variant === "tampered" ? Buffer.from(setJson(payload.text, ["tampered"], "true")) : original,
  };
}
