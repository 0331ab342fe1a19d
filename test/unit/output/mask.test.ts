import { describe, expect, it } from "vitest";
import { isSecretHeader, maskSecrets } from "../../../src/output/mask.ts";

describe("maskSecrets", () => {
  const key = "key_1";
  const secret = 's3c"r/t+?';

  it.each([
    ["as it is", secret],
    ["URL-encoded", encodeURIComponent(secret)],
    ["inside JSON", JSON.stringify({ secret })],
    ["in base64", Buffer.from(secret).toString("base64")],
    ["in Basic credentials", `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`],
  ])("hides a secret %s", (_form, text) => {
    const masked = maskSecrets(`before ${text} after`, [key, secret]);
    expect(masked).toContain("••••");
    expect(masked).not.toContain(text);
    expect(masked).toMatch(/^before .* after$/);
  });

  it("hides the longer of two secrets whole when it contains the other", () => {
    expect(maskSecrets("abcdefgh-ijkl", ["abcdefgh", "abcdefgh-ijkl"])).toBe("••••");
  });

  it("leaves words alone of which a very short secret is a part", () => {
    expect(maskSecrets("The API key", ["k", "API"])).toBe("The API key");
  });

  it("leaves a text alone where no secret is known", () => {
    expect(maskSecrets("text", [""])).toBe("text");
  });
});

describe("isSecretHeader", () => {
  it.each(["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "x-auth-token"])(
    "counts %s",
    (name) => expect(isSecretHeader(name)).toBe(true),
  );
  it.each(["X-Bluum-Signature", "webhook-id", "Content-Type"])("does not count %s", (name) =>
    expect(isSecretHeader(name)).toBe(false),
  );
});
