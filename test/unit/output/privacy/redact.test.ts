import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../../../../src/core/events.ts";
import { samplePayload } from "../../../../src/core/samples.ts";
import { PAYLOAD_FORMS } from "../../../../src/core/payload-form.ts";
import { isHarmlessField } from "../../../../src/core/harmless.ts";
import { redactDelivery } from "../../../../src/output/privacy/redact-delivery.ts";
import { Redactor } from "../../../../src/output/privacy/redact.ts";
import { delivery } from "../samples.ts";
import { jsonText } from "../../../support/json-texts.ts";
import { processorMs } from "../../../support/slack.ts";

const json = (value: unknown) => JSON.parse(new Redactor().json(JSON.stringify(value))) as Record<string, unknown>;
const REPLACED = /^\[redacted [0-9a-f]{10}\]$/;

describe("a field is kept", () => {
  it.each([
    ["event", "order.partially_filled"],
    ["eventType", "order.filled"],
    ["status", "ACTIVE"],
    ["symbol", "BRK.B"],
    ["symbols", "BTC/USD"],
    ["amount", "5000.00"],
    ["average_price", "1E5"],
    ["filledQuantity", "10"],
    ["currency", "USD"],
    ["timestamp", "2025-06-15T14:30:15.123+00:00"],
    ["created", "1718461815"],
    ["submitted_at", "2025-06-15"],
    ["id", "ord_x9y8z7a6b5c4d3e2"],
    ["id", "1152921506151679042"],
    ["investor_id", "inv_01j9q4m8x7c5v2b3n6k1h0g9f8"],
    ["account_id", "3f2504e0-4f89-11d3-9a0c-030512345678"],
    ["livemode", "false"],
  ])("%s %s", (name, value) => expect(isHarmlessField(name, value)).toBe(true));
});

describe("a field is replaced", () => {
  it.each([
    ["swift_code", "DEUTDEFF"],
    ["addr", "12 Main St"],
    ["counterparty", "Jane Roe"],
    ["content", "SmFuZSBSb2U="],
    ["reason", "rejected: Jane Roe, born 1980-02-03"],
    ["failure_reason", "insufficient buying power"],
    ["gender", "F"],
    ["dob", "19800203"],
    ["name", "Jane Roe"],
    ["email", "jane@example.com"],
    ["is_pep", "true"],
    ["a_name_of_the_future", "x"],
    // A harmless name does not prove that the value is harmless.
    ["status", "Jane Roe"],
    ["status", "123-45-6789"],
    ["event", "jane@example.com"],
    ["type", "a123456789"],
    ["amount", "+49 171 1234567"],
    ["id", "jane.roe"],
    ["client_order_id", "for jane roe"],
    ["account_id", "4455667"],
    ["account_id", "DE89370400440532013000"],
    ["timestamp", "born on 3 February"],
  ])("%s %s", (name, value) => {
    expect(isHarmlessField(name, value)).toBe(false);
    expect(json({ data: { [name]: value } })).toEqual({
      data: { [name]: expect.stringMatching(REPLACED) as string },
    });
  });
});

const STYLES = PAYLOAD_FORMS.flatMap((form) =>
  (["current", "legacy"] as const).map((generation) => ({ form, generation })),
);

it.each(STYLES)("only text from users is replaced in a payload of the $generation API in the form $form", (style) => {
  for (const name of Object.keys(EVENT_TYPES)) {
    const payload = samplePayload(name, style, { now: 1_750_000_000_000 });
    const redacted = json(payload);
    const data = redacted["data"] as Record<string, unknown>;
    const replaced = Object.keys(payload.data).filter((field) => data[field] !== payload.data[field]);
    expect(
      replaced.filter((field) => !field.endsWith("reason")),
      `${name} has fields that are not in src/core/harmless.ts`,
    ).toEqual([]);
    expect(redacted).toEqual({ ...payload, data });
  }
});

