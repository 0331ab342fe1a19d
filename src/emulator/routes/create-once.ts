import { createHash } from "node:crypto";
import { type Call, readJson, type Reply } from "../http.ts";
import { Refusal } from "../refusal.ts";
import type { StoredAnswer } from "../state.ts";
import type { World } from "../world.ts";

const LIFETIME_MS = 24 * 60 * 60_000;
const MAX_KEY_CHARS = 255;

type Answer = Pick<StoredAnswer, "status" | "body">;

/**
 * Carries out a request that creates something, or returns the response that the same `Idempotency-Key` and body got
 * before. Only successes are stored: a refused request may be corrected and sent again. Throws if a required key is
 * missing, or if it was used for another request.
 */
export function createOnce(
  call: Call,
  { state: { answers }, clock }: Pick<World, "state" | "clock">,
  { isKeyRequired }: { readonly isKeyRequired: boolean },
  carryOut: (body: unknown) => Answer,
): Reply {
  const parsed = readJson(call);
  const key = call.headers["idempotency-key"] ?? "";
  const param = "Idempotency-Key";
  if (key === "") {
    if (!isKeyRequired) return carryOut(parsed);
    throw new Refusal("400-002", { param, message: "The Idempotency-Key header is required." });
  }
  if (key.length > MAX_KEY_CHARS) throw new Refusal("400-003", { param });
  const now = clock.now();
  const slot = `${call.access?.apiKey ?? ""} ${String(key)}`;
  const request = JSON.stringify([call.method, call.path, call.body]);
  const fingerprint = createHash("sha256").update(request).digest("base64");
  const earlier = answers.get(slot);
  if (earlier !== undefined && earlier.expiresAt > now) {
    if (earlier.fingerprint !== fingerprint) throw new Refusal("409-002", { param });
    return earlier;
  }
  const answer = carryOut(parsed);
  // Deleted first, so that a renewed key counts as the newest.
  answers.delete(slot);
  answers.set(slot, { ...answer, fingerprint, expiresAt: now + LIFETIME_MS });
  return answer;
}
