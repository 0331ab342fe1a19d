import type { CheckResult } from "../core/check-report.ts";
import { isPrivateHost } from "../core/hosts.ts";
import type { Check, Finding } from "./check-definition.ts";
import type { CommonCause } from "./contact.ts";
import { HARMLESS_EVENT } from "./kit.ts";
import type { SelectedCheck } from "./check-table.ts";
import { signature } from "./signature-checks.ts";

interface RunFacts {
  readonly url: string;
  readonly durationMs: number;
  /** Whether harmless events replaced the real ones. */
  readonly isSafe: boolean;
  readonly commonCause: CommonCause | undefined;
}

/** A finding with the texts of its check. */
export function resultOf({ group, check }: SelectedCheck, found: Finding, run: RunFacts): CheckResult {
  const isExplained = explains(run.commonCause, group, found);
  const finding = isExplained && found.result === "passed" ? provesNothing(found) : found;
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
    fix: fixOf(check, finding, isExplained ? run.commonCause : undefined),
    explained: isExplained,
    durationMs: rounded(run.durationMs),
  };
}

/** If signed events are refused like unsigned ones, no refusal shows that the signature is verified. */
function explains(cause: CommonCause | undefined, group: string, found: Finding): boolean {
  if (cause === undefined) return false;
  return found.status === cause.status || (cause.refusesAll && group === signature.name && found.result === "passed");
}

/** How the texts of the checks name the events that they send. */
const REAL_EVENT = /\ban order\.\w+/;

/** Milliseconds with one decimal. */
export function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** Refusing an invalid request is conclusive only if valid ones are accepted. */
function provesNothing(finding: Finding): Finding {
  return { ...finding, result: "unproven", got: `${finding.got}; but a correctly signed event is refused as well` };
}

function fixOf(check: Check, finding: Finding, cause: CommonCause | undefined): string {
  if (finding.result === "passed" || finding.result === "skipped") return "";
  return cause?.fix ?? finding.fix ?? check.fix;
}
