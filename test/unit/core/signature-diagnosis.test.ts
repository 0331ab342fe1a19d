import { describe, expect, it } from "vitest";
import { diagnose, parseHeaderLines } from "../../../src/core/signature-diagnosis.ts";
import { SCHEMES, sign, verify, type VerifyOptions } from "../../../src/core/signature.ts";

const SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes....").toString("base64")}`;
const NOW = 1_750_000_000_000;

function findings(
  signedBody: string | Buffer,
  { body = signedBody, ...changed }: Partial<Omit<VerifyOptions, "body">> & { body?: string | Buffer } = {},
  signed: Partial<Parameters<typeof sign>[0]> = {},
): string {
  const headers = sign({
    scheme: "standard-webhooks",
    body: Buffer.from(signedBody),
    secret: SECRET,
    id: "evt_1",
    now: NOW,
    ...signed,
  });
  const options = { headers, body: Buffer.from(body), secrets: [SECRET], now: NOW, ...changed };
  return diagnose(options, verify(options)).join("\n");
}

describe("an invalid signature is explained:", () => {
  it("a valid one has no explanation", () => expect(findings("{}")).toBe(""));

  it.each(SCHEMES)("a line break that an editor added (%s)", (scheme) => {
    expect(findings('{"a":1}', { body: '{"a":1}\n' }, { scheme })).toContain(
      "ends with a line break that was not signed",
    );
    expect(findings('{"a":1}\n', { body: '{"a":1}' }, { scheme })).toContain("lacks the line break");
  });

  it.each([
    ['{"a":\n1}', '{"a":\r\n1}', "CRLF line breaks"],
    ['{"a":\r\n1}', '{"a":\n1}', "LF line breaks"],
    ['{"a":1}', '\ufeff{"a":1}', "byte order mark"],
    ['{"a":1,"b":"é"}', '{ "a": 1,\n "b": "é" }', "without spaces"],
    ['{\n  "a": 1\n}', '{"a":1}', "indent of 2"],
  ])("a body that was %j and arrived as %j", (before, body, finding) => {
    expect(findings(before, { body })).toContain(finding);
  });

  it("only once, if several changes lead to the signed bytes", () => {
    expect(findings("{}", { body: "{}\n" })).toMatch(/^The body ends with a line break[^\n]*$/);
  });

  it("another secret, or other bytes, without further guesses", () => {
    expect(findings('{"a":1}', { secrets: ["another"] })).toMatch(/^The secret is wrong.*\n.*before it is parsed/);
    expect(findings(Buffer.from([0xff, 0xfe]), { body: Buffer.from([0xff]) })).toMatch(/^The secret is wrong[^\n]*$/);
  });

  it("a secret that is almost right", () => {
    const bare = SECRET.slice("whsec_".length);
    expect(findings("{}", { secrets: [`"${SECRET}"`] })).toContain("quotation marks");
    expect(findings("{}", { secrets: [bare] })).toContain("lacks the prefix whsec_");
    expect(findings("{}", {}, { secret: bare, scheme: "hex" })).toContain("without decoding");
  });

  it("a signature that is too old, or in the future, and by how much", () => {
    expect(findings("{}", { now: NOW + 400_000 })).toBe("It was signed 6 min 40 s ago; the tolerance is 5 min.");
    expect(findings("{}", { now: NOW - 400_000 }, { scheme: "timestamped" })).toContain("6 min 40 s in the future");
    expect(findings("{}", { now: NOW + 90_000, toleranceMs: 60_000 })).toContain("the tolerance is 1 min");
  });

  it("headers without a signature", () => {
    expect(findings("{}", { headers: [["content-type", "application/json"]] })).toContain(
      "No header name suggests a signature",
    );
    expect(findings("{}", { headers: [["x-signature", "hello"]] })).toContain(
      "x-signature is not in a known signature format",
    );
    expect(findings("{}", { header: "x-mine" })).toBe("There is no header x-mine.");
    expect(findings("{}", { headers: [["webhook-signature", "v1,abc"]] })).toContain(
      "which also requires webhook-id and webhook-timestamp",
    );
    expect(findings("{}", { secrets: [] })).toContain("no secret");
  });
});

it("header lines are read in the format of common tools", () => {
  const text = "HTTP/1.1 200 OK\r\n> X-One: a: b \r\nx-two:c\r\n\r\n* note\r\nPOST /path HTTP/1.1\n";
  expect(parseHeaderLines(text)).toEqual([
    ["X-One", "a: b"],
    ["x-two", "c"],
  ]);
});
