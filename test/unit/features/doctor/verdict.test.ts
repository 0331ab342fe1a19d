import { describe, expect, it } from "vitest";
import { judgeHost } from "../../../../src/features/doctor/webhook-checks.ts";

const answered = (status: number, headers: Record<string, string> = {}) =>
  ({ kind: "answered", status, headers }) as const;

describe("a host", () => {
  it.each([
    ["a.ngrok-free.app", answered(404, { "ngrok-error-code": "ERR_NGROK_3200" })],
    ["a.ngrok.app", answered(502, { "ngrok-error-code": "ERR_NGROK_8012" })],
    ["a.trycloudflare.com", answered(530)],
    ["a.loca.lt", answered(503)],
    ["app.example", { kind: "failed", reason: "its name does not resolve" } as const],
  ])("%s is dead if its service says so, or if nothing answers", (host, answer) => {
    expect(judgeHost(host, answer).kind).toBe("dead");
  });

  it.each([
    ["a.ngrok.app", answered(404)],
    ["a.ngrok.app", answered(502)],
    ["a.trycloudflare.com", answered(401)],
    ["app.example", answered(404)],
    ["app.example", answered(500)],
  ])("%s is alive if the app itself answers, with any status", (host, answer) => {
    expect(judgeHost(host, answer).kind).toBe("alive");
  });

  it.each([
    ["a.ngrok.app", answered(403, { "ngrok-error-code": "ERR_NGROK_727" })],
    ["a.loca.lt", answered(404)],
    ["app.example", answered(502)],
  ])("%s is in doubt if the response can mean either", (host, answer) => {
    expect(judgeHost(host, answer).kind).toBe("doubtful");
  });
});
