import { describe, expect, it } from "vitest";
import { isSecretHeader, maskUrl, maskUrls, withoutSecretParameters } from "../../../../src/output/privacy/mask.ts";

describe("isSecretHeader", () => {
  it.each(["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "x-auth-token"])(
    "counts %s",
    (name) => expect(isSecretHeader(name)).toBe(true),
  );
  it.each(["X-Bluum-Signature", "webhook-id", "Content-Type"])("does not count %s", (name) =>
    expect(isSecretHeader(name)).toBe(false),
  );
});

describe("a URL", () => {
  it.each([
    ["/hook?token=abc&api_key=k1&signature=s1&order=7", "/hook?token=••••&api_key=••••&signature=••••&order=7"],
    [
      "https://x.example/a?X-Amz-Signature=ff&X-Amz-Expires=60",
      "https://x.example/a?X-Amz-Signature=••••&X-Amz-Expires=60",
    ],
    ["https://user:pass@x.example/#access_token=abc", "https://user:••••@x.example/#access_token=••••"],
    ["/hook?%74oken=abc;sig=1", "/hook?%74oken=••••;sig=••••"],
    ["/hook?design=1&keyboard=2&token=", "/hook?design=1&keyboard=2&token="],
    ["/token/secret", "/token/secret"],
  ])("%s is shown as %s", (url, shown) => {
    expect(maskUrl(url)).toBe(shown);
    expect(maskUrl(shown)).toBe(shown);
  });

  it("is found in a sentence", () => {
    expect(maskUrls("not accepted by http://h:1/?key=abc, twice")).toBe("not accepted by http://h:1/?key=•••• twice");
  });

  it("loses its secret parameters if it is to be used", () => {
    expect(withoutSecretParameters("http://h/x?a=1&token=abc&b=%20")).toEqual({
      url: "http://h/x?a=1&b=+",
      removed: ["token"],
    });
    expect(withoutSecretParameters("http://h/x?b=%20")).toEqual({ url: "http://h/x?b=%20", removed: [] });
  });
});
