import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import type { CheckReport, CheckResult } from "../../../../src/core/check-report.ts";
import { createChecklist, renderConclusion } from "../../../../src/output/reports/check-results.ts";
import type { TableStyle } from "../../../../src/output/reports/table.ts";
import { wrap } from "../../../../src/output/text.ts";

/** The list as the checks run, and the conclusion. */
const renderReport = (given: CheckReport, style: TableStyle = {}): string => {
  const line = createChecklist(given.results, style);
  return `${given.results.map(line).join("")}\n${renderConclusion(given, style)}`;
};

const result = (more: Partial<CheckResult>): CheckResult => ({
  id: "events.unknown-name",
  group: "events",
  title: "accepts an event it does not know",
  requirement: "required",
  result: "passed",
  why: "Bluum adds event types.",
  sent: "an event",
  expected: "2xx",
  got: "200 in 3 ms",
  fix: "",
  explained: false,
  durationMs: 3.2,
  ...more,
});

const report = (results: CheckResult[], more: Partial<CheckReport> = {}): CheckReport => ({
  url: "http://localhost:3000/hooks",
  seed: 7,
  results,
  passed: !results.some(({ result: verdict }) => verdict === "failed"),
  complete: true,
  ready: results.every(({ result: verdict }) => verdict === "passed"),
  reachable: true,
  stopped: null,
  timedOut: false,
  notes: [],
  durationMs: 1_234,
  ...more,
});

describe("renderReport", () => {
  it("lists each check in its group, and ends with the verdict", () => {
    const text = renderReport(
      report([result({}), result({ id: "signature.stale", group: "signature", title: "is strict" })]),
    );
    expect(text).toBe(
      [
        "events",
        "  ✓ accepts an event it does not know          3 ms",
        "signature",
        "  ✓ is strict                                  3 ms",
        "",
        "✓ Ready for production",
        "  http://localhost:3000/hooks",
        "  2 passed in 1.2 s, seed 7",
        "",
      ].join("\n"),
    );
  });

  it("prints a group's name once, although one of its checks runs earlier", () => {
    const groups = ["transport", "speed", "events", "speed"];
    const text = renderReport(report(groups.map((group, at) => result({ group, title: `does ${at}` }))));
    const lines = text.split("\n").map((line) => line.trim().replace(/ +3 ms$/, ""));
    expect(lines.slice(0, 7)).toStrictEqual([
      "transport",
      "✓ does 0",
      "✓ does 1",
      "events",
      "✓ does 2",
      "speed",
      "✓ does 3",
    ]);
  });

  it("explains a failure", () => {
    const text = renderReport(report([result({ result: "failed", got: "500 in 3 ms", fix: "Add a default branch." })]));
    expect(text).toContain("✗ events.unknown-name  accepts an event it does not know\n  sent  an event\n  want  2xx\n");
    expect(text).toContain("\n  got   500 in 3 ms\n  why   Bluum adds event types.\n  fix   Add a default branch.\n");
    expect(text).toContain("✗ Not ready for production");
  });

  it("prints a fix that several failures share once", () => {
    const failed = (id: string, fix: string) => result({ id, result: "failed", fix });
    const results = [failed("signature.wrong", "Compare it."), failed("signature.tampered", "Compare it.")];
    const text = renderReport(report([...results, failed("signature.stale", "Look at the time.")]));
    expect(text.match(/^ {2}fix {3}.*$/gm)).toEqual([
      "  fix   Compare it.",
      "  fix   as for signature.wrong",
      "  fix   Look at the time.",
    ]);
  });

  it("prints a shared reason of open questions once, and does not call the endpoint ready", () => {
    const open = { result: "unproven", fix: "Add --state." } as const;
    const text = renderReport(report([result({ ...open, id: "a.b" }), result({ ...open, id: "c.d" })]));
    expect(text).toContain("? a.b, c.d: Add --state.\n");
    expect(text).toContain("✓ No required check failed\n");
    expect(text).toContain("2 answers only");
    expect(renderReport(report([result(open)]))).toContain("? events.unknown-name: 200 in 3 ms. Add --state.\n");
  });

  it("never calls a part of the checklist ready, and shows how much of it passed", () => {
    const part = { complete: false, ready: false } as const;
    const results = [result({}), result({ result: "skipped", got: "not run: x" })];
    expect(renderReport(report(results, { ...part, passed: true }))).toContain("✓ 1 of 2 selected checks passed\n");
    const cutOff = report(results, { ...part, passed: false, stopped: "it died" });
    expect(renderReport(cutOff)).toContain("✗ 1 of 2 selected checks passed\n");
    const failed = report([...results, result({ result: "failed" })], part);
    expect(renderReport(failed)).toContain("✗ Not ready for production\n");
  });

  it("explains a common cause of several failures once, and lists them", () => {
    const alike = { result: "failed", explained: true, got: "404 in 1 ms", fix: "Check the path." } as const;
    const ids = Array.from({ length: 19 }, (_, index) => `events.number-${index}`);
    const text = renderReport(
      report(
        ids.map((id) => result({ ...alike, id })),
        { notes: ["The endpoint answers 404. Check the path."] },
      ),
    );
    expect(text).toContain("✗ The endpoint answers 404. Check the path.\n  Failed for this reason: events.number-0, ");
    for (const id of ids) expect(text).toMatch(new RegExp(`${id}\\b`));
    expect(text).not.toContain("404 in 1 ms");
    expect(text.split("\n").length).toBeLessThan(40);
  });

  it("distinguishes advice from failure, and explains an early end", () => {
    const advice = result({ result: "failed", requirement: "advisory", fix: "Deploy it." });
    const text = renderReport(
      report([advice, result({ result: "skipped", got: "not run: x" })], { stopped: "it died" }),
    );
    expect(text).toMatch(/! accepts .* advice\n/);
    expect(text).toContain("\n! events.unknown-name: 200 in 3 ms. Deploy it.\n");
    expect(text).toContain("✗ The run ended early: it died.");
    expect(text).toContain("1 advice · 1 skipped");
  });

  it.each([40, 60, 80, 120])("stays within %i columns, for any response of the endpoint", (width) => {
    const got = `500 in 3 ms: ${"x".repeat(300)} 注文\u001b[2J\u0007`;
    const text = renderReport(
      report([result({ result: "failed", got, fix: "y ".repeat(200) })], { notes: ["z ".repeat(100)] }),
      { width },
    );
    expect(Math.max(...text.split("\n").map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
    // oxlint-disable-next-line no-control-regex -- control characters are searched for
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  });
});

it("wrap breaks at spaces, and a long word anywhere", () => {
  expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrap("abcdefgh ij", 3)).toEqual(["abc", "def", "gh", "ij"]);
  expect(wrap("", 5)).toEqual([""]);
});
