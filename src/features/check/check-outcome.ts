import type { Context } from "../../context.ts";
import type { CheckReport } from "../../core/check-report.ts";
import { AppError } from "../../core/errors.ts";

/**
 * Throws `endpoint_unreachable`, `check_failed` or `timed_out`, unless the endpoint passed every required check that
 * was selected. `repeat` returns the command that runs the checks with these names again, or the whole run.
 */
export function requireReady(report: CheckReport, repeat: (names: readonly string[] | undefined) => string): void {
  if (!report.reachable) {
    const contact = report.results.find(({ id }) => id === "transport.reachable");
    throw new AppError("endpoint_unreachable", `${report.url}: ${contact?.got ?? "no answer"}`, {
      hint: "Start the app, and check host, port and path of the URL.",
    });
  }
  if (report.passed) return;
  const failed = report.results.filter(({ result, requirement }) => result === "failed" && requirement === "required");
  if (failed.length === 0) throw unfinished(report);
  const checks = failed.length === 1 ? "a required check" : `${failed.length} required checks`;
  // With one common cause all checks are run again after the fix, to show the other results.
  const command = repeat(failed.some(({ explained }) => explained) ? undefined : namesOf(failed));
  throw new AppError("check_failed", `the endpoint failed ${checks}`, {
    hint: `Fix ${failed.length === 1 ? "it" : "them"}, then run: ${command}`,
  });
}

/** The names for `--only`: the name of a group if several of its checks failed. */
function namesOf(failed: CheckReport["results"]): string[] {
  const isAlone = ({ group }: { readonly group: string }) => failed.filter((each) => each.group === group).length === 1;
  return [...new Set(failed.map((each) => (isAlone(each) ? each.id : each.group)))];
}

function unfinished({ stopped, timedOut, results }: CheckReport): AppError {
  if (stopped === null) {
    return new AppError("check_failed", `no check could be run: ${results[0]?.got ?? ""}`, {
      hint: "Select other checks with --only; bluum-hooks check --list shows all of them.",
    });
  }
  const message = `the checks did not finish: ${stopped}`;
  return timedOut
    ? new AppError("timed_out", message, { hint: "Allow more time with --max-time, or run fewer checks with --only." })
    : new AppError("check_failed", message, { hint: "Check the app's log for the cause." });
}

/** Throws `file_unusable`. */
export async function writeJunit(
  path: string,
  report: CheckReport,
  context: Pick<Context, "writeFile">,
): Promise<void> {
  // Loaded here, because most runs need neither the format nor its library.
  const { junitXml } = await import("../../output/export/check-junit.ts");
  await context.writeFile(path, junitXml(report), "the report");
}
