import { expect, it } from "vitest";
import { logLine, logRecord } from "../../../../src/commands/shared/emulator-log.ts";

const AT = Date.UTC(2026, 0, 2, 3, 4, 5);

it("a line contains nothing that a terminal interprets", () => {
  const line = logLine({ at: AT, type: "request", method: "GET", path: "/v1/\x1b[2J\nx", status: 404, requestId: "r" });
  expect(line).toMatch(/^\d\d:04:05 {2}GET \/v1\/ x {2}404 {2}r$/);
});

it("an attempt without a response has a reason", () => {
  const attempt = { deliveryId: "dlv_1", event: "order.filled", url: "http://127.0.0.1:9/", attempt: 2 } as const;
  const entry = { at: AT, type: "attempt", ...attempt, status: null, error: "refused" } as const;
  expect(logLine(entry)).toContain("order.filled → http://127.0.0.1:9/  attempt 2  refused  dlv_1");
  expect(logRecord(entry)).toEqual({ ...entry, at: "2026-01-02T03:04:05.000Z" });
});
