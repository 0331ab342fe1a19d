import { Option, type Command } from "commander";
import type { GlobalFlags } from "../cli.ts";
import type { Context } from "../context.ts";
import type { RecordedDelivery, Verdict } from "../core/delivery.ts";
import { clean, cleanBlock } from "../output/clean.ts";
import { bodyText } from "../output/details.ts";
import { repeatText } from "../output/lines.ts";
import { toRecord } from "../output/record.ts";
import { summarize } from "../output/summaries.ts";
import { fields, table } from "../output/table.ts";
import { isSecretHeader } from "../output/mask.ts";
import type { CommandDeps } from "./command.ts";
import { nameList, positiveInteger, since } from "./parse.ts";
import { openWorkspace } from "./workspace.ts";

interface ListFlags extends GlobalFlags {
  readonly since?: number;
  readonly event?: readonly string[];
  readonly resource?: string;
  readonly signature?: "bad" | Verdict;
  readonly duplicates?: boolean;
  readonly limit: number;
}

export function define(command: Command, { context }: CommandDeps): void {
  command.addHelpText(
    "after",
    `
Examples:
  $ bluum-hooks events list --since 1h --event 'order.*'
  $ bluum-hooks events show last
  $ bluum-hooks events list --json | jq .event
`,
  );
  command
    .command("list", { isDefault: true })
    .description("list deliveries, newest first")
    .option("--since <when>", "10m ago, or an ISO 8601 time", since(context.clock.now()))
    .option("--event <names>", "only these names or patterns", nameList)
    .option("--resource <id>", "only what concerns this order, transfer, …")
    .addOption(
      new Option("--signature <verdict>", "only this verdict").choices([
        "bad",
        "verified",
        "mismatch",
        "stale",
        "unsigned",
        "no-secret",
      ]),
    )
    .option("--duplicates", "only what had arrived before")
    .option("--limit <n>", "at most so many", positiveInteger, 50)
    .action(async (_flags: unknown, self: Command) => list(self.optsWithGlobals<ListFlags>(), context));
  command
    .command("show")
    .description("show one delivery whole")
    .argument("<id>", "its id, a unique beginning of it, or last")
    .action(async (id: string, _flags: unknown, self: Command) =>
      show(id, self.optsWithGlobals<GlobalFlags>(), context),
    );
}

async function list(flags: ListFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const store = await workspace.store();
  const deliveries = await store.list({
    ...(flags.env === undefined ? {} : { environment: workspace.settings.environment }),
    ...(flags.since === undefined ? {} : { sinceMs: flags.since }),
    ...(flags.event === undefined ? {} : { events: flags.event }),
    ...(flags.resource === undefined ? {} : { resourceId: flags.resource }),
    ...(flags.signature === undefined ? {} : { verdicts: verdictsOf(flags.signature) }),
    ...(flags.duplicates === true ? { isRepeated: true } : {}),
    limit: flags.limit,
  });
  if (flags.json === true) {
    for (const delivery of deliveries) workspace.print(documentOf(delivery), () => "");
    return;
  }
  if (deliveries.length === 0) {
    const isAsked = flags.since ?? flags.event ?? flags.resource ?? flags.signature ?? flags.duplicates;
    return workspace.say(
      isAsked === undefined
        ? "Nothing has arrived yet. Receive events with: bluum-hooks listen"
        : "Nothing that arrived matches.",
    );
  }
  const { isTTY, columns } = context.stdout;
  // An id that is cut off cannot be shown; the resource can, by its delivery.
  const isNarrow = isTTY && columns < NARROW;
  const rows = deliveries.map((delivery) => [
    isTTY ? shortTime(delivery.receivedAt, context.clock.now()) : new Date(delivery.receivedAt).toISOString(),
    clean(delivery.event ?? "-"),
    ...(isNarrow ? [] : [clean(delivery.resourceId ?? "-")]),
    clean(summarize(delivery)),
    delivery.verification.verdict,
    [delivery.answer?.status ?? "-", repeatText(delivery.recurrence)].join(" ").trim(),
    isTTY ? delivery.id.slice(0, SHORT_ID) : delivery.id,
  ]);
  const head = ["WHEN", "EVENT", ...(isNarrow ? [] : ["RESOURCE"]), "WHAT", "SIGNATURE", "ANSWER", "ID"];
  context.stdout.write(table(head, rows, workspace.style));
}

const NARROW = 100;

/** Long enough to be unique among a million: 36⁸ are possible. */
const SHORT_ID = "dlv_".length + 8;

/** The time of a delivery of today, else its date too; local, as on the user's clock. */
function shortTime(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  const time = then.toTimeString().slice(0, 8);
  return then.toDateString() === today.toDateString() ? time : `${then.toLocaleDateString("sv")} ${time}`;
}

async function show(id: string, flags: GlobalFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const delivery = await (await workspace.store()).find(id);
  const headers = delivery.headers.map(([name, value]) => [name, isSecretHeader(name) ? "••••" : value] as const);
  workspace.print({ ...documentOf(delivery), headers }, () => {
    const { verification, recurrence, answer } = delivery;
    const facts = fields([
      ["id", delivery.id],
      ["received", new Date(delivery.receivedAt).toISOString()],
      ["environment", delivery.environment],
      ["event", clean(delivery.event ?? "-")],
      ["resource", clean(delivery.resourceId ?? "-")],
      [
        "signature",
        [verification.verdict, verification.scheme, verification.header]
          .filter(Boolean)
          .map((part) => clean(String(part)))
          .join(" · "),
      ],
      [
        "repeat",
        recurrence.duplicateOf === undefined
          ? "first delivery"
          : `${recurrence.kind}, number ${recurrence.attempt}, of ${recurrence.duplicateOf}`,
      ],
      ["answer", answer === undefined ? "none" : `${answer.status} after ${answer.durationMs} ms`],
    ]);
    const head = headers.map(([name, value]) => `${clean(name)}: ${clean(value)}`).join("\n");
    return `${facts}\n${clean(delivery.method)} ${clean(delivery.path)}\n${head}\n\n${cleanBlock(bodyText(delivery))}\n`;
  });
}

function documentOf(delivery: RecordedDelivery): Record<string, unknown> {
  return {
    ...toRecord({ type: "delivery", at: delivery.receivedAt, delivery }),
    environment: delivery.environment,
    ...(delivery.answer === undefined ? {} : { answer: delivery.answer }),
  };
}

function verdictsOf(wanted: "bad" | Verdict): Verdict[] {
  return wanted === "bad" ? ["mismatch", "stale", "unsigned"] : [wanted];
}
