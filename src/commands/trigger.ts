import { Option, type Command } from "commander";
import type { ApiRequest } from "../bluum/api-request.ts";
import { toCurl } from "../bluum/curl.ts";
import type { NewOrder } from "../bluum/order-request.ts";
import type { NewTransfer } from "../bluum/transfer-request.ts";
import type { GlobalFlags } from "../cli.ts";
import type { Context } from "../context.ts";
import { clean } from "../output/clean.ts";
import { toRecord } from "../output/record.ts";
import { prepareOrder, prepareTransfer, refuseProduction } from "../session/trigger.ts";
import { waitForEvents } from "../session/wait.ts";
import type { CommandDeps } from "./command.ts";
import { duration, nameList, positiveInteger, positiveNumber } from "./parse.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

interface TriggerFlags extends GlobalFlags {
  readonly wait?: true | readonly string[];
  readonly timeout: number;
  readonly repeat: number;
  readonly rate: number;
  readonly dryRun?: boolean;
  readonly curl?: boolean;
}

interface OrderFlags extends TriggerFlags {
  readonly symbol: string;
  readonly side: string;
  readonly type: string;
  readonly qty?: string;
  readonly notional?: string;
  readonly tif: string;
  readonly limitPrice?: string;
  readonly stopPrice?: string;
  readonly trailPrice?: string;
  readonly trailPercent?: string;
  readonly extendedHours?: boolean;
  readonly clientOrderId?: string;
}

interface TransferFlags extends TriggerFlags {
  readonly amount: string;
  readonly currency: string;
  readonly method: string;
  readonly fundingSource?: string;
  readonly plaidItem?: string;
  readonly plaidAccount?: string;
}

/** One thing to trigger: its request, what it is called, and the events it leads to. */
interface Action {
  readonly label: string;
  readonly prepare: (workspace: Workspace) => ApiRequest;
  readonly send: (workspace: Workspace, request: ApiRequest) => Promise<{ id: string; status: string }>;
  readonly leadsTo: readonly string[];
  readonly failing: readonly string[];
}

export function define(command: Command, { context }: CommandDeps): void {
  command.addHelpText(
    "after",
    `
Examples:
  $ bluum-hooks trigger order --wait
  $ bluum-hooks trigger order --symbol MSFT --notional 100 --dry-run
  $ bluum-hooks trigger deposit --amount 250.00 --env emulator
`,
  );
  const order = command
    .command("order")
    .description("place an order in the sandbox")
    .option("--symbol <symbol>", "what to trade", "AAPL")
    .option("--side <side>", "buy or sell", "buy")
    .option("--type <type>", "market, limit, stop, stop_limit or trailing_stop", "market")
    .option("--qty <decimal>", "how many (default: 1, unless --notional)")
    .option("--notional <decimal>", "for how much money, instead of --qty")
    .option("--tif <when>", "day, gtc, ioc, fok; opg and cls in the current API", "day")
    .option("--limit-price <decimal>", "for limit and stop_limit orders")
    .option("--stop-price <decimal>", "for stop and stop_limit orders")
    .option("--trail-price <decimal>", "for trailing_stop orders")
    .option("--trail-percent <decimal>", "for trailing_stop orders")
    .option("--extended-hours", "allow execution outside market hours")
    .option("--client-order-id <id>", "your own id for the order");
  addTriggerFlags(order).action(async (_flags: unknown, self: Command) => {
    const flags = self.optsWithGlobals<OrderFlags>();
    await runTrigger(flags, context, orderAction(flags));
  });
  for (const kind of ["deposit", "withdrawal"] as const) {
    const transfer = command
      .command(kind)
      .description(`start a ${kind} in the sandbox`)
      .option("--amount <decimal>", "how much", "100.00")
      .option("--currency <code>", "currency", "USD")
      .option("--method <method>", "manual_bank_transfer, ach or wire", "manual_bank_transfer")
      .option("--funding-source <id>", "linked bank account, for ach")
      .option("--plaid-item <id>", "Plaid item, for ach")
      .option("--plaid-account <id>", "Plaid account, for ach");
    addTriggerFlags(transfer).action(async (_flags: unknown, self: Command) => {
      const flags = self.optsWithGlobals<TransferFlags>();
      await runTrigger(flags, context, transferAction(kind, flags));
    });
  }
}

