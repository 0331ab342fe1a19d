import { bodyText, type HeaderPair, type Verdict } from "../../core/delivery.ts";
import { AppError } from "../../core/errors.ts";
import type { ReplayCause } from "../../core/exchange.ts";
import { SCHEMES, sign, type Scheme } from "../../core/signature.ts";
import type { Forwardable } from "../../delivery/forwarder.ts";
import { newId } from "../../platform/ids.ts";
import type { Store, StoredDelivery } from "../../store/store.ts";
import { eachUndelivered, type Undelivered } from "../../delivery/catch-up.ts";
import { editPayload, type Setting } from "./edit-payload.ts";

/** The differences from the stored bytes. By default there are none. */
export interface Edit {
  /** Values to set in the payload, by their paths. */
  readonly set: readonly Setting[];
  /** Replaces the stored body. */
  readonly body?: Buffer;
  /** How to re-sign; undefined keeps the original signature. */
  readonly signing: { readonly secret: string; readonly scheme?: Scheme; readonly header?: string } | undefined;
}

/** A delivery to send again, and a description of each difference from the stored one. */
export interface Replay {
  readonly delivery: Forwardable;
  readonly isEdited: boolean;
  readonly changes: readonly string[];
}

/** Why it is sent, for a URL and that of the app: the last one that a listener forwarded to. */
export function replayCause(isEdited: boolean, url: string, app: string | undefined): ReplayCause {
  if (isEdited) return "edited";
  return app === undefined || new URL(url).href === new URL(app).href ? "replay" : "elsewhere";
}

/** Applies the edit. Throws `invalid_usage` if the payload has no place for a value. */
export function editDelivery(stored: StoredDelivery, edit: Edit, now: number): Replay {
  const { set, signing } = edit;
  if (stored.cutFrom !== undefined) {
    const kept = `only ${stored.body.length} of ${stored.cutFrom} bytes`;
    throw new AppError("invalid_usage", `${stored.id} cannot be sent again: it was refused, and ${kept} are stored`, {
      hint: "Receive it without --require-signature to store all of it.",
    });
  }
  const isEdited = set.length > 0 || edit.body !== undefined;
  if (!isEdited && signing === undefined) return { delivery: stored, isEdited, changes: [] };
  const { body, changes } = edit.body === undefined ? editBody(stored, set) : replaceBody(edit.body);
  if (signing === undefined) return { delivery: { ...stored, body }, isEdited, changes };
  const { headers, how } = reSign(stored, body, { ...signing, now, isEdited });
  return { delivery: { ...stored, body, headers }, isEdited, changes: [...changes, how] };
}

function replaceBody(body: Buffer): ReturnType<typeof editBody> {
  return { body, changes: [`the payload was edited (${body.length} bytes)`] };
}

function editBody(
  stored: StoredDelivery,
  set: Edit["set"],
): { readonly body: Buffer; readonly changes: readonly string[] } {
  if (set.length === 0) return { body: stored.body, changes: [] };
  const { payload } = stored;
  if (payload.kind !== "json" || typeof payload.value !== "object" || payload.value === null) {
    throw new AppError("invalid_usage", `the payload of ${stored.id} is not a JSON object, so no value can be set`, {
      hint: "Remove --set to send it unchanged.",
    });
  }
  const { text, changes } = editPayload(bodyText(stored.body), set);
  return { body: Buffer.from(text), changes };
}

/** Replaces the signature by a new one in the original scheme. */
function reSign(
  stored: StoredDelivery,
  body: Buffer,
  options: NonNullable<Edit["signing"]> & { readonly now: number; readonly isEdited: boolean },
): { readonly headers: HeaderPair[]; readonly how: string } {
  const old = stored.headers.find(([name]) => /signature|hmac/i.test(name));
  const scheme = options.scheme ?? knownScheme(stored) ?? guessScheme(old);
  const header =
    options.header ?? stored.verification.header ?? (scheme === "standard-webhooks" ? undefined : old?.[0]);
  const prefix = scheme === "standard-webhooks" ? (header ?? "webhook-signature").replace(/-signature$/i, "") : "";
  const idHeader = stored.headers.find(([name]) => name.toLowerCase() === `${prefix}-id`.toLowerCase());
  // An edited event is a different event: an app that knows the old id would correctly discard it.
  const id = options.isEdited ? newId("evt") : (idHeader?.[1] ?? newId("evt"));
  const signed = sign({ scheme, body, secret: options.secret, id, now: options.now, header });
  const fresh = signed.map(([name, value]): HeaderPair => [name.replace(/^webhook(?=-)/, prefix || "webhook"), value]);
  const replaced = new Set(fresh.map(([name]) => name.toLowerCase()));
  const headers = [...stored.headers.filter(([name]) => !replaced.has(name.toLowerCase())), ...fresh];
  const name = fresh.at(-1)?.[0] ?? "";
  return {
    headers,
    how: `re-signed (${scheme}, ${name})${options.isEdited && prefix !== "" ? `, as event ${id}` : ""}`,
  };
}

function knownScheme({ verification }: StoredDelivery): Scheme | undefined {
  return SCHEMES.find((scheme) => scheme === verification.scheme);
}

/** Guesses the scheme of an unverified signature by its format. */
function guessScheme(old: HeaderPair | undefined): Scheme {
  if (old === undefined || /\bv1,/.test(old[1])) return "standard-webhooks";
  if (/\bt=\d/.test(old[1])) return "timestamped";
  return /^(?:sha256=)?[0-9a-f]{64}$/i.test(old[1].trim()) ? "hex" : "base64";
}

/** Selects deliveries to send again, by their recorded results. */
export interface ReplayChoice {
  readonly filter: Parameters<Store["list"]>[0];
  /** Only events that were sent to the app and never accepted. */
  readonly onlyFailed: boolean;
  /** Whether each delivery gets a new signature, which fixes one that was only too old. */
  readonly isResigned: boolean;
}

export interface ReplayChosen {
  /** In order of receipt, each event once. */
  readonly chosen: readonly Undelivered[];
  /** The verdicts of failed deliveries with a bad signature: an app that verifies signatures never accepts them. */
  readonly leftOut: readonly Verdict[];
}

export async function chooseReplays(store: Pick<Store, "list">, choice: ReplayChoice): Promise<ReplayChosen> {
  const { filter, onlyFailed } = choice;
  if (!onlyFailed) return { chosen: await eachUndelivered(store, filter), leftOut: [] };
  const leftOut: Verdict[] = [];
  const chosen = await eachUndelivered(store, { ...filter, isForwarded: false }, (delivery) => {
    if (delivery.forwardStatus === undefined) return false;
    // A user who filters by verdict wants these deliveries.
    if (filter.verdicts !== undefined || !isRightlyRefused(delivery, choice)) return true;
    leftOut.push(delivery.verification.verdict);
    return false;
  });
  return { chosen, leftOut };
}

/** An unsigned delivery may be signed in an unknown way, unless the app has refused it. */
function isRightlyRefused({ verification, forwardStatus }: StoredDelivery, { isResigned }: ReplayChoice): boolean {
  switch (verification.verdict) {
    case "mismatch":
      return true;
    case "stale":
      return !isResigned;
    case "unsigned":
      return forwardStatus === 401 || forwardStatus === 403;
    case "verified":
    case "no-secret":
      return false;
    default:
      return verification.verdict satisfies never;
  }
}
