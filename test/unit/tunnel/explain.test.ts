import { describe, expect, it } from "vitest";
import { AgentFailure } from "../../../src/tunnel/agent.ts";
import type { AgentRequest } from "../../../src/tunnel/agent-messages.ts";
import { explain, redact, remedyFor } from "../../../src/tunnel/explain.ts";
import { BY_NGROK_CODE } from "../../../src/tunnel/remedies.ts";

const TOKEN = "2abcDEFghiJKLmnoPQR_secret";
const request: AgentRequest = {
  authtoken: TOKEN,
  domain: null,
  serverAddr: null,
  trust: { kind: "ngrok" },
  upstreamUrl: "http://127.0.0.1:1",
  version: "0",
  heartbeatIntervalS: 5,
  heartbeatToleranceS: 5,
};

describe("explaining a failure to open a tunnel", () => {
  it.each(Object.keys(BY_NGROK_CODE))("fills in every placeholder of the message for %s", (code) => {
    const error = explain(new AgentFailure("bind", "answered", `No. error_code: ${code}`), request);
    expect(`${error.message} ${error.hint}`).not.toMatch(/[{}]/);
    expect(error.vendorCode).toBe(code);
    expect(error.hint).not.toBe("");
  });

  it("names the service's own address if no other was set", () => {
    const error = explain(new AgentFailure("connect", "timed-out", "no answer in time"), request);
    expect(error.message).toContain("connect.ngrok-agent.com:443");
  });

  it("treats a truncated response as an unreachable service", () => {
    const failure = new AgentFailure("bind", "answered", "failed to deserialize rpc response");
    expect(remedyFor(failure).code).toBe("tunnel_unavailable");
  });

  it("does not retry after a refused token, and does after a domain that is still online", () => {
    expect(remedyFor(new AgentFailure("connect", "answered", "ERR_NGROK_107")).isFinal).toBe(true);
    expect(remedyFor(new AgentFailure("bind", "answered", "ERR_NGROK_334")).isFinal).toBe(false);
  });
});

describe("preparing a peer's text for display", () => {
  it("removes the token at every position", () => {
    expect(redact(`a ${TOKEN}, b "${TOKEN}"`, TOKEN)).toBe('a [authtoken], b "[authtoken]"');
  });

  it("removes what the service calls an authtoken, even another one", () => {
    expect(redact("Your authtoken: 1zzzYYYYxxxxWWWW", TOKEN)).toBe("Your authtoken: [authtoken]");
  });

  it("removes line breaks and terminal sequences", () => {
    expect(redact("one\r\n\u001b[2Jtwo\u009b", "")).toBe("one [2Jtwo");
  });

  it("shortens long text", () => {
    expect(redact("x".repeat(10_000), "").length).toBeLessThanOrEqual(300);
  });
});
