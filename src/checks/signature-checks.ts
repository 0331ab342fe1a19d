import type { CheckGroup, Kit } from "./check-definition.ts";
import { mustBeRefused, mustSucceed } from "./findings.ts";
import { RAW_BODY_FIX } from "./refusal.ts";

const ONE_HOUR_MS = 3_600_000;

const VERIFY =
  "Compute the HMAC-SHA256 of the raw bytes with the webhook's secret, compare it in constant time, and answer 401 if it differs.";

export const signature: CheckGroup = {
  name: "signature",
  checks: [
    {
      id: "signature.missing",
      title: "refuses an event without a signature",
      requirement: "required",
      why: "The URL is not secret: without a signature anyone can forge a deposit.",
      sent: "an order.filled without any signature header",
      expected: "4xx",
      fix: `Treat a missing signature as invalid. ${VERIFY}`,
      isSafe: true,
      run: async (kit) =>
        mustBeRefused(
          await kit.send({ ...kit.event("order.filled"), signature: { kind: "none" } }),
          kit.limits.quickMs,
        ),
    },
    {
      id: "signature.wrong",
      title: "refuses a signature made with another secret",
      requirement: "required",
      why: "A header that looks like a signature proves nothing until it is compared.",
      sent: "an order.filled, signed with a secret that is not the webhook's",
      expected: "4xx",
      fix: VERIFY,
      isSafe: true,
      run: async (kit) =>
        mustBeRefused(
          await kit.send({ ...kit.event("order.filled"), signature: { kind: "foreign" } }),
          kit.limits.quickMs,
        ),
    },
    {
      id: "signature.tampered",
      title: "refuses a body that was changed after signing",
      requirement: "required",
      why: "If the signature does not cover the whole body, amounts can be changed in transit.",
      sent: "an order.filled whose body differs from the signed one in one field",
      expected: "4xx",
      fix: VERIFY,
      isSafe: true,
      needsSecret: true,
      async run(kit) {
        const event = kit.event("order.filled");
        const body = Buffer.from(event.body.toString().replace(/"status":"[a-z]+"/, '"status":"tampered"'));
        return mustBeRefused(
          await kit.send({ ...event, body, signature: { kind: "of", body: event.body } }),
          kit.limits.quickMs,
        );
      },
    },
    {
      id: "signature.stale",
      title: "refuses a signature that is an hour old",
      requirement: "required",
      why: "Otherwise anyone who records a delivery could repeat it at any time.",
      sent: "an order.filled, signed correctly with a time one hour ago",
      expected: "4xx",
      fix: "Compare the signed time with the clock and refuse a difference of more than five minutes in either direction.",
      isSafe: true,
      needsSecret: true,
      async run(kit) {
        if (!kit.signsTime) return { result: "skipped", got: "this scheme does not sign the time" };
        const event = { ...kit.event("order.filled"), signature: { kind: "valid", ageMs: ONE_HOUR_MS } } as const;
        return mustBeRefused(await kit.send(event), kit.limits.quickMs);
      },
    },
    {
      id: "signature.raw-bytes",
      title: "verifies the raw bytes",
      requirement: "required",
      why: "A handler that parses the JSON and serializes it again does not verify the bytes that were signed. It works until a space or an escape differs.",
      sent: "an order.accepted with unusual spaces, key order, escapes and numbers, signed over exactly these bytes",
      expected: "2xx",
      fix: RAW_BODY_FIX,
      topic: "rawBody",
      needsSecret: true,
      run: async (kit) => mustSucceed(await kit.send(unusual(kit))),
    },
  ],
};

function unusual(kit: Kit) {
  const { payload, eventId } = kit.event("order.accepted", { data: { bluum_hooks_unknown: 1 } });
  return { eventId, body: Buffer.from(unusualJson(payload)) };
}

/**
 * The same JSON in a form that no serializer writes: keys in reverse order, odd spaces and line breaks, the first
 * letter of every text as an escape, escaped slashes, whole numbers with a fraction. Parsing and serializing it
 * changes the bytes.
 */
export function unusualJson(value: unknown): string {
  if (typeof value === "string") return unusualText(value);
  if (typeof value === "number" && Number.isSafeInteger(value)) return `${value}.0E0`;
  if (Array.isArray(value)) return `[ ${value.map(unusualJson).join(" ,\t")}\n]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).toReversed();
  return `{\n\t${pairs.map(([key, each]) => `${JSON.stringify(key)} :  ${unusualJson(each)}`).join("\r\n ,")} }`;
}

function unusualText(text: string): string {
  if (text === "") return '""';
  const escape = `\\u${text.charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}`;
  return `"${escape}${JSON.stringify(text.slice(1))
    .slice(1, -1)
    .replaceAll("/", String.raw`\/`)}"`;
}
