import type { CheckReport, CheckResult } from "../../core/check-report.ts";
import { clean } from "../privacy/clean.ts";
import { createPaint, type Paint, type Tone } from "../color.ts";
import type { TableStyle } from "./table.ts";
import { duration, fit, pad, wrap } from "../text.ts";

/** Longer lines are hard to read, even on a wide terminal. */
const MAX_COLUMNS = 100;
const NOTE_COLUMNS = 12;

/** The conclusion: each failure with the request, the response and a fix, then the verdict. */
export function renderConclusion(report: CheckReport, style: TableStyle = {}): string {
  const paint = createPaint(style.color === true);
  const columns = columnsOf(style);
  const failed = report.results.filter(({ result, explained }) => result === "failed" && !explained);
  const isAdvice = ({ requirement }: CheckResult) => requirement === "advisory";
  const required = failed.filter((each) => !isAdvice(each));
  const blocks = [
    ...commonCause(report, paint, columns),
    ...required.map((each) => explanation(each, paint, columns, required.find(({ fix }) => fix === each.fix)?.id)),
    ...failed.filter(isAdvice).map((each) => remark(paint("warn", "!"), sentences(each), columns)),
    ...openQuestions(report.results, paint, columns),
    ...(report.stopped === null ? [] : [remark(paint("bad", "✗"), `The run ended early: ${report.stopped}.`, columns)]),
    summary(report, paint, columns),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function columnsOf({ width }: TableStyle): number {
  return Math.min(width ?? MAX_COLUMNS, MAX_COLUMNS);
}

/**
 * Prints one result after the other, with the name of its group before the first one. A check that runs ahead of its
 * group is listed with the one before. `planned` are all checks that may run, in order.
 */
export function createChecklist(
  planned: readonly Pick<CheckResult, "group" | "title">[],
  style: TableStyle = {},
): (result: CheckResult) => string {
  const paint = createPaint(style.color === true);
  const room = Math.max(8, columnsOf(style) - NOTE_COLUMNS - 6);
  const longest = Math.min(room, Math.max(...planned.map(({ title }) => title.length)));
  const beginnings = new Map<string, string>();
  for (const [index, { group, title }] of planned.entries()) {
    if (planned[index - 1]?.group !== group) beginnings.set(group, title);
  }
  return (each) => {
    const begins = beginnings.get(each.group) === each.title && beginnings.delete(each.group);
    const heading = begins ? `${paint("strong", each.group)}\n` : "";
    const { mark, tone, note } = appearance(each);
    const title = pad(fit(clean(each.title), longest), longest);
    const noteTone = each.result === "passed" ? "dim" : tone;
    const line = `  ${paint(tone, mark)} ${paint(each.result === "skipped" ? "dim" : "plain", title)}  ${paint(noteTone, pad(note, NOTE_COLUMNS, "left"))}`;
    return `${heading}${line.trimEnd()}\n`;
  };
}

/** The mark of a result and the note beside it. */
function appearance({ result, requirement, durationMs }: CheckResult): { mark: string; tone: Tone; note: string } {
  switch (result) {
    case "passed":
      return { mark: "✓", tone: "good", note: durationMs < 1 ? "" : duration(durationMs) };
    case "failed":
      return requirement === "required"
        ? { mark: "✗", tone: "bad", note: "failed" }
        : { mark: "!", tone: "warn", note: "advice" };
    case "unproven":
      return { mark: "?", tone: "warn", note: "answers only" };
    case "skipped":
      return { mark: "-", tone: "dim", note: "skipped" };
    default:
      return result satisfies never;
  }
}

/** The common cause of several results. */
function commonCause({ notes, results }: CheckReport, paint: Paint, columns: number): string[] {
  const list = (label: string, verdict: CheckResult["result"]) => {
    const ids = results.filter((each) => each.explained && each.result === verdict).map(({ id }) => id);
    return ids.length === 0 ? [] : wrap(`${label}: ${ids.join(", ")}`, columns - 2).map((line) => `  ${line}`);
  };
  const lists = [...list("Failed for this reason", "failed"), ...list("Inconclusive for this reason", "unproven")];
  return notes.map((note) => [remark(paint("bad", "✗"), note, columns), ...lists].join("\n"));
}

/** A failure in detail. A fix that several share is printed with the first of them, `fixedAs`. */
function explanation(result: CheckResult, paint: Paint, columns: number, fixedAs = result.id): string {
  const { mark, tone } = appearance(result);
  const rows: [label: string, text: string][] = [
    ["sent", result.sent],
    ["want", result.expected],
    ["got", result.got],
    ["why", result.why],
    ["fix", fixedAs === result.id ? result.fix : `as for ${fixedAs}`],
  ];
  const lines = rows.flatMap(([label, text]) =>
    wrap(clean(text), columns - 8).map(
      (line, index) => `  ${paint(label === "fix" ? "accent" : "dim", pad(index === 0 ? label : "", 4))}  ${line}`,
    ),
  );
  const title = fit(clean(result.title), columns - result.id.length - 4);
  return [`${paint(tone, mark)} ${paint("strong", fit(result.id, columns - 2))}  ${title}`.trimEnd(), ...lines].join(
    "\n",
  );
}

/** Inconclusive and skipped checks; a remedy that several share is printed once. */
function openQuestions(results: readonly CheckResult[], paint: Paint, columns: number): string[] {
  const textOf = (each: CheckResult) => {
    if (each.explained) return "";
    if (each.result === "unproven") return each.fix;
    return each.result === "skipped" ? each.got : "";
  };
  return [...new Set(results.map(textOf))]
    .filter((text) => text !== "")
    .map((text) => {
      const concerned = results.filter((each) => textOf(each) === text);
      const [only, ...others] = concerned;
      if (only?.result === "unproven" && others.length === 0)
        return remark(paint("warn", "?"), sentences(only), columns);
      const tone = concerned[0]?.result === "unproven" ? "warn" : "dim";
      const ids = concerned.length > 4 ? `${concerned.length} checks` : concerned.map(({ id }) => id).join(", ");
      return remark(paint(tone, tone === "warn" ? "?" : "-"), `${ids}: ${text}`, columns);
    });
}

/** The result of a check and its remedy in one line. */
function sentences({ id, got, fix }: CheckResult): string {
  return `${id}: ${got}. ${fix}`;
}

function remark(mark: string, text: string, columns: number): string {
  return wrap(clean(text), columns - 2)
    .map((line, index) => `${index === 0 ? mark : " "} ${line}`)
    .join("\n");
}

function summary(report: CheckReport, paint: Paint, columns: number): string {
  const count = (tone: Tone, words: string, isMeant: (result: CheckResult) => boolean) => {
    const number = report.results.filter(isMeant).length;
    return number === 0 ? [] : [paint(tone, `${number} ${words}`)];
  };
  const parts = [
    ...count("bad", "failed", ({ result, requirement }) => result === "failed" && requirement === "required"),
    ...count("good", "passed", ({ result }) => result === "passed"),
    ...count("warn", "answers only", ({ result }) => result === "unproven"),
    ...count("warn", "advice", ({ result, requirement }) => result === "failed" && requirement === "advisory"),
    ...count("dim", "skipped", ({ result }) => result === "skipped"),
  ];
  const [mark, verdict] = verdictOf(report);
  const url = fit(clean(report.url), columns - 2);
  const foot = paint("dim", `in ${duration(report.durationMs)}, seed ${report.seed}`);
  const counts = wrap(`${parts.join(" · ")} ${foot}`, columns - 2).map((line) => `  ${line}`);
  return [`${paint(...mark)} ${paint("strong", verdict)}`, `  ${url}`, ...counts].join("\n");
}

/** Only a complete run without open questions shows that an endpoint is ready. */
function verdictOf({ ready, passed, complete, results }: CheckReport): [mark: [Tone, string], verdict: string] {
  const good: [Tone, string] = ["good", "✓"];
  const bad: [Tone, string] = ["bad", "✗"];
  if (ready) return [good, "Ready for production"];
  const isFailed = results.some(({ result, requirement }) => result === "failed" && requirement === "required");
  if (isFailed) return [bad, "Not ready for production"];
  if (complete) return passed ? [good, "No required check failed"] : [bad, "Not proven ready for production"];
  const count = results.filter(({ result }) => result === "passed").length;
  return [passed ? good : bad, `${count} of ${results.length} selected checks passed`];
}
