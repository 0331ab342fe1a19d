import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { renderDiff } from "../../../../src/output/reports/diff.ts";
import { fields, json, table } from "../../../../src/output/reports/table.ts";

describe("table", () => {
  it("aligns its columns by display width", () => {
    expect(
      table(
        ["ID", "NAME"],
        [
          ["wh_1", "注文"],
          ["wh_22", "b"],
        ],
      ),
    ).toBe("ID     NAME\nwh_1   注文\nwh_22  b\n");
  });

  it("cuts the widest column to stay within the width", () => {
    const text = table(["ID", "URL"], [["wh_1", "https://very.long.example/path"]], { width: 20 });
    expect(text).toBe("ID    URL\nwh_1  https://very.…\n");
  });

  it("stays within the width with wide characters", () => {
    const text = table(["A", "B"], [["注".repeat(30), "b".repeat(30)]], { width: 41 });
    for (const line of text.trimEnd().split("\n")) expect(stringWidth(line)).toBeLessThanOrEqual(41);
  });

  it("keeps a row on one line, for any cell", () => {
    expect(table(["A"], [["a\nb\x1b[2J"]])).toBe("A\na b\n");
  });

  it("colours known words, only on request", () => {
    expect(table(["S"], [["ACTIVE"]], { color: true })).toContain("\x1b[32mACTIVE");
    expect(table(["S"], [["ACTIVE"]], { color: false })).not.toContain("\x1b");
  });
});

describe("fields", () => {
  it("aligns values after their labels", () => {
    expect(
      fields([
        ["id", "wh_1"],
        ["status", "ACTIVE\x07"],
      ]),
    ).toBe("id      wh_1\nstatus  ACTIVE\n");
  });
});

describe("json", () => {
  it("is one document on one line", () => {
    expect(json({ a: "b\nc\u2028" })).toBe('{"a":"b\\nc\\u2028"}\n');
  });
});

describe("renderDiff", () => {
  it("shows what changes and leaves out what does not", () => {
    const before = { url: "https://a", events: ["order.*"], status: "ACTIVE", description: null };
    const after = { url: "https://b", events: ["order.*"], status: "ACTIVE", description: "Production webhook" };
    expect(renderDiff(before, after)).toBe(
      ["- url          https://a", "+ url          https://b", "+ description  Production webhook"].join("\n"),
    );
  });

  it("shows everything of a new object", () => {
    expect(renderDiff(null, { url: "https://b", events: ["a", "b"] })).toBe("+ url     https://b\n+ events  a, b");
  });

  it("is empty without differences", () => {
    expect(renderDiff({ events: ["a"] }, { events: ["a"] })).toBe("");
  });
});
