import { describe, expect, it } from "vitest";
import * as parse from "../../../../src/commands/shared/parse.ts";
import { moment, since, until } from "../../../../src/commands/shared/parse-time.ts";

const NOW = Date.parse("2026-06-15T12:00:00Z");

describe("a point in time", () => {
  it.each([
    ["10m", "2026-06-15T11:50:00Z"],
    ["10m ago", "2026-06-15T11:50:00Z"],
    ["1h30m", "2026-06-15T10:30:00Z"],
    ["1h 30m ago", "2026-06-15T10:30:00Z"],
    ["2026-06-01T08:00Z", "2026-06-01T08:00:00Z"],
    ["2026-06-01T08:00:00+02:00", "2026-06-01T06:00:00Z"],
    ["2026-06-01 08:00:00.5-0530", "2026-06-01T13:30:00.5Z"],
    ["2024-02-29T00:00z", "2024-02-29T00:00:00Z"],
  ])("%s is %s", (text, iso) => expect(since(NOW)(text)).toBe(Date.parse(iso)));

  it("is local time without a zone, for a date as for a date with a time", () => {
    for (const zone of ["America/New_York", "Asia/Kolkata", "UTC"]) {
      process.env["TZ"] = zone;
      try {
        const midnight = new Date(2026, 5, 1).getTime();
        expect(since(NOW)("2026-06-01")).toBe(midnight);
        expect(since(NOW)("2026-06-01T00:00")).toBe(midnight);
        expect(moment("2026-06-01 00:00:00")).toBe(midnight);
      } finally {
        delete process.env["TZ"];
      }
    }
  });

  it.each([
    "yesterday",
    "",
    "-5m",
    "10x",
    "2026/01/01",
    "1,5h",
    "m",
    "NaN",
    "2026-06",
    "2026-06-01T",
    "2026-6-1",
    "2026-13-45",
    "2026-02-30",
    "2026-02-29",
    "2026-06-31",
    "2026-06-00",
    "0000-01-01",
    "2026-06-01T24:00",
    "2026-06-01T08:60",
    "2026-06-01T08:00:60",
    "2026-06-01T08:00+15:00",
    "2026-06-01T08:00Zulu",
  ])("%j is invalid, and the error shows valid forms", (text) =>
    expect(() => since(NOW)(text)).toThrow("must be a time such as 10m, or a date or time that exists"),
  );

  it.each(["10", "10 ago", "0.5"])("%j lacks a unit", (text) =>
    expect(() => since(NOW)(text)).toThrow("must have a unit, such as 10m"),
  );

  it("may be in the future for the end, but not for the start", () => {
    expect(() => since(NOW)("2026-06-15T12:00:01Z")).toThrow("must not be in the future");
    expect(until(NOW)("2026-06-15T12:00:01Z")).toBe(NOW + 1000);
  });

  it("of a signature can be Unix seconds, but not milliseconds", () => {
    expect(moment("1781524800")).toBe(1_781_524_800_000);
    expect(() => moment("1781524800000")).toThrow("must be Unix seconds");
  });
});

it.each([
  ["30s", 30_000],
  ["0.3s", 300],
  ["1.5", 1500],
  ["1h 30m", 5_400_000],
  ["2 minutes", 120_000],
])("%s lasts %i ms", (text, ms) => expect(parse.duration(text)).toBe(ms));

it.each(["active", "ACTIVE", "Active"])("the status %s means ACTIVE", (text) =>
  expect(parse.webhookStatus(text)).toBe("ACTIVE"),
);

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
])("%s is a size of %i bytes", (text, bytes) => expect(parse.byteCount(text)).toBe(bytes));

it.each([
  ["/webhooks/bluum", "/webhooks/bluum"],
  ["/é", "/%C3%A9"],
  ["/a/../b", "/b"],
  ["/a//b", "/a//b"],
])("the path %s is sent as %s", (text, path) => expect(parse.urlPath(text)).toBe(path));

