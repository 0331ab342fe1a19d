import { describe, expect, it } from "vitest";
import { chooseProxy, proxyFor } from "../../../src/core/proxy.ts";

type Env = Readonly<Record<string, string>>;
const HTTPS = "https://api.example.com/v1";
const HTTP = "http://api.example.com/v1";
const through = (url: string, env: Env) => proxyFor(url, env)?.url;

describe("the proxy for a URL", () => {
  it.each<[url: string, env: Env, expected: string | undefined, variable?: string]>([
    [HTTPS, {}, undefined],
    [HTTPS, { HTTPS_PROXY: "http://p:1" }, "http://p:1", "HTTPS_PROXY"],
    [HTTPS, { HTTPS_PROXY: "http://p:1", https_proxy: "http://q:2" }, "http://q:2", "https_proxy"],
    [HTTPS, { HTTPS_PROXY: "http://p:1", https_proxy: " " }, "http://p:1", "HTTPS_PROXY"],
    [HTTPS, { http_proxy: "http://p:1", HTTP_PROXY: "http://p:1" }, undefined],
    [HTTP, { https_proxy: "http://p:1", HTTPS_PROXY: "http://p:1" }, undefined],
    [HTTP, { http_proxy: "http://p:1" }, "http://p:1", "http_proxy"],
    [HTTP, { HTTP_PROXY: "http://p:1" }, undefined],
    [HTTPS, { ALL_PROXY: "http://p:1" }, "http://p:1", "ALL_PROXY"],
    [HTTP, { all_proxy: "http://q:2", ALL_PROXY: "http://p:1" }, "http://q:2", "all_proxy"],
    [HTTPS, { all_proxy: "http://q:2", HTTPS_PROXY: "http://p:1" }, "http://p:1", "HTTPS_PROXY"],
    [HTTPS, { HTTPS_PROXY: "p:3128" }, "http://p:3128"],
    [HTTPS, { HTTPS_PROXY: "p" }, "http://p:1080"],
    [HTTPS, { HTTPS_PROXY: "http://p/" }, "http://p:1080"],
    [HTTPS, { HTTPS_PROXY: "http://p:80/" }, "http://p:80"],
    [HTTPS, { HTTPS_PROXY: "https://p" }, "https://p:443"],
    [HTTPS, { HTTPS_PROXY: "https://p:443" }, "https://p:443"],
    [HTTPS, { HTTPS_PROXY: "http://[::1]" }, "http://[::1]:1080"],
    [HTTPS, { HTTPS_PROXY: "http://u:p@h:1" }, "http://h:1"],
  ])("%s with %o is %s", (url, env, expected, variable) => {
    const proxy = proxyFor(url, env);
    expect(proxy?.url).toBe(expected);
    if (variable !== undefined) expect(proxy?.variable).toBe(variable);
  });

  it.each(["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "app.localhost", "[::ffff:127.0.0.1]"])(
    "is never used for %s",
    (host) => {
      const env = { http_proxy: "http://p:1", HTTPS_PROXY: "http://p:1", ALL_PROXY: "http://p:1" };
      expect(through(`http://${host}:4650/v1`, env)).toBeUndefined();
      expect(through(`https://${host}/v1`, env)).toBeUndefined();
    },
  );

  it.each<[list: string, url: string, isSpared: boolean]>([
    ["example.com", HTTPS, true],
    [".example.com", HTTPS, true],
    ["EXAMPLE.com.", HTTPS, true],
    ["api.example.com", "https://api.example.com./v1", true],
    ["other.org example.com", HTTPS, true],
    ["other.org,,example.com", HTTPS, true],
    ["other.org", HTTPS, false],
    ["ample.com", HTTPS, false],
    ["sub.api.example.com", HTTPS, false],
    ["*", HTTPS, true],
    ["*.example.com", HTTPS, false],
    ["other.org,*", HTTPS, false],
    ["api.example.com:443", HTTPS, false],
    ["10.0.0.0/8", "https://10.1.2.3/v1", true],
    ["10.0.0.0/8", "https://11.1.2.3/v1", false],
    ["10.1.2.3", "https://10.1.2.3/v1", true],
    ["10.1.2", "https://10.1.2.3/v1", false],
    ["2.3", "https://10.1.2.3/v1", false],
    ["10.0.0.0/99", "https://10.1.2.3/v1", false],
    ["fd00::/8", "https://[fd00::1]/v1", true],
    ["[fd00::1]", "https://[fd00::1]/v1", true],
    ["fd00::/8", "https://[fe80::1]/v1", false],
  ])("with NO_PROXY=%s is not used for %s: %s", (list, url, isSpared) => {
    for (const name of ["NO_PROXY", "no_proxy"]) {
      expect(through(url, { HTTPS_PROXY: "http://p:1", [name]: list }) === undefined).toBe(isSpared);
    }
  });

  it("names the entry that excludes a host", () => {
    const env = { HTTPS_PROXY: "http://p:1", no_proxy: "a.b, example.com", NO_PROXY: "*" };
    expect(chooseProxy(new URL(HTTPS), env)).toEqual({
      kind: "direct",
      exception: { variable: "no_proxy", entry: "example.com" },
    });
  });

  it.each([
    ["http://user:p%40ss%2Fword@h:1", "user:p@ss/word"],
    ["http://user@h:1", "user:"],
    ["http://user:100%@h:1", "user:100%"],
    ["user:pass@h:1", "user:pass"],
  ])("gets the user and password of its variable: %s", (value, pair) => {
    expect(proxyFor(HTTPS, { HTTPS_PROXY: value })?.authorization).toBe(
      `Basic ${Buffer.from(pair).toString("base64")}`,
    );
  });

  it.each([
    "socks5://user:pa55word@h:1",
    "socks4a://h",
    "ftp://user:pa55word@h",
    "http://user:pa55word@",
    "http://a b",
  ])("cannot be %s, and the error does not quote it", (value) => {
    const env = { HTTPS_PROXY: value };
    expect(() => proxyFor(HTTPS, env)).toThrow(expect.objectContaining({ code: "invalid_setting" }));
    expect(() => proxyFor(HTTPS, env)).not.toThrow(/pa55word/);
    expect(through("http://127.0.0.1/", env)).toBeUndefined();
  });
});