it.each([
  [{ event: "order.filled", data: { id: "123456789" } }, "123456789"],
  [{ event_type: "order.filled", data: { order_id: "123456789" } }, "123456789"],
  [{ event_type: "account.updated", data: { account_id: "123456789" } }, expect.stringMatching(REPLACED)],
])("the resource of %j is as harmless as the field that names it", async (payload, resourceId) => {
  const redacted = await redactDelivery(delivery(Buffer.from(JSON.stringify(payload))), new Redactor());
  expect(redacted.resourceId).toEqual(resourceId);
});

describe("JSON", () => {
  it("keeps its shape, its types, and every harmless character", () => {
    const text =
      '{ "event":"order.filled", "data": {"id":"ord_1","price":178.50,"zip":94110.0,"tags":["Jane", ""], "us":true,"x":null}}';
    const redacted = new Redactor().json(text);
    expect(redacted).toMatch(
      /^\{ "event":"order.filled", "data": \{"id":"ord_1","price":178\.50,"zip":\d{1,9},"tags":\["/,
    );
    expect(JSON.parse(redacted)).toEqual({
      event: "order.filled",
      data: {
        id: "ord_1",
        price: 178.5,
        zip: expect.any(Number) as number,
        tags: [expect.stringMatching(REPLACED) as string, ""],
        us: false,
        x: null,
      },
    });
  });

  it("with keys that are names of people, addresses or numbers has them replaced", () => {
    const redacted = json({ owners: { "Jane Roe": 1, "jane@example.com": 2, a123456: 3, share_of: 4 } });
    const keys = Object.keys(redacted["owners"] as object);
    expect(keys.slice(0, 3).every((key) => REPLACED.test(key))).toBe(true);
    expect(keys[3]).toBe("share_of");
  });

  it("is still JSON, for any input", () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        expect(() => JSON.parse(new Redactor().json(text)) as unknown).not.toThrow();
      }),
    );
  });
});

it("equal values have equal replacements in one export, at any position, and others in the next", () => {
  const redactor = new Redactor();
  const tag = /[0-9a-f]{10}/.exec(redactor.text("Jé Roe"))?.[0] ?? "";
  expect(tag).not.toBe("");
  expect(redactor.json('{"name":"J\\u00e9 Roe"}')).toContain(tag);
  expect(redactor.headers([["X-Name", Buffer.from("Jé Roe").toString("latin1")]])[0]?.[1]).toContain(tag);
  expect(redactor.path("/webhooks/bluum?name=J%C3%A9%20Roe")).toBe(`/webhooks/bluum?name=redacted-${tag}`);
  expect(redactor.json("[7]")).toBe(redactor.json("[7]"));
  expect(new Redactor().text("Jé Roe")).not.toContain(tag);
});