function addTriggerFlags(command: Command): Command {
  return command
    .addOption(
      new Option("--wait [events...]", "wait until the events of this action have arrived").argParser(nameList),
    )
    .addOption(new Option("--timeout <time>", "how long to wait for them").argParser(duration).default(60_000, "60s"))
    .option("--repeat <n>", "do it so many times", positiveInteger, 1)
    .option("--rate <n>", "how many a second", positiveNumber, 1)
    .option("--dry-run", "show the request, send nothing")
    .option("--curl", "print the request as a curl command, send nothing");
}

function orderAction(flags: OrderFlags): Action {
  const order: NewOrder = {
    symbol: flags.symbol,
    side: flags.side,
    type: flags.type,
    timeInForce: flags.tif,
    quantity: flags.qty ?? (flags.notional === undefined ? "1" : undefined),
    notional: flags.notional,
    limitPrice: flags.limitPrice,
    stopPrice: flags.stopPrice,
    trailPrice: flags.trailPrice,
    trailPercent: flags.trailPercent,
    extendedHours: flags.extendedHours,
    clientOrderId: flags.clientOrderId,
  };
  return {
    label: "order",
    prepare: (workspace) => prepareOrder(workspace.settings, order),
    send: async (workspace, request) => (await workspace.api()).createOrder(request),
    // Only a market order is certain to fill.
    leadsTo: flags.type === "market" ? ["order.accepted", "order.filled"] : ["order.accepted"],
    failing: ["order.rejected", "order.canceled"],
  };
}

function transferAction(kind: "deposit" | "withdrawal", flags: TransferFlags): Action {
  const transfer: NewTransfer = {
    amount: flags.amount,
    currency: flags.currency,
    method: flags.method,
    fundingSourceId: flags.fundingSource,
    plaidItemId: flags.plaidItem,
    plaidAccountId: flags.plaidAccount,
  };
  const event = (action: string) => `transfer.${kind}.${action}`;
  return {
    label: kind,
    prepare: (workspace) => prepareTransfer(workspace.settings, kind, transfer),
    send: async (workspace, request) => (await workspace.api()).createTransfer(request),
    // What is not ACH stays pending until somebody completes it.
    leadsTo: flags.method.startsWith("ach") ? [event("initiated"), event("completed")] : [event("initiated")],
    failing: [event("failed")],
  };
}

async function runTrigger(flags: TriggerFlags, context: Context, action: Action): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  refuseProduction(workspace.settings);
  if (flags.dryRun === true || flags.curl === true) return show(flags, workspace, action.prepare(workspace));
  for (let turn = 0; turn < flags.repeat; turn += 1) {
    if (turn > 0) await context.clock.sleep(1000 / flags.rate, context.signal);
    const startedAt = context.clock.now();
    const sent = await action.send(workspace, action.prepare(workspace));
    workspace.print(
      { type: "triggered", at: new Date(context.clock.now()).toISOString(), resource: action.label, ...sent },
      () => `${action.label} ${clean(sent.id)}  ${clean(sent.status)}\n`,
    );
    if (flags.wait === undefined) continue;
    await waitForEvents(
      {
        resourceId: sent.id,
        sinceMs: startedAt - CLOCK_SLACK_MS,
        wanted: flags.wait === true ? action.leadsTo : flags.wait,
        failing: action.failing,
        timeoutMs: flags.timeout,
      },
      { store: await workspace.store(), clock: context.clock, signal: context.signal },
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

/** The listener is another process: its clock reading may be a little behind ours. */
const CLOCK_SLACK_MS = 1_000;

function show(flags: TriggerFlags, workspace: Workspace, request: ApiRequest): void {
  const { baseUrl } = workspace.settings;
  if (flags.curl === true) {
    const command = toCurl(request, { baseUrl });
    return workspace.print({ curl: command }, () => `${command}\n`);
  }
  const document = { method: request.method, url: `${baseUrl}${request.path}`, idempotencyKey: request.idempotencyKey };
  workspace.print(
    { ...document, body: request.body },
    () => `${document.method} ${document.url}\n${JSON.stringify(request.body, undefined, 2)}\n`,
  );
}
