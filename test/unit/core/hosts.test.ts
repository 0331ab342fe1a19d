import { expect, it } from "vitest";
import { isLoopbackHost, tunnelDomainOf } from "../../../src/core/hosts.ts";

it.each(["localhost", "app.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "0.0.0.0", "LOCALHOST."])(
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
  ["myngrok.app.example", undefined],
  ["xngrok.app", undefined],
])("the tunnel service behind %s is %s", (host, domain) => expect(tunnelDomainOf(host)).toBe(domain));