describe("a body", () => {
  it.each([
    ["binary", Buffer.from([0xff, 0xfe])],
    ["broken JSON", Buffer.from('{"data": {"investor": {"first": "Jane"')],
    ["markup", Buffer.from("<p>Jane</p>")],
    ["a form", Buffer.from("name=Jane&status=ok")],
    ["text", Buffer.from("thank you, Jane")],
    ["JSON too deep to be read again", Buffer.from(`${"[".repeat(200_000)}"Jane"${"]".repeat(200_000)}`)],
  ])("that is %s is removed completely", (_name, body) => {
    expect(new Redactor().body(body).toString()).toMatch(/^\[redacted: \d+ bytes /);
  });

  it.each(["", "ok", "OK\n", "accepted"])("that is %j is kept", (text) => {
    expect(new Redactor().body(Buffer.from(text)).toString()).toBe(text);
  });
});

describe("a header", () => {
  it.each([
    ["Content-Type", "application/json; charset=utf-8"],
    ["User-Agent", "Bluum-Webhooks/1.0"],
    ["Date", "Mon, 30 Nov 2026 16:24:01 GMT"],
    ["Keep-Alive", "timeout=5"],
    ["webhook-id", "evt_m323f7d6j843hzwy"],
    ["webhook-timestamp", "1718461815"],
    ["Host", "127.0.0.1:4600"],
    ["X-Forwarded-Proto", "https"],
  ])("%s: %s is kept", (name, value) => {
    expect(new Redactor().headers([[name, value]])).toEqual([[name, value]]);
  });

  it.each([
    ["X-Forwarded-For", "203.0.113.7"],
    ["X-Client-Cert", "MIIB"],
    ["Host", "jane.ngrok.app"],
    ["User-Agent", "Mozilla/5.0 (jane@example.com)"],
    ["webhook-signature", "v1,c2lnbmF0dXJl"],
    ["Location", "https://x.example/jane"],
    ["X-Bluum-Event", "Jane Roe"],
  ])("%s: %s is replaced", (name, value) => {
    expect(new Redactor().headers([[name, value]])).toEqual([[name, expect.stringMatching(REPLACED)]]);
  });

  it("that no longer matches the body is left out", () => {
    expect(
      new Redactor().headers([
        ["Content-Encoding", "gzip"],
        ["Content-Length", "7"],
        ["Digest", "x"],
      ]),
    ).toEqual([]);
  });
});

it.each([
  ["http://127.0.0.1:3000/webhooks/bluum?status=open", "http://127.0.0.1:3000/webhooks/bluum?status=open"],
  ["http://localhost/hooks/ord_x9y8z7a6", "http://localhost/hooks/ord_x9y8z7a6"],
  [
    "https://u:p@jane.example/jane/hooks?who=jane#x",
    /^https:\/\/redacted-\w{10}\.invalid\/redacted-\w{10}\/hooks\?who=redacted-\w{10}$/,
  ],
])("the URL %s becomes %s", (url, redacted) => {
  const shown = new Redactor().url(url);
  expect(shown).toEqual(typeof redacted === "string" ? redacted : expect.stringMatching(redacted));
  expect(URL.canParse(shown)).toBe(true);
});

const planted = fc.stringMatching(
  /^[a-z]{4,10} [a-z]{4,10}$|^[2-9]{3}-[2-9]{2}-[2-9]{4}$|^\+[2-9]{11}$|^[a-z]{4,9}@[a-z]{4,9}\.org$/,
);

it("planted data is never exported, at any position", () => {
  const names = ["status", "event", "amount", "id", "timestamp", "symbol", "note", "x"];
  fc.assert(
    fc.property(fc.jsonValue(), planted, fc.constantFrom(...names), (value, secret, name) => {
      const redactor = new Redactor();
      const bodies: unknown[] = [
        { value, [name]: secret },
        { [name]: { [name]: [value, `it is ${secret}`] } },
        { [secret]: value },
        [{ holder: { [name]: [{ x: secret }] } }, value],
        secret,
      ];
      for (const body of bodies) expect(redactor.json(JSON.stringify(body))).not.toContain(secret);
      expect(redactor.body(Buffer.from(`${name}=${secret}`)).toString()).not.toContain(secret);
      expect(redactor.path(`/hook?${name}=${encodeURIComponent(secret)}`)).not.toContain(encodeURIComponent(secret));
      expect(
        JSON.stringify(
          redactor.headers([
            ["X-Any", secret],
            ["Host", secret],
            ["Server", secret],
          ]),
        ),
      ).not.toContain(secret);
    }),
    { numRuns: 500 },
  );
});

it("any text is processed in linear time", () => {
  for (const piece of ["a", "a_", "1", "a1", "-", "9.", "A", "a/", "%4"]) {
    const text = piece.repeat(Math.ceil(200_000 / piece.length));
    const start = processorMs();
    const redactor = new Redactor();
    redactor.json(JSON.stringify({ id: text, [text]: text, status: text, amount: text, timestamp: text }));
    redactor.headers([
      ["User-Agent", text],
      ["Keep-Alive", text],
      ["Accept", text],
      ["webhook-id", text],
    ]);
    redactor.path(`/${text}?${text}`);
    expect(processorMs() - start).toBeLessThan(10_000);
  }
});
