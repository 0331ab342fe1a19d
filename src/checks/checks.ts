import type { CheckReport, CheckResult } from "../core/check-report.ts";
import type { ExchangeOutcome } from "../core/exchange.ts";
import type { Clock } from "../platform/clock.ts";
import { AppError } from "../core/errors.ts";
import { LinkedAbort } from "../platform/abort.ts";
import { dial, portOf } from "../platform/dial.ts";
import type { Check, Finding, Kit } from "./check-definition.ts";
import {
  comesBack,
  commonCauseOf,
  mayHaveCrashed,
  makeContact,
  requestElsewhere,
  type CommonCause,
} from "./contact.ts";
import { milliseconds } from "./findings.ts";
import { createKit, HARMLESS_EVENT } from "./kit.ts";
import { Remedies } from "./remedies.ts";
import { StateWatch } from "./state-watch.ts";
import { checklist, selectChecks, type SelectedCheck } from "./check-table.ts";
import { type CheckOptions, DEFAULT_LIMITS } from "./check-options.ts";
import { isPrivateHost } from "../core/hosts.ts";
import { signature } from "./signature-checks.ts";

export interface CheckDeps {
  readonly clock: Clock;
  /** Aborted when the user stops the run: rejects with its reason. */
  readonly signal: AbortSignal;
  /** Called before each check with the number of finished checks, the total, and the title of this one. */
  onProgress?(done: number, total: number, title: string): void;
  /** Called with each result at once, in the order of the report; not for checks that the end of the run skips. */
  onResult?(result: CheckResult): void;
  /** Reads the app's state, until the signal aborts. If it throws, the run ends. */
  readState?: ((signal: AbortSignal) => Promise<string>) | undefined;
}

/**
 * Runs the checklist against an endpoint, one check after the other. Every behaviour of the endpoint is a result;
 * throws `invalid_usage` for unknown names in `only` and `skip`, and what `readState` throws.
 */
