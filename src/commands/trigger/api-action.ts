import { Option, type Command } from "commander";
import { type ApiRequest, toCurl } from "../../bluum/api-request.ts";
import type { GlobalFlags } from "../shared/command.ts";
import type { Context } from "../../context.ts";
import { clean } from "../../output/privacy/clean.ts";
import { toRecord } from "../../output/export/fact-record.ts";
import type { Action } from "../../features/trigger/actions.ts";
import { CLOCK_SLACK_MS, waitForEvents } from "../../features/events/wait-for-event.ts";
import { liveDrifts } from "../../features/webhooks/drift.ts";
import { awaitedEvents, positiveInteger, positiveNumber, waitTime } from "../shared/parse.ts";
import { warnOfClosedMarket, warnOfUnknownEvents } from "../shared/warnings.ts";
import { openWorkspace, type Workspace } from "../shared/workspace.ts";

/** Flags of all actions that are triggered through the API. */
export interface ApiFlags extends GlobalFlags {
  readonly wait?: true | readonly string[];
  readonly timeout: number;
  readonly repeat?: number;
  readonly rate?: number;
  readonly dryRun?: boolean;
  readonly curl?: boolean;
}

export function addApiFlags(command: Command): Command {
  return addOnceFlags(command)
    .option("--repeat <n>", "number of repetitions", positiveInteger, 1)
    .option("--rate <n>", "repetitions per second", positiveNumber, 1);
}

/** The flags of an action that cannot be repeated. */
export function addOnceFlags(command: Command): Command {
  return command
    .addOption(new Option("--wait [events...]", "wait for the events of this action").argParser(awaitedEvents))
    .addOption(new Option("--timeout <time>", "time limit for --wait").argParser(waitTime).default(60_000, "60s"))
    .option("--dry-run", "show the request without sending it")
    .option("--curl", "print the request as a curl command without sending it");
}

export async function runAction(flags: ApiFlags, context: Context, action: Action): Promise<void> {
  await using workspace = await openWorkspace(flags, context, { movesMoney: true });
  const { settings } = workspace;
  if (Array.isArray(flags.wait)) await warnOfUnknownEvents(flags.wait, workspace);
  if (flags.dryRun === true || flags.curl === true) return show(flags, workspace, action.prepare(settings));
  if (flags.wait !== undefined) {
    await warnOfDrifts(workspace);
    warnOfClosedMarket(flags.wait === true ? action.leadsTo : flags.wait, workspace);
  }
  const { repeat = 1, rate = 1 } = flags;
  for (let turn = 0; turn < repeat; turn += 1) {
    if (turn > 0) await context.clock.sleep(1000 / rate, context.signal);
    const startedAt = context.clock.now();
    const sent = await action.send(await workspace.api(), action.prepare(settings));
    workspace.print(
      {
        type: "triggered",
        at: new Date(context.clock.now()).toISOString(),
        resource: action.label,
        id: sent.id,
        status: sent.status,
        [action.label]: sent,
      },
      () => `${action.label} ${clean(sent.id)}  ${clean(sent.status)}${quoteText(sent.referenceCode)}\n`,
    );
    if (flags.wait === undefined) continue;
    using _wait = context.waits.begin(`the events of ${clean(sent.id)}, for ${flags.timeout / 1000} s at most`);
    await waitForEvents(
      {
        resourceId: sent.id,
        sinceMs: startedAt - CLOCK_SLACK_MS,
        wanted: flags.wait === true ? action.leadsTo : flags.wait,
        failing: action.failing,
        timeoutMs: flags.timeout,
      },
      { store: await workspace.storeReader(), clock: context.clock, signal: context.signal },
      (delivery) => {
        const afterMs = Math.max(0, delivery.receivedAt - startedAt);
        workspace.print(
          { ...toRecord({ type: "delivery", at: delivery.receivedAt, delivery }), afterMs },
          () => `  ${clean(delivery.event ?? "?").padEnd(28)} after ${afterMs} ms  ${delivery.verification.verdict}\n`,
        );
      },
    );
  }
}

/** What the sender of a manual transfer must quote. */
function quoteText(referenceCode: string | null | undefined): string {
  return typeof referenceCode === "string" ? `  reference ${clean(referenceCode)}` : "";
}

/** Warns if the awaited events cannot be received. A failed check is ignored. */
async function warnOfDrifts(workspace: Workspace): Promise<void> {
  const store = await workspace.storeReader();
  const drifts = await liveDrifts(store, () => workspace.api(), workspace.settings).catch(() => []);
  for (const { what, pid, isLoss, hint } of drifts) {
    const effect = isLoss ? "its events do not reach" : "fewer or other events may reach";
    workspace.warn({
      code: "webhook_changed",
      message: `${what}: ${effect} the listen session of process ${pid}`,
      hint,
    });
  }
}

function show(flags: ApiFlags, workspace: Workspace, request: ApiRequest): void {
  const { baseUrl } = workspace.settings;
  if (flags.curl === true) {
    const command = toCurl(request, { baseUrl });
    return workspace.print({ curl: command }, () => `${command}\n`);
  }
  const document = { method: request.method, url: `${baseUrl}${request.path}`, idempotencyKey: request.idempotencyKey };
  const body = request.body === undefined ? "" : `${JSON.stringify(request.body, undefined, 2)}\n`;
  workspace.print(
    { ...document, body: request.body ?? null },
    () => `${document.method} ${document.url}\nIdempotency-Key: ${request.idempotencyKey}\n${body}`,
  );
}
