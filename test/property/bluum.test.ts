import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedact } from "../../src/bluum/redact-exchange.ts";
import { decodeEventTypes } from "../../src/bluum/wire/decode-event-type.ts";
import { decodeOrder } from "../../src/bluum/wire/decode-order.ts";
import { decodeTransfer } from "../../src/bluum/wire/decode-transfer.ts";
import { decodeWebhook, decodeWebhookPage } from "../../src/bluum/wire/decode-webhook.ts";
import { AppError } from "../../src/core/errors.ts";

const DECODERS = [decodeEventTypes, decodeOrder, decodeTransfer, decodeWebhook, decodeWebhookPage];

const FIELDS = ["id", "url", "name", "status", "eventTypes", "eventTypeNames", "created", "created_at", "secret"];
const NAMES = [...FIELDS, "data", "webhook", "webhooks", "order", "deposit", "quantity", "amount", "__proto__"];

/** JSON whose objects have the names that the decoders look for, so that they get past the first check. */
const { near } = fc.letrec<{ near: unknown }>((tie) => ({
  near: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.jsonValue(), fc.string(), fc.double(), fc.constantFrom("ACTIVE", "wh_1", null, 1e300)),
    fc.array(tie("near"), { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom(...NAMES), tie("near")), { maxLength: 6 }).map(objectOf),
  ),
}));

function objectOf(entries: [string, unknown][]): unknown {
  // Parsed from text, so that `__proto__` becomes an own field, as in a response.
  return JSON.parse(`{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v) ?? "null"}`).join()}}`);
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

const text = fc.string({ unit: "grapheme", minLength: 1 });

describe("decoders", () => {
  it("never throw anything but an AppError, for any JSON", () => {
    fc.assert(
      fc.property(near, (answer) => {
        const thrown = DECODERS.map((decode) => thrownBy(() => decode(answer))).filter((error) => error !== undefined);
        for (const error of thrown) {
          expect(error).toBeInstanceOf(AppError);
          expect(error).toMatchObject({ code: "api_invalid_response" });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("keep every field that they do not decode", () => {
    const wire = { id: "wh_1", url: "https://a.example", eventTypeNames: [], status: "ACTIVE" };
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().map((key) => `x-${key}`),
          fc.jsonValue(),
        ),
        (extra) => {
          expect(decodeWebhook({ ...wire, ...extra }).unknown).toEqual({ ...extra });
        },
      ),
    );
  });
});

describe("redaction", () => {
  it("leaves no secret in any text, at any position and any number of times", () => {
    const secret = fc.string({ minLength: 12, maxLength: 30 });
    fc.assert(
      fc.property(secret, secret, fc.array(text), (apiKey, apiSecret, parts) => {
        const token = Buffer.from(`${apiKey}:${apiSecret}`).toString("base64");
        const redact = createRedact({ apiKey, apiSecret });
        for (const each of [apiKey, apiSecret, token]) expect(redact(parts.join(each), 100_000)).not.toContain(each);
        for (const each of [apiKey, apiSecret]) {
          expect(redact(JSON.stringify({ [each]: parts }), 100_000)).not.toContain(JSON.stringify(each).slice(1, -1));
        }
      }),
    );
  });

  it("returns at most the allowed length, and no control character", () => {
    const redact = createRedact({ apiKey: "", apiSecret: "" });
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 500 }), fc.integer({ min: 1, max: 300 }), (sent, maxChars) => {
        const shown = redact(sent, maxChars);
        expect(Array.from(shown).length).toBeLessThanOrEqual(maxChars);
        expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u);
      }),
    );
  });
});
