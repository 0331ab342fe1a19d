import { afterEach, describe, expect, it } from "vitest";
import { moment } from "../../../src/commands/shared/parse-time.ts";
import { localIso, localTime, zoneName } from "../../../src/core/local-time.ts";

const AT = Date.parse("2025-06-15T14:30:15.120Z");
const zone = process.env["TZ"];
afterEach(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

describe.each([
  ["UTC", "2025-06-15T14:30:15.120+00:00", "UTC"],
  ["Europe/Berlin", "2025-06-15T16:30:15.120+02:00", "UTC+02:00"],
  ["America/St_Johns", "2025-06-15T12:00:15.120-02:30", "UTC-02:30"],
])("a time in %s", (name, iso, called) => {
  it("is local and includes its zone, and is accepted by --since", () => {
    process.env["TZ"] = name;
    expect([localIso(AT), zoneName(AT)]).toEqual([iso, called]);
    expect(localTime(AT)).toBe(iso.replace("T", " ").replace(".120", ""));
    expect([moment(localIso(AT)), moment(localTime(AT))]).toEqual([AT, AT - 120]);
  });
});

it("distinguishes the hours that the end of summer time repeats", () => {
  process.env["TZ"] = "Europe/Berlin";
  const [first, second] = [Date.parse("2025-10-26T00:30:00Z"), Date.parse("2025-10-26T01:30:00Z")];
  expect([localTime(first), localTime(second)]).toEqual(["2025-10-26 02:30:00+02:00", "2025-10-26 02:30:00+01:00"]);
});
