import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";
import type { HeaderPair } from "../../../src/core/delivery.ts";
import { secretRule } from "../../../src/core/secret-rule.ts";
import { diagnose } from "../../../src/core/signature-diagnosis.ts";
import { SCHEMES, sign, verify } from "../../../src/core/signature.ts";

const SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes....").toString("base64")}`;
const NOW = 1_750_000_000_000;
const body = Buffer.from('{"event":"order.filled"}');
const signed = (scheme: (typeof SCHEMES)[number], overrides: Partial<Parameters<typeof sign>[0]> = {}) =>
  sign({ scheme, body, secret: SECRET, id: "msg_1", now: NOW, ...overrides });
const check = (headers: HeaderPair[], overrides: Partial<Parameters<typeof verify>[0]> = {}) =>
  verify({ headers, body, secrets: [SECRET], now: NOW, ...overrides });

describe.each(SCHEMES)("a signature in the scheme %s", (scheme) => {
  it("is recognized and verified", () => {
    expect(check(signed(scheme))).toMatchObject({ verdict: "verified", scheme });
  });

  it("fails if the body was changed", () => {
    expect(check(signed(scheme), { body: Buffer.from('{"event":"order.fillex"}') }).verdict).toBe("mismatch");
  });

  it("fails with another secret", () => {
    expect(check(signed(scheme, { secret: "another" })).verdict).toBe("mismatch");
  });

  it("passes with any of several secrets, as during a rotation", () => {
    expect(check(signed(scheme), { secrets: ["new secret", SECRET] }).verdict).toBe("verified");
  });

  it("cannot be verified without a secret", () => {
    expect(check(signed(scheme), { secrets: [] }).verdict).toBe("no-secret");
  });
});

describe.each(["standard-webhooks", "timestamped"] as const)("a signature with a time, %s", (scheme) => {
  it.each([
    [-301_000, "stale"],
    [-300_000, "verified"],
    [-299_000, "verified"],
    [299_000, "verified"],
    [300_000, "verified"],
    [301_000, "stale"],
  ])("that is %i ms off is %s", (offset, verdict) => {
    expect(check(signed(scheme, { now: NOW + offset })).verdict).toBe(verdict);
  });
});

it.each(["standard-webhooks", "timestamped"] as const)(
  "times are compared in whole seconds: 300.9 s are fresh (%s)",
  (scheme) => {
    expect(check(signed(scheme), { now: NOW + 300_999 }).verdict).toBe("verified");
    expect(check(signed(scheme), { now: NOW + 301_000 }).verdict).toBe("stale");
  },
);

describe("a secret", () => {
  const bare = SECRET.slice("whsec_".length);

  it("without whsec_ is tried as text, and decoded", () => {
    for (const scheme of SCHEMES)
      expect(check(signed(scheme, { secret: bare }), { secrets: [bare] }).verdict).toBe("verified");
    expect(check(signed("standard-webhooks"), { secrets: [bare] }).verdict).toBe("verified");
    expect(check(signed("hex"), { secrets: [bare] }).verdict).toBe("mismatch");
  });

  it("without whsec_ signs like the reference implementation", () => {
    const at = new Date();
    const ours = Object.fromEntries(signed("standard-webhooks", { secret: bare, now: at.getTime() }));
    expect(() => new Webhook(bare).verify(body.toString(), ours)).not.toThrow();
  });

  it.each(["hello", "a plain secret", "s3cret-s3cret"])("of plain text (%j) is used as text", (secret) => {
    const asText = signed("standard-webhooks", { secret });
    expect(check(asText, { secrets: [secret], isTextOnly: true }).verdict).toBe("verified");
  });

  it.each([
    [`"${SECRET}"`, "quotation marks"],
    [`'${SECRET}`, "quotation marks"],
    [`“${SECRET}”`, "quotation marks"],
    [`v1,${SECRET}`, "belongs to a signature"],
    ["v1", "belongs to a signature"],
    ["whsec_!!!", "base64"],
    ["whsec_", "base64"],
    ["whsec_a b", "base64"],
    ["a\u200bb", "control character"],
    [`BLUUM_WEBHOOK_SECRET=${SECRET}`, "without the name of a variable"],
  ])("that was copied wrongly is reported: %j", (secret, what) => expect(secretRule(secret)).toContain(what));

  it.each([SECRET, bare, "whsec_dGVzdA", "whsec_a-b_c", "topsecret", "my own secret", "pä$$wörd!"])(
    "may be %j",
    (secret) => expect(secretRule(secret)).toBeUndefined(),
  );
});

describe("a time that is not in Unix seconds", () => {
  it.each([
    ["1750000000000", "milliseconds"],
    ["1750000000.25", "a fraction"],
    ["2025-06-15T15:06:40Z", "an ISO time"],
  ])("%s (%s) is stale if the signature is valid, and otherwise a mismatch", (time) => {
    const mac = (content: string) =>
      createHmac("sha256", Buffer.from(SECRET.slice(6), "base64"))
        .update(content)
        .update(body);
    const standard: HeaderPair[] = [
      ["webhook-id", "msg_1"],
      ["webhook-timestamp", time],
      ["webhook-signature", `v1,${mac(`msg_1.${time}.`).digest("base64")}`],
    ];
    const single: HeaderPair[] = [["x-signature", `t=${time},v1=${mac(`${time}.`).digest("hex")}`]];
    for (const headers of [standard, single]) {
      expect(check(headers).verdict).toBe("stale");
      expect(check(headers, { body: Buffer.from("{}") }).verdict).toBe("mismatch");
      expect(diagnose({ headers, body, secrets: [SECRET], now: NOW }, check(headers)).join()).toContain(
        `The signature time ${time} `,
      );
    }
  });
});

describe("two signature headers that a proxy joined into one", () => {
  it.each(SCHEMES)("are both tried (%s)", (scheme) => {
    const [own, other] = [signed(scheme), signed(scheme, { secret: "another", now: NOW - 9_000_000 })].map(
      (headers) => headers.at(-1)?.[1] ?? "",
    );
    const others = signed(scheme).slice(0, -1);
    const [name = ""] = signed(scheme).at(-1) ?? [];
    for (const value of [`${other}, ${own}`, `${own}, ${other}`, `${other},${own}`]) {
      expect(check([...others, [name, value]])).toMatchObject({ verdict: "verified", scheme });
    }
    expect(check([...others, [name, `${other}, ${other}`]]).verdict).toBe("mismatch");
  });
});

describe("a signature", () => {
  it("in the Standard Webhooks scheme agrees with the reference implementation, in both directions", () => {
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

  it("is searched for only in the configured header", () => {
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
