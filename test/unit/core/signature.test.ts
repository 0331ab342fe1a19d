import { describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";
import type { HeaderPair } from "../../../src/core/delivery.ts";
import { SCHEMES, sign, verify } from "../../../src/core/signature.ts";

const SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes....").toString("base64")}`;
const NOW = 1_750_000_000_000;
const body = Buffer.from('{"event":"order.filled"}');
const signed = (scheme: (typeof SCHEMES)[number], overrides: Partial<Parameters<typeof sign>[0]> = {}) =>
  sign({ scheme, body, secret: SECRET, id: "msg_1", now: NOW, ...overrides });
const check = (headers: HeaderPair[], overrides: Partial<Parameters<typeof verify>[0]> = {}) =>
  verify({ headers, body, secrets: [SECRET], now: NOW, ...overrides });

describe.each(SCHEMES)("a signature in the scheme %s", (scheme) => {
  it("is recognised by itself and verified", () => {
    expect(check(signed(scheme))).toMatchObject({ verdict: "verified", scheme });
  });

  it("fails when the body was changed", () => {
    expect(check(signed(scheme), { body: Buffer.from('{"event":"order.fillex"}') }).verdict).toBe("mismatch");
  });

  it("fails under another secret", () => {
    expect(check(signed(scheme, { secret: "another" })).verdict).toBe("mismatch");
  });

  it("passes under any of several secrets, as during a rotation", () => {
    expect(check(signed(scheme), { secrets: ["new secret", SECRET] }).verdict).toBe("verified");
  });

  it("cannot be judged without a secret", () => {
    expect(check(signed(scheme), { secrets: [] }).verdict).toBe("no-secret");
  });
});

describe.each(["standard-webhooks", "timestamped"] as const)("a signature with a time, %s", (scheme) => {
  it.each([
    [-301_000, "stale"],
    [-299_000, "verified"],
    [299_000, "verified"],
    [301_000, "stale"],
  ])("that is %i ms off is %s", (offset, verdict) => {
    expect(check(signed(scheme, { now: NOW + offset })).verdict).toBe(verdict);
  });
});

describe("a signature", () => {
  it("in the Standard Webhooks scheme agrees with the reference implementation, both ways", () => {
    const reference = new Webhook(SECRET);
    const at = new Date();
    const ours = Object.fromEntries(signed("standard-webhooks", { now: at.getTime() }));
    expect(() => reference.verify(body.toString(), ours)).not.toThrow();
    const theirs: HeaderPair[] = [
      ["webhook-id", "msg_2"],
      ["webhook-timestamp", String(Math.floor(at.getTime() / 1000))],
      ["webhook-signature", `v1,AAAA ${reference.sign("msg_2", at, body.toString())}`],
    ];
    expect(check(theirs, { now: at.getTime() }).verdict).toBe("verified");
  });

  it("is found under the svix header names", () => {
    const svix = signed("standard-webhooks").map(([name, value]): HeaderPair => [
      name.replace("webhook-", "Svix-"),
      value,
    ]);
    expect(check(svix)).toEqual({ verdict: "verified", scheme: "standard-webhooks", header: "svix-signature" });
  });

  it.each(["X-Bluum-Signature", "bluum-signature", "X-Webhook-Signature", "X-Hub-Signature-256", "x-hmac-sha256"])(
    "is found in the header %s",
    (header) => {
      expect(check(signed("hex", { header }))).toEqual({
        verdict: "verified",
        scheme: "hex",
        header: header.toLowerCase(),
      });
    },
  );

  it("is looked for in one header alone when that is configured", () => {
    expect(check(signed("hex", { header: "x-other-signature" }), { header: "x-signature" }).verdict).toBe("unsigned");
    expect(check(signed("hex", { header: "x-seal" }), { header: "X-Seal" }).verdict).toBe("verified");
  });

  it("without the sha256= prefix is the same", () => {
    const bare = signed("hex").map(([name, value]): HeaderPair => [name, value.replace("sha256=", "").toUpperCase()]);
    expect(check(bare).verdict).toBe("verified");
  });

  it.each(["", "v1,", "t=,v1=", "t=1,v1=zz", "sha256=", "A".repeat(10_000), "t=99999999999999999999,v1=00", "\u0000"])(
    "of garbage (%j) is a mismatch or unsigned, never an exception",
    (value) => {
      const headers: HeaderPair[] = [
        ["x-signature", value],
        ["webhook-signature", value],
        ["webhook-id", value],
        ["webhook-timestamp", value],
      ];
      expect(["mismatch", "unsigned"]).toContain(check(headers).verdict);
    },
  );

  it("that is absent is unsigned", () => {
    expect(check([["content-type", "application/json"]])).toEqual({ verdict: "unsigned" });
  });
});
