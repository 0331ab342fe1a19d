import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  devServiceOf,
  isLoopbackHost,
  isPrivateAddress,
  isPrivateHost,
  isPublicAddress,
  leadsTo,
  tunnelDomainOf,
} from "../../../src/core/hosts.ts";

it.each(["localhost", "app.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "0.0.0.0", "LOCALHOST.", "::ffff:127.0.0.1"])(
  "%s is this machine",
  (host) => expect(isLoopbackHost(host)).toBe(true),
);

it.each(["127.0.0.1.example.com", "localhost.example", "10.0.0.1", "app.example"])("%s is not this machine", (host) =>
  expect(isLoopbackHost(host)).toBe(false),
);

it.each([
  ["a1b2.ngrok-free.app", "ngrok-free.app"],
  ["x.trycloudflare.com.", "trycloudflare.com"],
  ["My.LOCA.lt", "loca.lt"],
  ["box.tail1234.ts.net", "ts.net"],
  ["fuzzy-space-5000.app.github.dev", "app.github.dev"],
  ["myngrok.app.example", undefined],
  ["xngrok.app", undefined],
  ["github.dev", undefined],
  ["k2.l.tunwg.com", "tunwg.com"],
  ["pyjam.as", undefined],
  ["app.lvh.me", undefined],
  ["127.0.0.1", undefined],
])("the service behind %s is %s", (host, domain) => expect(tunnelDomainOf(host)).toBe(domain));

describe("the list of tunnel domains", () => {
  const text = readFileSync(new URL("../../../src/core/tunnel-domains.json", import.meta.url), "utf8");
  // From the text: parsing would hide a repeated domain.
  const domains = [...text.matchAll(/^ {2}"([^"]+)": \{/gm)].map(([, domain]) => domain ?? "");

  it("is sorted, without repetitions", () => {
    expect(domains.length).toBeGreaterThan(50);
    expect(domains).toEqual([...new Set(domains)].toSorted());
    expect(domains).toEqual(Object.keys(JSON.parse(text) as object));
  });

  it("has domains in lower case, none within another, each with the name and the kind of its service", () => {
    for (const domain of domains) {
      expect(domain).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
      expect(devServiceOf(domain.slice(domain.indexOf(".") + 1))).toBeUndefined();
      const { service, kind } = devServiceOf(`some.host.${domain}`) ?? {};
      expect(service).toMatch(/\S/);
      expect(["tunnel", "inspector", "workspace", "loopback"]).toContain(kind);
    }
  });
});

it.each([
  ["lvh.me", "127.0.0.1"],
  ["App.LocalTest.me.", "127.0.0.1"],
  ["127.0.0.1.nip.io", "127.0.0.1"],
  ["app.10.0.0.1.nip.io", "10.0.0.1"],
  ["app-192-168-0-1.sslip.io", "192.168.0.1"],
  ["app-7f000001.nip.io", "127.0.0.1"],
  ["--1.sslip.io", "::1"],
  ["app.2a01-4f8-c17-b8f--2.sslip.io", "2a01:4f8:c17:b8f::2"],
  ["api.5-78-188-206.sslip.io.", "5.78.188.206"],
  ["sslip.io", "sslip.io"],
  ["1-2-3.sslip.io", "1-2-3.sslip.io"],
  ["999.1.1.1.nip.io", "999.1.1.1.nip.io"],
  ["10.0.0.1.nip.io.example", "10.0.0.1.nip.io.example"],
  ["10.0.0.1.xnip.io", "10.0.0.1.xnip.io"],
  ["x.ngrok.app", "x.ngrok.app"],
])("DNS resolves %s to %s, as far as the name shows", (host, place) => expect(leadsTo(host)).toBe(place));

it.each(["lvh.me", "127.0.0.1.nip.io"])(
  "%s is not certainly this machine: its owner can change the DNS record",
  (host) => {
    expect(isLoopbackHost(host)).toBe(false);
    expect(isPrivateHost(host)).toBe(false);
  },
);

const PRIVATE = [
  "10.0.0.1",
  "100.64.0.1",
  "100.127.255.254",
  "127.0.0.1",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.178.1",
  "::1",
  "fc00::1",
  "fdab:cdef::1",
  "fe80::1",
  "fe80::1%eth0",
  "[fe80::1]",
  "::ffff:10.0.0.1",
  "64:ff9b::a00:1",
  "2002:c0a8:101::1",
  "64:ff9b:1::7f00:1",
];
it.each(PRIVATE)("%s is an address of a private network", (address) => {
  expect(isPrivateAddress(address)).toBe(true);
  expect(isPrivateHost(address)).toBe(true);
  expect(isPublicAddress(address)).toBe(false);
});

it.each([
  "0.1.2.3",
  "192.0.2.1",
  "198.18.0.1",
  "203.0.113.9",
  "224.0.0.1",
  "255.255.255.255",
  "192.88.99.1",
  "2001:db8::1",
  "2001:0:4136:e378:8000:63bf:3fff:fdd2",
  "::808:808",
  "ff02::1",
])("%s is neither private nor a server's address", (address) => {
  expect(isPrivateAddress(address)).toBe(false);
  expect(isPublicAddress(address)).toBe(false);
});

it.each([
  "8.8.8.8",
  "100.63.255.255",
  "100.128.0.1",
  "172.32.0.1",
  "2606:4700::1111",
  "::ffff:8.8.8.8",
  "64:ff9b::808:808",
])("%s is a server's address", (address) => expect(isPublicAddress(address)).toBe(true));

it.each([
  "api",
  "host.docker.internal",
  "printer.local",
  "nas.LAN.",
  "box.home.arpa",
  "app.test",
  "app.invalid",
  "a.onion",
  "hooks.corp",
  "nas.home",
  "app.intranet",
  "app.private",
  "app.default.svc",
])("%s is a name of a private network", (host) => expect(isPrivateHost(host)).toBe(true));

it.each(["app.example", "internal.example", "local.example.com", "corp.example", "example.onions", "8.8.8.8"])(
  "%s is not a private host",
  (host) => expect(isPrivateHost(host)).toBe(false),
);
