import { AppError } from "../../core/errors.ts";
import { checkApi, checkCredentials, checkProxy, checkSettings } from "./api-checks.ts";
import { problem, warning, type Finding } from "./finding.ts";
import { checkConfig, checkNgrok, checkNode } from "./machine-checks.ts";
import type { Patient } from "./diagnostic-context.ts";
import { checkPorts } from "./port-checks.ts";
import { checkRestores, checkStore } from "./store-checks.ts";
import { checkWebhooks } from "./webhook-checks.ts";

export interface Check {
  readonly name: string;
  readonly run: (patient: Patient) => Promise<Finding[]>;
  /** Reads a large file in one go: it comes last, or others would seem slow. */
  readonly isBlocking?: boolean;
}

/** A finding, and the check that made it. */
export type Diagnosis = Finding & { readonly check: string };

/** All checks, in the order of the report: what others build on comes first, so that a cause is told before what follows. */
export const CHECKS: readonly Check[] = [
  { name: "node", run: checkNode },
  { name: "config", run: checkConfig },
  { name: "settings", run: checkSettings },
  { name: "proxy", run: checkProxy },
  { name: "api", run: checkApi },
  { name: "credentials", run: checkCredentials },
  { name: "ngrok", run: checkNgrok },
  { name: "ports", run: checkPorts },
  { name: "store", run: checkStore, isBlocking: true },
  { name: "restores", run: checkRestores },
  { name: "webhooks", run: checkWebhooks },
];

const DEADLINE_MS = 20_000;

/** Runs all checks at once. A check that fails is a finding of its own, never the end; only the signal's reason is thrown. */
export async function diagnose(patient: Patient, checks = CHECKS): Promise<Diagnosis[]> {
  const { signal, clock } = patient.context;
  const ended = new AbortController();
  const tooLate = clock.sleep(DEADLINE_MS, AbortSignal.any([signal, ended.signal])).then(
    () => [problem(`the check was not done after ${DEADLINE_MS / 1000} s`, "Try again.")],
    () => [],
  );
  const attempt = async ({ name, run }: Check) => {
    try {
      return { name, findings: await Promise.race([run(patient), tooLate]) };
    } catch (error) {
      return { name, error };
    }
  };
  const isBlocking = (check: Check) => check.isBlocking === true;
  const results = await Promise.all(checks.filter((check) => !isBlocking(check)).map(attempt));
  for (const check of checks.filter(isBlocking)) results.push(await attempt(check));
  const place = ({ name }: { name: string }) => checks.findIndex((check) => check.name === name);
  results.sort((one, other) => place(one) - place(other));
  ended.abort();
  signal.throwIfAborted();
  const causes = new Map<unknown, string>();
  return results.flatMap((result): Diagnosis[] => {
    if (!("error" in result)) return result.findings.map((finding) => ({ check: result.name, ...finding }));
    const { name, error } = result;
    const cause = causes.get(error);
    if (cause !== undefined) return [{ check: name, ...warning(`not looked at, because of ${cause}`) }];
    causes.set(error, name);
    const hint = error instanceof AppError ? error.hint : "Please report it, with the output of --debug.";
    return [{ check: name, ...problem(error instanceof Error ? error.message : String(error), hint) }];
  });
}
