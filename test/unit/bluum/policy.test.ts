import { describe, expect, it } from "vitest";
import type { ApiTarget } from "../../../src/core/command-line.ts";
import { AppError } from "../../../src/core/errors.ts";
import { hintFor } from "../../../src/bluum/hints.ts";
import { networkError } from "../../../src/bluum/network-failures.ts";
import { createRedact } from "../../../src/bluum/redact-exchange.ts";
import { mayRetry, readRetryAfter } from "../../../src/bluum/retry-policy.ts";
import { processorMs, withSlack } from "../../support/slack.ts";

const redact = createRedact({ apiKey: "TENANT-KEY", apiSecret: "SE\u0007CRET-OF-IT" });
const REQUEST = { origin: "http://a", call: "GET /", proxy: undefined, redact };
const lost = (code: string) => networkError(Object.assign(new Error("x"), { code }), REQUEST);

describe("the retry policy", () => {
  it.each([
    [429, true, true],
    [500, true, false],
    [502, true, false],
    [503, true, false],
    [504, true, false],
    [400, false, false],
    [401, false, false],
    [403, false, false],
    [404, false, false],
    [409, false, false],
    [422, false, false],
    [501, false, false],
    [302, false, false],
  ])(
    "for status %i repeats an always repeatable call: %s, and an if-unprocessed one: %s",
    (status, repeatable, creation) => {
      const error = new AppError("api_refused", "no", { status });
      expect(mayRetry(error, "always")).toBe(repeatable);
      expect(mayRetry(error, "if-unprocessed")).toBe(creation);
    },
  );

  it.each([
    ["ECONNREFUSED", true, true],
    ["ENOTFOUND", true, true],
    ["EAI_AGAIN", true, true],
    ["EHOSTUNREACH", true, true],
    ["ECONNRESET", true, false],
    ["ETIMEDOUT", true, false],
    ["EPIPE", true, false],
    ["HPE_INVALID_CONSTANT", true, false],
    ["CERT_HAS_EXPIRED", false, false],
    ["ERR_TLS_CERT_ALTNAME_INVALID", false, false],
    ["ERR_INVALID_CHAR", false, false],
  ])("for %s repeats an always repeatable call: %s, and an if-unprocessed one: %s", (code, repeatable, creation) => {
    expect(mayRetry(lost(code), "always")).toBe(repeatable);
    expect(mayRetry(lost(code), "if-unprocessed")).toBe(creation);
  });

  it("examines the errors of a host with several addresses", () => {
    const error = new AggregateError([Object.assign(new Error("x"), { code: "ECONNREFUSED" })]);
    expect(networkError(error, REQUEST).message).toContain("connection refused");
  });

  const now = Date.UTC(2026, 0, 2, 3, 4, 5);
  it.each([
    ["0", 0],
    ["7", 7000],
    ["Fri, 02 Jan 2026 03:04:15 GMT", 10_000],
    ["Friday, 02-Jan-26 03:04:15 GMT", 10_000],
    ["Fri, 02 Jan 2026 03:00:00 GMT", 0],
    ["soon", undefined],
    ["-5", undefined],
    ["1.5e3", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("reads Retry-After %s as %s ms", (header, ms) => {
    expect(readRetryAfter(header, now)).toBe(ms);
  });

  it("limits a very long Retry-After", () => {
    expect(readRetryAfter("9".repeat(400), now)).toBeLessThan(400 * 24 * 3600 * 1000);
  });
});

describe("the hint for a refusal", () => {
  const refusal = {
    path: "/orders",
    vendorCode: undefined,
    retryAfterMs: undefined,
    redirect: undefined,
    place: { environment: "production", baseUrl: "https://api.bluumfinance.com/v1" },
  };

  it("explains keys scoped to an investor only for webhook calls with a key error", () => {
    const denied = { ...refusal, code: "permission_denied" } as const;
    expect(hintFor({ ...denied, path: "/webhooks/wh_1" })).toContain("scoped to an investor");
    expect(hintFor({ ...denied, path: "/webhooks", vendorCode: "BLUM-403-001" })).toContain("scoped to an investor");
    expect(hintFor({ ...denied, path: "/webhooks", vendorCode: "BLUM-403-003" })).toContain("production");
    expect(hintFor({ ...denied, vendorCode: "PRODUCT_NOT_ENABLED" })).toContain("enable this product");
    expect(hintFor(denied)).not.toContain("investor");
  });

  it("is the general one for an unknown code, even one with the name of an object property", () => {
    const unknown = hintFor({ ...refusal, code: "api_unavailable", vendorCode: "BLUM-500-999" });
    expect(unknown).toContain("support");
    expect(hintFor({ ...refusal, code: "api_unavailable", vendorCode: "constructor" })).toBe(unknown);
  });

  it.each([
    ["credentials_refused", undefined, "login"],
    ["credentials_refused", "BLUM-401-001", "login"],
    ["credentials_refused", "BLUM-401-004", "login"],
    ["credentials_refused", "BLUM-401-005", "login"],
    ["api_refused", "BLUM-422-001", "trigger deposit"],
  ] as const)("for %s %s names a command with the same target", (code, vendorCode, words) => {
    const hint = (place: ApiTarget) => hintFor({ ...refusal, code, vendorCode, place });
    expect(hint(refusal.place)).toMatch(new RegExp(`: bluum-hooks ${words} --env production$`));
    expect(hint({ environment: "emulator", baseUrl: "http://127.0.0.1:9/v1" })).toMatch(
      new RegExp(`: bluum-hooks ${words} --env emulator --base-url http://127.0.0.1:9/v1$`),
    );
    expect(hint({ environment: "sandbox", baseUrl: "https://sandbox.api.bluumfinance.com/v1" })).toMatch(
      new RegExp(`: bluum-hooks ${words}$`),
    );
  });
});

describe("text from a peer", () => {
  it("loses control characters, direction marks and line breaks", () => {
    expect(redact("a\u001b[31mred\u001b[0m\r\n\t\u202eb\u2028c\u0000")).toBe("ared b c");
  });

  it("is cut to its limit between characters", () => {
    expect(redact("😀".repeat(300), 10)).toBe(`${"😀".repeat(9)}…`);
    expect(redact("a".repeat(200))).toHaveLength(200);
    expect(redact("a".repeat(201))).toHaveLength(200);
  });

  it.each([
    ["the key", "your TENANT-KEY is wrong"],
    ["the secret", "SE\u0007CRET-OF-IT"],
    ["the secret in JSON", JSON.stringify("SE\u0007CRET-OF-IT")],
    ["the secret in a URL", encodeURIComponent("SE\u0007CRET-OF-IT")],
    ["the key, with marks in between", "TENANT-K\u200bE\u200bY"],
    ["the token", Buffer.from("TENANT-KEY:SE\u0007CRET-OF-IT").toString("base64")],
    ["a webhook's secret", "see whsec_AbC+/="],
    ["any secret in JSON", '{"signing_secret" : "p\\"q", "b": 1}'],
    ["a list of secrets", '{"secrets":["p","q"]}'],
  ])("masks %s", (_name, text) => {
    const shown = redact(text);
    expect(shown).toContain("[hidden]");
    expect(shown).not.toMatch(/KEY|CRET|AbC|p\\|"p"|q/);
  });

  it("keeps its words if the key is a part of them", () => {
    expect(createRedact({ apiKey: "k", apiSecret: "API" })("The API key")).toBe("The API key");
  });

  it("is cleaned quickly, even a malicious megabyte", () => {
    const startedAt = processorMs();
    redact(`"${"secret".repeat(170_000)}`);
    redact('"secret":"'.repeat(100_000));
    redact('"secret":['.repeat(100_000));
    expect(processorMs() - startedAt).toBeLessThan(withSlack(5_000));
  });
});
