import { create } from "xmlbuilder";
import type { CheckReport, CheckResult } from "../../core/check-report.ts";
import { clean as cleanLine, cleanBlock as cleanText } from "../privacy/clean.ts";

/**
 * A report in the format of CI systems: a suite for each group, a case for each check. A failed required check is a
 * failure; an advisory or inconclusive one is a passed case with a remark in its output. An incomplete run is an
 * error, so that skipped checks are not mistaken for passed ones.
 */
export function junitXml(report: CheckReport): string {
  const root = create("testsuites", { encoding: "UTF-8" });
  setCounts(root, "bluum-hooks check", report.results, report);
  for (const group of new Set(report.results.map((each) => each.group))) {
    const results = report.results.filter((each) => each.group === group);
    const suite = root.element("testsuite");
    const durationMs = results.reduce((sum, each) => sum + each.durationMs, 0);
    setCounts(suite, group, results, { durationMs, stopped: null });
    for (const result of results) addCase(suite, result);
  }
  if (report.stopped !== null) addCutOff(root, report.stopped);
  return `${root.end({ pretty: true })}\n`;
}

type Element = ReturnType<typeof create>;

/** Two code points that terminals accept and XML documents must not contain. */
const NO_XML = /[\ufffe\uffff]/g;
const clean = (text: string) => cleanLine(text).replace(NO_XML, "");
const cleanBlock = (text: string) => cleanText(text).replace(NO_XML, "");

function isFailure({ result, requirement }: CheckResult): boolean {
  return result === "failed" && requirement === "required";
}

type Whole = Pick<CheckReport, "durationMs" | "stopped">;

function setCounts(element: Element, name: string, results: readonly CheckResult[], whole: Whole): void {
  const errors = whole.stopped === null ? 0 : 1;
  element
    .attribute("name", name)
    .attribute("tests", results.length + errors)
    .attribute("failures", results.filter(isFailure).length)
    .attribute("errors", errors)
    .attribute("skipped", results.filter(({ result }) => result === "skipped").length)
    .attribute("time", seconds(whole.durationMs));
}

function addCutOff(root: Element, stopped: string): void {
  const suite = root.element("testsuite");
  setCounts(suite, "run", [], { durationMs: 0, stopped });
  suite
    .element("testcase")
    .attribute("classname", "bluum-hooks.run")
    .attribute("name", "the run comes to its end")
    .attribute("time", seconds(0))
    .element("error")
    .attribute("type", "check")
    .attribute("message", clean(stopped));
}

function addCase(suite: Element, result: CheckResult): void {
  const element = suite
    .element("testcase")
    .attribute("classname", `bluum-hooks.${result.group}`)
    .attribute("name", `${result.id}: ${result.title}`)
    .attribute("time", seconds(result.durationMs));
  // XML cannot represent most control characters.
  const got = clean(result.got);
  const details = cleanBlock(
    `sent: ${result.sent}\nwant: ${result.expected}\ngot: ${got}\nwhy: ${result.why}\nfix: ${result.fix}`,
  );
  if (result.result === "skipped") element.element("skipped").attribute("message", got);
  else if (isFailure(result)) element.element("failure", details).attribute("type", "check").attribute("message", got);
  else if (result.result === "failed") element.element("system-out", `advice\n${details}`);
  else if (result.result === "unproven") element.element("system-out", `not proven\n${details}`);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
