import type { CheckResult } from "../core/check.ts";
import { isPrivateHost } from "../core/hosts.ts";
import type { Check, Finding } from "./check.ts";
import { HARMLESS_EVENT } from "./kit.ts";
import type { SelectedCheck } from "./table.ts";

interface RunFacts {
  readonly url: string;
  readonly durationMs: number;
  /** Whether harmless events took the place of real ones. */
  readonly isSafe: boolean;
  /** Whether no signature of ours is believed: then there is one thing to mend, whatever the check is about. */
  readonly isUnbelieved: boolean;
}

/** A finding with the texts of its check. */
export function resultOf({ group, check }: SelectedCheck, finding: Finding, run: RunFacts): CheckResult {
  const byHost = isPrivateHost(new URL(run.url).hostname) ? "advisory" : "required";
  return {
    id: check.id,
    group,
    title: check.title,
    requirement: check.requirement === "by-host" ? byHost : check.requirement,
    result: finding.result,
    why: check.why,
    sent: run.isSafe ? check.sent.replace(REAL_EVENT, `an event named ${HARMLESS_EVENT}`) : check.sent,
    expected: check.expected,
    got: finding.got,
    fix: fixOf(check, finding, run),
    durationMs: rounded(run.durationMs),
  };
}

/** How the texts of the checks name what they send. */
const REAL_EVENT = /\ban order\.\w+/;

/** Milliseconds with one decimal. */
export function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function fixOf(check: Check, finding: Finding, { isUnbelieved }: RunFacts): string {
  if (finding.result === "passed" || finding.result === "skipped") return "";
  if (isUnbelieved && finding.isTakenForForged === true) {
    return "First make secret, scheme and header agree, as said above: no signature is believed yet.";
  }
  return finding.fix ?? check.fix;
}
