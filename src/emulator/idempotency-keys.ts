import { createHash } from "node:crypto";
import type { Clock } from "../platform/clock.ts";
import { Refusal } from "./refusal.ts";
import type { State, StoredAnswer } from "./state.ts";

const LIFETIME_MS = 24 * 60 * 60_000;
const MAX_KEY_CHARS = 255;

export interface IdempotentRequest {
  /** The `Idempotency-Key` header. */
  readonly key: string | undefined;
  readonly isKeyRequired: boolean;
  readonly apiKey: string;
  readonly method: string;
  readonly path: string;
  /** The body as sent. */
  readonly body: string;
}

export type Answer = Pick<StoredAnswer, "status" | "body">;

/**
 * Carries out a request, or returns the response that the same key and body got before. Only successes are stored: a
 * refused request may be corrected and sent again. Throws if a required key is missing, or if it was used for another
 * request.
 */
export function answerOnce(
  request: IdempotentRequest,
  world: { readonly state: State; readonly clock: Pick<Clock, "now"> },
  carryOut: () => Answer,
): Answer {
  const { key } = request;
  const param = "Idempotency-Key";
  if (key === undefined || key === "") {
    if (request.isKeyRequired)
      throw new Refusal("400-002", { param, message: "The Idempotency-Key header is required." });
    return carryOut();
  }
  if (key.length > MAX_KEY_CHARS) throw new Refusal("400-003", { param });
  const now = world.clock.now();
  const slot = `${request.apiKey} ${key}`;
  const fingerprint = hash([request.method, request.path, request.body]);
  const earlier = world.state.answers.get(slot);
  if (earlier !== undefined && earlier.expiresAt > now) {
    if (earlier.fingerprint !== fingerprint) throw new Refusal("409-002", { param });
    return earlier;
  }
  const answer = carryOut();
  // Deleted first, so that a renewed key counts as the newest.
  world.state.answers.delete(slot);
  world.state.answers.set(slot, { ...answer, fingerprint, expiresAt: now + LIFETIME_MS });
  return answer;
}

function hash(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}
