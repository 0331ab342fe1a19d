import type { CheckOptions, CheckLimits } from "./check-options.ts";
import type { HeaderPair } from "../core/delivery.ts";
import type { ExchangeOutcome } from "../core/exchange.ts";
import { readEvent } from "../core/payload-form.ts";
import { samplePayload } from "../core/samples.ts";
import { sign } from "../core/signature.ts";
import type { Clock } from "../platform/clock.ts";
import type { Poster } from "../platform/post.ts";
import type { CheckEvent, EventDetails, Kit, Message } from "./check-definition.ts";
import type { StateWatch } from "./state-watch.ts";
import { createHash } from "node:crypto";

/** An event that no handler acts on: the only kind that is sent to a live endpoint. */
export const HARMLESS_EVENT = "bluum_hooks.check";

interface KitParts {
  readonly checkId: string;
  readonly options: CheckOptions;
  readonly limits: CheckLimits;
  readonly poster: Poster;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For one response, if it is less than the options allow. */
  readonly timeoutMs?: () => number;
  readonly state?: StateWatch | undefined;
  readonly onOutcome?: ((outcome: ExchangeOutcome) => void) | undefined;
}

/** Creates the kit of a check. All its requests are determined by the seed, the check's id and the clock. */
export function createKit(parts: KitParts): Kit {
  const { checkId, options, limits, poster, clock, signal, state, onOutcome } = parts;
  const { timeoutMs = () => options.timeoutMs } = parts;
  const { seed, scheme } = options;
  const headersOf = (message: Message): HeaderPair[] => [
    ["Content-Type", message.contentType ?? "application/json"],
    // Lets the developer find the check of a request in the app's log.
    ["User-Agent", `bluum-hooks-check (${checkId}; seed ${seed})`],
    ...signatureOf(message),
  ];
  const signatureOf = ({ body, eventId, signature = { kind: "valid" } }: Message): HeaderPair[] => {
    const signed = (secret: string, bytes: Uint8Array, ageMs = 0) =>
      sign({ scheme, body: bytes, secret, id: eventId, now: clock.now() - ageMs, header: options.signatureHeader });
    const { secret } = options;
    switch (signature.kind) {
      case "none":
        return [];
      case "foreign":
        return signed(`whsec_${seededBytes(seed, checkId, "another secret").toString("base64")}`, body);
      case "valid":
        return secret === undefined ? [] : signed(secret, body, signature.ageMs);
      case "of":
        return secret === undefined ? [] : signed(secret, signature.body);
      default:
        return signature satisfies never;
    }
  };
  let events = 0;
  return {
    url: new URL(options.url),
    limits,
    signsTime: scheme === "standard-webhooks" || scheme === "timestamped",
    state,
    event(name, details) {
      events += 1;
      const bytes = seededBytes(seed, checkId, "event", events);
      const payload = payloadOf(options.safe ? HARMLESS_EVENT : name, bytes, { options, now: clock.now(), details });
      const eventId = `evt_${bytes.subarray(16).toString("hex").slice(0, 24)}`;
      return { name, eventId, payload, body: Buffer.from(JSON.stringify(payload)) };
    },
    async send(message): Promise<ExchangeOutcome> {
      signal.throwIfAborted();
      const outcome = await poster.post({
        url: options.url,
        headers: headersOf(message),
        body: message.body,
        timeoutMs: timeoutMs(),
        signal,
      });
      signal.throwIfAborted();
      onOutcome?.(outcome);
      return outcome;
    },
    shuffled: (texts) => seededShuffle(texts, seed, checkId),
  };
}

function payloadOf(
  name: string,
  bytes: Buffer,
  given: { readonly options: CheckOptions; readonly now: number; readonly details: EventDetails | undefined },
): CheckEvent["payload"] {
  const { options, details = {} } = given;
  const { form = "event", generation } = options;
  const earlier = readEvent(details.about?.payload).resource?.text;
  const sample = samplePayload(
    name,
    { form, generation },
    {
      now: given.now - (details.ageMs ?? 0),
      resourceId: (like) => earlier ?? seededId(like, bytes),
      // The app knows the user's own investor or account; an event about an account concerns only that account.
      ownerId: name.startsWith("account.") ? undefined : options.ownerId,
    },
  );
  return { ...sample, data: { ...sample.data, ...details.data } };
}

/** 32 bytes that depend only on the seed and the labels. */
function seededBytes(seed: number, ...labels: readonly (string | number)[]): Buffer {
  return createHash("sha256")
    .update(JSON.stringify([seed, ...labels]))
    .digest();
}

/** An id in the format of the sample: a UUID for a UUID, the same prefix for a prefix. */
function seededId(like: string, bytes: Buffer): string {
  const hex = bytes.toString("hex");
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(like)) {
    // Version 4, variant 1: some databases reject other UUIDs.
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }
  const prefix = /^[a-z]+_/i.exec(like)?.[0] ?? "";
  return prefix + hex.slice(0, 16);
}

function seededShuffle(texts: readonly string[], seed: number, label: string): string[] {
  return texts
    .map((text) => ({ text, rank: seededBytes(seed, label, "shuffle", text).toString("hex") }))
    .toSorted((one, other) => (one.rank < other.rank ? -1 : 1))
    .map(({ text }) => text);
}
