import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../../../src/core/events.ts";
import { sampleOf } from "../../../src/core/samples.ts";
import { isPersonalField } from "../../../src/output/personal-fields.ts";
import { redactBody, redactHeaders, redactJson, redactText } from "../../../src/output/redact.ts";
import { withSlack } from "../../support/slack.ts";

describe("a field", () => {
  it.each([
    "name",
    "first_name",
    "lastName",
    "AccountHolderName",
    "customer-email",
    "homePhone",
    "phone_numbers",
    "SSN",
    "taxId",
    "tax_id",
    "TIN",
    "accountNumber",
    "bank_account_number",
    "routing_number",
    "IBAN",
    "billingAddress",
    "address_line1",
    "date_of_birth",
    "dateOfBirth",
    "postal_code",
    "ssn_last4",
    "ssn_last_4",
    "tin_value",
    "taxpayer_id_type_1_value",
    "accountNumberLast4",
    "account_number_masked",
    "last4",
    "mask",
    "emailVerifiedAddressRaw",
    "workemail",
    "phone_e164",
    "passport_country",
    "birth_year",
    "first",
    "last",
    "family",
    "recipient",
    "payee",
    "holder",
    "owner",
    "contact",
    "initials",
    "mothers_maiden",
    "customer.display",
    "user",
    "login",
    "ip",
    "client_ip",
    "memo",
    "notes",
    "comment",
    "remarks",
  ])("named %s is personal", (name) => expect(isPersonalField(name)).toBe(true));

  it.each([
    "event",
    "event_name",
    "symbol",
    "side",
    "type",
    "id",
    "account_id",
    "investor_id",
    "owner_id",
    "account_type",
    "status",
    "reason",
    "failure_reason",
    "description",
    "message",
    "filled_quantity",
    "average_price",
    "amount",
    "currency",
    "timestamp",
    "submitted_at",
    "email_verified_at",
    "phone_type",
    "deadline",
    "recipe",
    "latin",
    "user-agent",
  ])("named %s is not", (name) => expect(isPersonalField(name)).toBe(false));

  it.each([
    ["account", "4455667", true],
    ["account", 4455667, true],
    ["from_account", "****5667", true],
    ["account", "acc_4455667", false],
    ["account", "3f2504e0-4f89-11d3-9a0c-030512345678", false],
    ["account", "margin", false],
    ["customer", "Zoe Quux", true],
    ["investor", "inv_01j9q4m8", false],
    ["investor", { id: "inv_01j9q4m8" }, false],
  ])("named %s is personal if its value is: %j, %s", (name, value, isPersonal) => {
    expect(isPersonalField(name, value)).toBe(isPersonal);
    if (typeof value === "string") expect(redactText(`${name}=${value}&x=1`).includes(value)).toBe(!isPersonal);
  });
});

describe("a text", () => {
  it.each([
    ["mail jane.roe+x@example.co.uk now", "mail [email] now"],
    ["to=jane%40example.com&x=1", "to=[email]&x=1"],
    ["call +1 (555) 123-4567 or 555.123.4567", "call [phone] or [phone]"],
    ["?q=%2B15551234567", "?q=[phone]"],
    ["ssn is 123-45-6789, ein is 12-3456789", "ssn is [ssn], ein is [ein]"],
    ["pay DE89 3704 0044 0532 0130 00 today", "pay [iban] today"],
    ["pay GB29NWBK60161331926819 back", "pay [iban] back"],
    ["from 000123456789 to 12345678", "from [number] to [number]"],
    ["card 4111 1111 1111 1111", "card [number]"],
    ["ring 06 12 34 56 78 or 06.12.34.56.78", "ring [phone] or [phone]"],
    ["ring 020 7946 0958, (020) 7946 0958", "ring [phone], [phone]"],
    ["ring 0171/1234567 or 0044 20 7946 0958", "ring [phone] or [phone]"],
    ["name=Jane Roe&side=buy", "name=[redacted]&side=buy"],
    ['{"email": "x", "side": "buy"', '{"email": "[redacted]", "side": "buy"'],
    ["user[phone]=5551&x=y", "user[phone]=[redacted]&x=y"],
  ])("%j becomes %j", (text, redacted) => expect(redactText(text)).toBe(redacted));

  it.each([
    "ord_x9y8z7a6b5c4d3e2",
    "ord_123456789012345678",
    "3f2504e0-4f89-11d3-9a0c-030512345678",
    "2025-06-15T14:30:15.123+00:00",
    "2025-06-15",
    "20250615",
    "1718461815",
    "1718461815123",
    "12345678.90",
    "178.50",
    "0.123456789",
    "00.123456789",
    "05 10 2025",
    "01/02/2025 14:30",
    "01.02.2025 14:30:15",
    "ord-0612-34567890",
    "09:30 to 16:00",
    "buy 10 AAPL @ 178.50",
    "t=1718461815,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd",
    "http://127.0.0.1:4600/webhooks/bluum",
  ])("%j stays", (text) => expect(redactText(text)).toBe(text));

  it("of any kind takes no more time than it is long", () => {
    for (const piece of ["a", "a:", "1", "a1 ", "x=", "1-", "+1", '"', "AB12 "]) {
      const start = performance.now();
      redactText(piece.repeat(Math.ceil(100_000 / piece.length)));
      expect(performance.now() - start).toBeLessThan(withSlack(5_000));
    }
  });
});

