import { describe, expect, it } from "vitest";
import { byteCount, duration, since, webhookStatus } from "../../../src/commands/parse.ts";

const NOW = Date.parse("2026-06-15T12:00:00Z");

describe("a point in time", () => {
  it.each([
    ["10m", "2026-06-15T11:50:00Z"],
    ["1h30m", "2026-06-15T10:30:00Z"],
    ["90", "2026-06-15T11:58:30Z"],
    ["2026-06-01", "2026-06-01T00:00:00Z"],
    ["2026-06-01T08:00:00+02:00", "2026-06-01T06:00:00Z"],
  ])("%s is %s", (text, iso) => expect(since(NOW)(text)).toBe(Date.parse(iso)));

  it.each(["yesterday", "", "-5m", "10x", "2026-13-45", "2026/01/01", "1,5h", "m", "NaN"])(
    "%j is none, and it says what would be",
    (text) => expect(() => since(NOW)(text)).toThrow("Give a time such as 10m, or an ISO 8601 date."),
  );
});

it.each([
  ["30s", 30_000],
  ["0.3s", 300],
  ["1.5", 1500],
  ["1h 30m", 5_400_000],
  ["2 minutes", 120_000],
])("%s lasts %i ms", (text, ms) => expect(duration(text)).toBe(ms));

it.each(["", "soon", "-1s", "2026/01/01", "1e3", "Infinity", "s30"])("%j is no length of time", (text) =>
  expect(() => duration(text)).toThrow("Give a time such as 30s or 2m."),
);

it.each(["active", "ACTIVE", "Active"])("the status %s means ACTIVE", (text) =>
  expect(webhookStatus(text)).toBe("ACTIVE"),
);

it("a status that a webhook cannot be given is refused with those that it can", () => {
  expect(() => webhookStatus("paused")).toThrow("Give ACTIVE or INACTIVE.");
});

it.each([
  ["10", 10],
  ["512kb", 524_288],
  ["1MB", 1_048_576],
  ["10MiB", 10_485_760],
  ["1.5m", 1_572_864],
  ["7b", 7],
  ["2k", 2048],
  ["3KiB", 3072],
  ["1gb", 1_073_741_824],
  ["0.5GiB", 536_870_912],
])("%s is a size of %i bytes", (text, bytes) => expect(byteCount(text)).toBe(bytes));

it.each(["", "0", "1zb", "5x", "-1kb", "10 mib extra", "kb", "0.1b", "1.5", "1.5b", "1bb", "1.m", "1e3"])(
  "%j is no size",
  (text) => expect(() => byteCount(text)).toThrow("Give a size such as 512kb or 1mb."),
);
