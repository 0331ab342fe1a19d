import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMULATOR_ACCESS } from "../../../../src/core/environments.ts";
import { Secrets } from "../../../../src/output/privacy/mask-secrets.ts";
import { processorMs } from "../../../support/slack.ts";

const KEY = "key_of_the_tenant";
const SECRET = 's3c"r/t+?&xyz';

function knowing(...secrets: string[]): Secrets {
  const known = new Secrets();
  known.learn(secrets);
  return known;
}

const oftenEscaped = fc.string({
  unit: fc.constantFrom("n", "t", "u", "0", "\\", '"', "/", "\n", "\t", "\x07", "%", "&"),
  minLength: 8,
  maxLength: 20,
});
const unicode = (text: string) =>
  text
    .split("")
    .map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");

describe("a secret is masked", () => {
  it.each([
    ["as it is", SECRET],
    ["URL-encoded", encodeURIComponent(SECRET)],
    [
      "URL-encoded, every character",
      SECRET.split("")
        .map((char) => `%${char.charCodeAt(0).toString(16)}`)
        .join(""),
    ],
    ["inside JSON", JSON.stringify({ secret: SECRET })],
    ["inside JSON inside JSON", JSON.stringify(JSON.stringify({ secret: SECRET }))],
    ["inside JSON with escaped slashes", JSON.stringify({ secret: SECRET }).replaceAll("/", "\\/")],
    ["in unicode escapes", unicode(SECRET)],
    ["in unicode escapes inside JSON", JSON.stringify(unicode(SECRET))],
    ["partly escaped", unicode(SECRET.slice(0, 5)) + SECRET.slice(5)],
    ["in XML", SECRET.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replace("s3", "&#x73;&#51;")],
    ["in base64", Buffer.from(SECRET).toString("base64")],
    ["in base64 behind one byte", Buffer.from(`:${SECRET}`).toString("base64")],
    ["in base64 behind two bytes", Buffer.from(`::${SECRET}`).toString("base64url")],
    ["in Basic credentials", `Basic ${Buffer.from(`${KEY}:${SECRET}`).toString("base64")}`],
  ])("%s", (_form, text) => {
    const masked = knowing(KEY, SECRET).mask(`before ${text} after`);
    expect(masked).toContain("••••");
    expect(masked).not.toContain(text);
    expect(masked).toMatch(/^before .* after$/);
  });

  it("completely if it contains another one", () => {
    expect(knowing("abcdefgh", "abcdefgh-ijkl").mask("abcdefgh-ijkl")).toBe("••••");
  });

  it("and the JSON around it can still be parsed", () => {
    fc.assert(
      fc.property(oftenEscaped, oftenEscaped, fc.jsonValue(), (secret, other, value) => {
        const json = JSON.stringify({ name: `w ${secret}`, other, line: `\n${secret.slice(1)}\t${secret}`, value });
        for (const text of [json, JSON.stringify(json)]) {
          expect(() => JSON.parse(knowing(secret).mask(text)) as unknown).not.toThrow();
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("not masked is", () => {
  it("text that is too short to be a secret, and the emulator's public key pair", () => {
    const { apiKey, apiSecret } = EMULATOR_ACCESS;
    expect(knowing("k", "API", apiKey, apiSecret).mask(`The API ${apiKey} ${apiSecret}`)).toBe(
      `The API ${apiKey} ${apiSecret}`,
    );
  });

  it("the one secret that the user asked to see, and no other", () => {
    expect(knowing(KEY, SECRET).mask(`${KEY} ${SECRET}`, SECRET)).toBe(`•••• ${SECRET}`);
  });

  it("a text without secrets, byte for byte", () => {
    const text = '{"a":"\\u0041 %41 \\\\ &amp; C:\\\\users"}';
    expect(knowing(KEY).mask(text)).toBe(text);
  });
});

it("a long text of escapes is processed in linear time", () => {
  for (const piece of ["\\", "%", "&", "\\u", "&#", "%4"]) {
    const start = processorMs();
    knowing(KEY).mask(piece.repeat(500_000));
    expect(processorMs() - start).toBeLessThan(10_000);
  }
});