/** The values that each parser accepts, and those that it refuses. */
const FORMS: [read: (text: string) => unknown, good: string[], bad: string[]][] = [
  [parse.duration, ["0", "30s"], ["", "soon", "-1s", "2026/01/01", "1e3", "Infinity", "s30", "١s"]],
  [parse.waitTime, ["1ms", "24d", "90"], ["0", "0s", "25d", "10000y", "-1"]],
  [parse.waitTimeOrNone, ["0", "30s"], ["0s", "25d"]],
  [parse.age, ["30d", "12h", "0s"], ["30", "1.5", "0", "d"]],
  [
    parse.byteCount,
    ["1", "1kb"],
    ["", "0", "1zb", "5x", "-1kb", "10 mib extra", "kb", "0.1b", "1.5", "1.5b", "1bb", "1.m", "1e3"],
  ],
  [parse.port, ["0", "65535"], ["", "65536", "-1", "0x10", "1e3", " 80", "80.0", "８０"]],
  [parse.positiveInteger, ["1", "007"], ["", "0", "-1", "1.5", "1e3", "0x10", " 1", "9".repeat(20), "١"]],
  [parse.wholeNumber, ["0", "12"], ["", "-1", "1.0", "1e3", "9".repeat(20)]],
  [parse.positiveNumber, ["0.5", "10"], ["", "0", "0.0", "-1", "1e-9", "0x1F", "Infinity", ".5", "9".repeat(400)]],
  [parse.nameList, ["a,b", " a , "], ["", ",", " , "]],
  [parse.eventList, ["order.*,my.event", "*"], ["", ",", "order filled", "a\u0007b", "x".repeat(201)]],
  [parse.eventName, ["order.filled", "événement"], ["", "a b", "a\u202eb", "x".repeat(201)]],
  [parse.lineOfText, ["my app", "アプリ"], ["", "  ", "a\nb", "x".repeat(501)]],
  [parse.description, ["", "my app"], ["a\nb", "a\u001b[2J", "x".repeat(501)]],
  [parse.webhookStatus, ["INACTIVE"], ["paused", ""]],
  [parse.httpUrl, ["http://a/b"], ["", "a", "ftp://a/", "http://me:pw@a/", "http://"]],
  [
    parse.appUrl,
    ["3000", "3000/x", "localhost:3000/x"],
    ["", "0", "99999", "99999/x", "http://a:0/", "ftp://a/", "http://me:pw@a/"],
  ],
  [parse.headerList, ["A: b", "A:"], ["", "A", ": b", "A b: c", "A: b\nC: d", "A: \u6ce8"]],
  [parse.addedHeaders, ["A: b", "Host: my.test"], ["Host: a/b", "Content-Length: 3", "Connection: close"]],
  [parse.answerRule, ["200", "4xx", "any"], ["", "99", "6xx", "4xX", "-1", "2000"]],
  [parse.headerWord, ["evt_1"], ["", "a b", "é", "x".repeat(256)]],
  [parse.headerName, ["x-signature"], ["", "a b", "a:", "é", "x".repeat(256)]],
  [parse.urlPath, ["/", "/a%20b/é"], ["", "a", "/a b", "/a?b", "/a#b", "/a\u0000", "//a", "/\\a", "/.//a", "/a/..//b"]],
];

it.each(FORMS)("%o accepts valid values, and refuses others with a rule", (read, good, bad) => {
  for (const text of good) expect(() => read(text)).not.toThrow();
  const taken = bad.filter((text) => !refusalOf(() => read(text)).startsWith("must "));
  expect(taken).toStrictEqual([]);
});

function refusalOf(action: () => unknown): string {
  try {
    action();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}

it("a port with a path is on this machine", () => {
  expect(parse.appUrl("3000/hooks?a=1").url.href).toBe("http://localhost:3000/hooks?a=1");
});