it.each(["current", "legacy"] as const)(
  "a payload of the %s API loses nothing: it holds no personal data",
  (generation) => {
    for (const name of Object.keys(EVENT_TYPES)) {
      const payload = JSON.stringify(sampleOf(name, generation, { now: 1_750_000_000_000 }));
      expect(redactJson(payload)).toBe(payload);
    }
  },
);

describe("a body", () => {
  it("keeps its shape", () => {
    const value = {
      event: "order.filled",
      data: {
        id: "ord_1",
        investor: { name: { first: "Jane", age: 40, isReal: true, none: null } },
        tags: ["a@b.example"],
      },
    };
    expect(JSON.parse(redactBody(Buffer.from(JSON.stringify(value))).toString())).toEqual({
      event: "order.filled",
      data: {
        id: "ord_1",
        investor: { name: { first: "[redacted]", age: 0, isReal: true, none: null } },
        tags: ["[email]"],
      },
    });
  });

  it.each([
    ["binary", Buffer.from([0xff, 0xfe])],
    ["broken JSON", Buffer.from('{"data": {"investor": {"first": "Jane"')],
    ["markup", Buffer.from("<p>Jane</p>")],
    ["JSON too deep to be read again", Buffer.from(`${"[".repeat(200_000)}"Jane"${"]".repeat(200_000)}`)],
  ])("that is %s is removed whole", (_name, body) => {
    expect(redactBody(body).toString()).toMatch(/^\[redacted: \d+ bytes /);
  });
});

it("headers lose what is personal by name or by form, and lengths and codings that fit no more", () => {
  expect(
    redactHeaders([
      ["X-Customer-Name", "Jane"],
      ["X-Reply-To", "jane@example.com"],
      ["Content-Encoding", "gzip"],
      ["X-Id", "ord_1"],
    ]),
  ).toEqual([
    ["X-Customer-Name", "[redacted]"],
    ["X-Reply-To", "[email]"],
    ["X-Id", "ord_1"],
  ]);
});

const digits = (length: number) => fc.stringMatching(new RegExp(`^[2-9]{${length}}$`));
const planted = fc.oneof(
  fc.tuple(digits(3), digits(2), digits(4)).map((parts) => parts.join("-")),
  digits(12),
  fc.tuple(digits(3), digits(3), digits(4)).map((parts) => parts.join("-")),
  digits(11).map((number) => `+${number}`),
  fc
    .tuple(fc.stringMatching(/^[a-z]{3,12}$/), fc.stringMatching(/^[a-z]{3,12}$/))
    .map((parts) => `${parts.join("@")}.example`),
);
const word = fc.stringMatching(/^[a-z]{1,8}$/);

it("what is planted never comes out, wherever it stands", () => {
  fc.assert(
    fc.property(fc.jsonValue(), planted, word, word, fc.nat(4), (value, secret, before, behind, place) => {
      const text = `${before} ${secret} ${behind}`;
      const bodies: unknown[] = [
        { value, [before]: text },
        { [before]: { [behind]: [value, text] } },
        { account_number: secret, value },
        { [text]: value },
        [{ holder: { name: [{ x: secret }] } }, value],
      ];
      expect(redactJson(JSON.stringify(bodies[place]))).not.toContain(secret);
      expect(redactText(text)).not.toContain(secret);
      expect(redactText(`/hook?${before}=${encodeURIComponent(secret)}`)).not.toContain(encodeURIComponent(secret));
    }),
    { numRuns: 500 },
  );
});
