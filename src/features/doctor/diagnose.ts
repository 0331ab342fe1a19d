import { AppError } from "../../core/errors.ts";
import { LinkedAbort } from "../../platform/abort.ts";
import { checkApi, checkCredentials, checkProxy, checkSettings } from "./api-checks.ts";
import { checkConfig, checkNgrok, checkProject, checkNode, checkPorts } from "./machine-checks.ts";
import { type DiagnosticContext, problem, warning, type Finding } from "./diagnostic-context.ts";
import { checkRestores, checkStore } from "./store-checks.ts";
import { checkWebhooks } from "./webhook-checks.ts";

export interface Check {
  readonly name: string;
  readonly run: (diagnostics: DiagnosticContext) => Promise<Finding[]>;
}

/** A finding, and the check that made it. */
export type Diagnosis = Finding & { readonly check: string };

/** All checks, in the order of the report: causes come before their consequences. */
export const CHECKS: readonly Check[] = [
  { name: "node", run: checkNode },
  { name: "config", run: checkConfig },
  { name: "project", run: checkProject },
  { name: "settings", run: checkSettings },
  { name: "proxy", run: checkProxy },
  { name: "api", run: checkApi },
  { name: "credentials", run: checkCredentials },
  { name: "ngrok", run: checkNgrok },
  { name: "ports", run: checkPorts },
  { name: "store", run: checkStore },
  { name: "restores", run: checkRestores },
  { name: "webhooks", run: checkWebhooks },
  {
    name: "team",
    // The driver of the database is loaded only on a machine that has joined a team.
    async run(diagnostics) {
      if (Object.keys((await diagnostics.config()).teams()).length === 0) return [];
      return (await import("./team-checks.ts")).checkTeams(diagnostics);
    },
  },
];

const DEADLINE_MS = 20_000;

/**
 * Runs all checks concurrently. A failing check is a finding, and the run continues; only the signal's reason is
 * thrown.
 */
export async function diagnose(diagnostics: DiagnosticContext, checks = CHECKS): Promise<Diagnosis[]> {
  const { signal, clock } = diagnostics.context;
  using ended = new LinkedAbort(signal);
  const tooLate = clock.sleep(DEADLINE_MS, ended.signal).then(
    () => [problem(`timed out after ${DEADLINE_MS / 1000} s`, "Run the command again.")],
    () => [],
  );
  const attempt = async ({ name, run }: Check) => {
    try {
      return { name, findings: await Promise.race([run(diagnostics), tooLate]) };
    } catch (error) {
      return { name, error };
    }
  };
  const results = await Promise.all(checks.map(attempt));
  ended.abort(new Error("all checks are done"));
  signal.throwIfAborted();
  const causes = new Map<unknown, string>();
  return results.flatMap((result): Diagnosis[] => {
    if (!("error" in result)) return result.findings.map((finding) => ({ check: result.name, ...finding }));
    const { name, error } = result;
    const cause = causes.get(error);
    if (cause !== undefined) return [{ check: name, ...warning(`not checked, because of ${cause}`) }];
    causes.set(error, name);
    const hint = error instanceof AppError ? error.hint : "Please report it, with the output of --debug.";
    return [{ check: name, ...problem(error instanceof Error ? error.message : String(error), hint) }];
  });
}
