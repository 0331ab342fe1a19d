import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPaint } from "../../../../src/output/color.ts";
import { guardSink } from "../../../../src/output/privacy/guarded-sink.ts";
import { Secrets } from "../../../../src/output/privacy/mask-secrets.ts";
import { memorySink } from "../samples.ts";

const SECRET = "whsec_c2VjcmV0L29mK3RoZQ==";

function guarded(options?: { isConversation: boolean }) {
  const secrets = new Secrets();
  secrets.learn([SECRET]);
  const inner = memorySink();
  return { inner, sink: guardSink(inner, secrets, options) };
}

describe("text written to a sink", () => {
  it("loses a secret that is split into pieces", () => {
    const forms = [SECRET, JSON.stringify(`"${SECRET}`), SECRET.replaceAll("=", "\\u003d"), encodeURIComponent(SECRET)];
    fc.assert(
      fc.property(fc.constantFrom(...forms), fc.array(fc.nat(60), { maxLength: 6 }), (form, cuts) => {
        const { inner, sink } = guarded();
        const text = `before ${form} after`;
        const places = [0, ...cuts.toSorted((one, other) => one - other), text.length];
        places.slice(1).forEach((to, index) => sink.write(text.slice(places[index], to)));
        sink.flush();
        expect(inner.text()).toMatch(/^before .*••••.* after$/);
        expect(decodeURIComponent(inner.text().replaceAll("\\u003d", "="))).not.toContain("c2VjcmV0");
      }),
      { numRuns: 500 },
    );
  });

  it("is not delayed, except for the beginning of a secret", () => {
    const { inner, sink } = guarded();
    sink.write("a line\nand the beginning of w");
    expect(inner.text()).toBe("a line\nand the beginning of ");
    sink.write("ords\n");
    expect(inner.text()).toBe("a line\nand the beginning of words\n");
    sink.write("whsec_");
    sink.flush();
    expect(inner.text()).toMatch(/whsec_$/);
  });

  it("loses what a terminal interprets, except our own colours", () => {
    const { inner, sink } = guarded();
    const paint = createPaint(true);
    const painted = (["strong", "dim", "good", "warn", "bad", "accent"] as const)
      .map((tone) => paint(tone, "x"))
      .join("");
    sink.write(`${painted}\x1b[2J\x1b[8m\x1b]0;title\x07\x9b2J\u202e\r\0text\tand\n`);
    expect(inner.text()).toBe(`${painted}text\tand\n`);
  });

  it("loses a secret that contains control characters", () => {
    const { inner, sink } = guarded();
    sink.write(`${SECRET.slice(0, 12)}\x07${SECRET.slice(12)}\n`);
    expect(inner.text()).toBe("••••\n");
  });

  it("keeps data unchanged: an emoji, a soft hyphen, an escape in JSON", () => {
    const { inner, sink } = guarded();
    const text = '{"a":"\u2764\ufe0f so\u00adft \\u001b[31m \u{e0001}"}\n';
    sink.write(text);
    expect(inner.text()).toBe(text);
  });

  it("shows a requested secret, in that text only", () => {
    const { inner, sink } = guarded();
    sink.write(`secret ${SECRET}\n`, SECRET);
    sink.write(`secret ${SECRET}\n`);
    expect(inner.text()).toBe(`secret ${SECRET}\nsecret ••••\n`);
  });

  it("loses the secret parameters of URLs in a conversation, and not in data", () => {
    const text = "see https://x.example/a?token=abc\n";
    for (const [isConversation, shown] of [
      [true, text.replace("abc", "••••")],
      [false, text],
    ] as const) {
      const { inner, sink } = guarded({ isConversation });
      sink.write(text);
      expect(inner.text()).toBe(shown);
    }
  });
});
