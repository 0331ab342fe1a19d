import { writeFile } from "node:fs/promises";
import type { CheckReport } from "../core/check.ts";
import { AppError } from "../core/errors.ts";

/** Throws `endpoint_unreachable`, `check_failed` or `timed_out`, unless the endpoint passed every required check. */
export function requireReady(report: CheckReport): void {
  if (!report.reachable) {
    const contact = report.results.find(({ id }) => id === "transport.reachable");
    throw new AppError("endpoint_unreachable", `${report.url}: ${contact?.got ?? "no answer"}`, {
      hint: "Start the app, and check host, port and path of the URL.",
    });
  }
  if (report.passed) return;
  const failed = report.results
    .filter(({ result, requirement }) => result === "failed" && requirement === "required")
    .map(({ id }) => id);
  const cutOff = `the checks did not come to their end: ${report.stopped}`;
  if (failed.length === 0 && report.timedOut) {
    throw new AppError("timed_out", cutOff, { hint: "Give it longer with --max-time, or less to do with --only." });
  }
  if (failed.length === 0) {
    throw new AppError("check_failed", cutOff, { hint: "Look into the app's log for what ended it." });
  }
  const checks = failed.length === 1 ? "a required check" : `${failed.length} required checks`;
  throw new AppError("check_failed", `the endpoint failed ${checks}`, {
    hint: `Mend it, then run the same again: --only ${failed.join(",")}`,
  });
}

/** Throws `file_unusable`. */
export async function writeJunit(path: string, report: CheckReport): Promise<void> {
  // A CI system's format, and the library for it: of no use to most runs.
  const { junitXml } = await import("../output/check-junit.ts");
  const xml = junitXml(report);
  try {
    await writeFile(path, xml);
  } catch (cause) {
    throw new AppError("file_unusable", `the report cannot be written to ${path}: ${(cause as Error).message}`, {
      hint: "Name a file in a folder that exists and that you may write to.",
      cause,
    });
  }
}