export async function runChecks(options: CheckOptions, deps: CheckDeps): Promise<CheckReport> {
  const startedAt = performance.now();
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const selected = selectChecks(options);
  const common = { options, limits, clock: deps.clock };
  using deadline = new LinkedAbort(deps.signal, limits.totalMs);
  // Before the first response, the end of the run counts as a missing response.
  const leftMs = () => Math.ceil((startedAt + limits.totalMs - performance.now()) / 100) * 100;
  const timeoutMs = () => Math.max(1, Math.min(options.timeoutMs, leftMs()));
  const contacted = await makeContact(options, limits, (poster) =>
    createKit({ ...common, checkId: "transport.reachable", poster, signal: deps.signal, timeoutMs }),
  );
  await using poster = contacted.poster;
  const { contact } = contacted;
  let stopped = contact.outcome.kind === "answered" ? null : "the endpoint cannot be reached";
  let timedOut = false;

  const { signal } = deadline;
  const state = deps.readState && new StateWatch(deps.readState, deps.clock, signal, limits);
  const kitWith = (changes?: Partial<CheckOptions>) =>
    createKit({
      ...common,
      options: { ...options, ...changes },
      checkId: "refusal",
      poster,
      signal: deps.signal,
      timeoutMs: () => Math.min(timeoutMs(), limits.quickMs),
    });
  const remedies = new Remedies(options.framework, () => requestElsewhere(kitWith, options.url));
  remedies.see(contact.outcome);
  const kitFor = (checkId: string, onAnswer?: (outcome: ExchangeOutcome) => void) => {
    const onOutcome = (outcome: ExchangeOutcome) => {
      remedies.see(outcome);
      onAnswer?.(outcome);
    };
    return createKit({ ...common, checkId, poster, signal, state, onOutcome });
  };
  const commonCause = await commonCauseOf(contact, options, limits, kitWith, remedies);
  const results: CheckResult[] = [];
  let isSettled = true;
  const add = (each: SelectedCheck, finding: Finding, durationMs = 0) => {
    const result = resultOf(each, finding, { durationMs, url: options.url, isSafe: options.safe, commonCause });
    results.push(result);
    isSettled &&= leavesNothingToDo(result, each.check);
    // The report explains once why the run ended, and not for each skipped check.
    if (contact.outcome.kind === "answered" && (result.result !== "skipped" || stopped === null)) {
      deps.onResult?.(result);
    }
  };
  const endpoint = new URL(options.url);
  const [host, port] = [endpoint.hostname, portOf(endpoint)];
  // A proxy answers for hosts that are down, so only a request shows whether the endpoint is.
  const isUndialled = async () => options.proxy === undefined && (await dial(host, port)) !== undefined;
  const isGone = async (checkId: string, isBroken = false) =>
    (isBroken || (await isUndialled())) && !(await comesBack(kitFor(checkId), limits, deps.clock, signal));
  /** Why the run must end; rethrows any other error. */
  const cutOff = (error: unknown): string => {
    if (deps.signal.aborted || !signal.aborted) throw error;
    timedOut = true;
    return `the whole run took longer than ${milliseconds(limits.totalMs)}`;
  };

  const runs = (each: SelectedCheck) => notRunning(each.check, options, stopped) === undefined;
  // If no event is accepted, none changes the state.
  if (
    state !== undefined &&
    commonCause === undefined &&
    selected.some((each) => each.check.looksAtState === true && runs(each))
  ) {
    deps.onProgress?.(0, selected.length, "measuring the speed of the app");
    try {
      await state.calibrate(() => showPace(kitFor("state.pace")));
    } catch (error) {
      const isDown = !signal.aborted && isUnreadable(error) && (await isGone("state.pace"));
      stopped = isDown ? "the endpoint crashed during the first events" : cutOff(error);
    }
  }
  for (const [done, each] of selected.entries()) {
    const { check } = each;
    const reason = check.id === "transport.reachable" ? undefined : notRunning(check, options, stopped);
    if (reason !== undefined) {
      add(each, { result: "skipped", got: `not run: ${reason}` });
      continue;
    }
    deps.onProgress?.(done, selected.length, check.title);
    let isBroken = false;
    const kit = kitFor(check.id, (outcome) => (isBroken ||= mayHaveCrashed(outcome)));
    const from = performance.now();
    const addResult = (finding: Finding) => add(each, finding, performance.now() - from);
    let isReported = false;
    try {
      addResult(await remedies.improve(await check.run(kit, contact), check.topic));
      isReported = true;
      // It may have answered and then crashed while processing.
      if (await isGone(check.id, isBroken)) stopped = `the endpoint crashed during ${check.id} and did not come back`;
    } catch (error) {
      if (!signal.aborted && isUnreadable(error) && (await isGone(check.id))) {
        stopped = `the endpoint crashed during ${check.id}, and its state cannot be read`;
        addResult({ result: "failed", got: stopped, fix: LOOK_INTO_LOG });
        continue;
      }
      stopped = cutOff(error);
      if (!isReported) addResult({ result: "skipped", got: `not finished: ${stopped}` });
    }
  }
  if (stopped === null) {
    try {
      await deps.clock.sleep(limits.lastLookMs, signal);
      if (await isGone("transport.reachable")) stopped = "the endpoint crashed after it had answered every request";
    } catch (error) {
      // The report is complete by now.
      cutOff(error);
      timedOut = false;
    }
  }
  const isFailed = results.some((each) => each.requirement === "required" && each.result === "failed");
  const passed = stopped === null && !isFailed && results.some((each) => each.result !== "skipped");
  const complete = selected.length === checklist().length;
  return {
    url: options.url,
    seed: options.seed,
    results,
    passed,
    complete,
    ready: passed && complete && isSettled,
    reachable: contact.outcome.kind === "answered",
    stopped,
    timedOut,
    notes: commonCause === undefined ? [] : [commonCause.note],
    durationMs: rounded(performance.now() - startedAt),
  };
}

/**
 * Requirements of a public host do not apply to others, and a complete run skips only what the scheme does not
 * support.
 */
function leavesNothingToDo({ result, requirement }: CheckResult, check: Check): boolean {
  if (result === "passed" || result === "skipped") return true;
  return result === "failed" && requirement === "advisory" && check.requirement === "by-host";
}

const LOOK_INTO_LOG = "Find the exception in the app's log: work that follows the response must not throw.";

/** Sends both events of an order, because an app may ignore one of them. */
async function showPace(kit: Kit): Promise<void> {
  const accepted = kit.event("order.accepted", { ageMs: 1_000 });
  await kit.send(accepted);
  await kit.send(kit.event("order.filled", { about: accepted }));
}

function isUnreadable(error: unknown): boolean {
  return error instanceof AppError && error.code === "state_unreadable";
}

function notRunning(check: Check, options: CheckOptions, stopped: string | null): string | undefined {
  if (stopped !== null) return stopped;
  return check.needsSecret === true && options.secret === undefined
    ? "no webhook secret is known, so nothing can be signed"
    : undefined;
}

interface RunFacts {
  readonly url: string;
  readonly durationMs: number;
  /** Whether harmless events replaced the real ones. */
  readonly isSafe: boolean;
  readonly commonCause: CommonCause | undefined;
}

/** A finding with the texts of its check. */
function resultOf({ group, check }: SelectedCheck, found: Finding, run: RunFacts): CheckResult {
  const isExplained = explains(run.commonCause, group, found);
  const finding = isExplained && found.result === "passed" ? provesNothing(found) : found;
  const byHost = isPrivateHost(new URL(run.url).hostname) ? "advisory" : "required";
  return {
    id: check.id,
    group,
    title: check.title,
    requirement: found.isAdvice === true ? "advisory" : check.requirement === "by-host" ? byHost : check.requirement,
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
function rounded(ms: number): number {
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
