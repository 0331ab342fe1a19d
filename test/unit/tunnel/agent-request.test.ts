import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/platform/clock.ts";
import { agentRequest } from "../../../src/tunnel/agent-request.ts";
import type { NgrokOptions, TunnelTiming } from "../../../src/tunnel/tunnel.ts";
import { tempFolder } from "../../support/temp.ts";

const timing = { heartbeatIntervalS: 5, heartbeatToleranceS: 5 } as TunnelTiming;

const requestFor = (settings: Partial<NgrokOptions>) =>
  agentRequest(
    {
      upstreamUrl: "http://127.0.0.1:4600",
      authtoken: "token",
      domain: undefined,
      serverAddr: undefined,
      rootCas: undefined,
      version: "1.2.3",
      clock: systemClock,
      signal: new AbortController().signal,
      onChange: () => {},
      probe: undefined,
      ...settings,
    },
    timing,
  );

describe("the settings of a tunnel", () => {
  it.each([undefined, "", "  \n"])("lack a token when it is %j", async (authtoken) => {
    await expect(requestFor({ authtoken })).rejects.toMatchObject({
      code: "credentials_missing",
      hint: expect.stringContaining("NGROK_AUTHTOKEN"),
    });
  });

  it("remove white space around a pasted token", async () => {
    expect((await requestFor({ authtoken: " token\n" })).authtoken).toBe("token");
  });

  it.each([
    [undefined, null],
    ["", null],
    ["a-b.ngrok.app", "a-b.ngrok.app"],
    ["https://A-B.ngrok.app/", "a-b.ngrok.app"],
  ])("read the domain %j as %j", async (domain, expected) => {
    expect((await requestFor({ domain })).domain).toBe(expected);
  });

  it.each(["localhost", "a.b/path", "http://a.b", "a.b:443", "a b.c"])("refuse the domain %j", async (domain) => {
    await expect(requestFor({ domain })).rejects.toMatchObject({ code: "invalid_setting" });
  });

  it.each([
    [undefined, null],
    ["tunnel.example.com:4443", "tunnel.example.com:4443"],
    ["tunnel.example.com", "tunnel.example.com:443"],
    ["127.0.0.1:9", "127.0.0.1:9"],
  ])("read the server's address %j as %j", async (serverAddr, expected) => {
    expect((await requestFor({ serverAddr })).serverAddr).toBe(expected);
  });

  it.each([
    ["a scheme", "https://x:443"],
    ["a path", "x:443/y"],
    ["a port that is none", "x:70000"],
    ["port 80, which the SDK reads as 443", "x:80"],
    ["an IPv6 address, which the SDK cannot read", "[::1]:443"],
  ])("refuse a server's address with %s", async (_what, serverAddr) => {
    await expect(requestFor({ serverAddr })).rejects.toMatchObject({ code: "invalid_setting" });
  });

  it("read the certificates to trust from a file, or select known ones", async () => {
    const file = join(tempFolder(), "ca.pem");
    writeFileSync(file, "PEM");
    expect((await requestFor({ rootCas: file })).trust).toEqual({ kind: "pem", pem: "PEM" });
    expect((await requestFor({ rootCas: "host" })).trust).toEqual({ kind: "host" });
    expect((await requestFor({ rootCas: "trusted" })).trust).toEqual({ kind: "ngrok" });
    expect((await requestFor({})).trust).toEqual({ kind: "ngrok" });
  });

  it("name the variable whose file cannot be read", async () => {
    await expect(requestFor({ rootCas: join(tempFolder(), "none.pem") })).rejects.toMatchObject({
      code: "invalid_setting",
      message: expect.stringContaining("NGROK_ROOT_CAS"),
    });
  });
});
