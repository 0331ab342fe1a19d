import { addHelp } from "../shared/help.ts";
import type { Command } from "commander";
import type { Context } from "../../context.ts";
import { clean } from "../../output/privacy/clean.ts";
import { deliveryDocument } from "../../output/export/document.ts";
import { jsonLine } from "../../output/export/json.ts";
import { answerCell, NARROW, repeatText, shortId, WIDE } from "../../output/live/lines.ts";
import { summarize } from "../../output/live/summaries.ts";
import { table, type Column } from "../../output/reports/table.ts";
import { fitEvent, timeColumn } from "../../output/text.ts";
import type { StoredDelivery } from "../../store/store.ts";
import { inWorkspace, type Workspace } from "../shared/workspace.ts";
import { addFilters, filterIn, nothingFound, type EventFlags } from "./filters.ts";

const DEFAULT_LIMIT = 50;

const HELP = {
  details: `Lists the ${DEFAULT_LIMIT} newest deliveries; change the number with --limit.

--status filters by the result of each delivery, even if your app accepted the same event in a later one. To resend events that your app has never accepted, use events replay --failed; events stats counts them.

With --json, each delivery is one line of NDJSON. Without a match, nothing is printed.`,
  examples: `  $ bluum-hooks events list --since 1h --event 'order.*'
  $ bluum-hooks events list --status failed
  $ bluum-hooks events list --signature bad --json | jq -r .id`,
};

export function defineList(events: Command, context: Context): void {
  const command = addHelp(
    events.command("list", { isDefault: true }).description("list deliveries, newest first"),
    HELP,
  );
  addFilters(command, context).action(inWorkspace(context, list));
}

async function list(workspace: Workspace, flags: EventFlags): Promise<void> {
  const { context } = workspace;
  const store = await workspace.storeReader();
  const deliveries = await store.list({ ...(await filterIn(workspace, flags)), limit: flags.limit ?? DEFAULT_LIMIT });
  if (flags.json === true) {
    for (const delivery of deliveries) context.stdout.write(`${jsonLine(deliveryDocument(delivery))}\n`);
    return;
  }
  if (deliveries.length === 0) return workspace.say(nothingFound(flags));
  context.stdout.write(deliveryTable(deliveries, context, workspace.color));
}

interface ListColumn {
  readonly column: Column;
  readonly cell: (delivery: StoredDelivery) => string;
}

function deliveryTable(deliveries: readonly StoredDelivery[], { stdout, clock }: Context, color: boolean): string {
  const width = stdout.isTTY ? stdout.columns : Infinity;
  const when = timeColumn({ isTTY: stdout.isTTY, now: clock.now(), isNarrow: width < NARROW });
  const columns = [...columnsFor(width, deliveries, when)];
  const rows = deliveries.map((delivery) => columns.map(({ cell }) => cell(delivery)));
  return table(
    columns.map(({ column }) => column),
    rows,
    { color, ...(stdout.isTTY ? { width } : {}) },
  );
}

function* columnsFor(
  width: number,
  deliveries: readonly StoredDelivery[],
  when: ReturnType<typeof timeColumn>,
): Generator<ListColumn> {
  const isNarrow = width < NARROW;
  // The word would widen a column of times of day.
  const title = width < WIDE ? when.title.replace("WHEN ", "") : when.title;
  yield { column: { title, isRigid: true }, cell: (delivery) => when.cell(delivery.receivedAt) };
  yield { column: { title: "EVENT", fit: fitEvent }, cell: ({ event }) => clean(event ?? "-") };
  if (width >= WIDE) yield { column: "RESOURCE", cell: ({ resourceId }) => clean(resourceId ?? "-") };
  if (!isNarrow) yield { column: "WHAT", cell: summarize };
  yield { column: { title: "SIGNATURE", isRigid: true }, cell: ({ verification }) => verification.verdict };
  yield {
    column: { title: "ANSWER", isRigid: true },
    cell: ({ answer, forwardStatus }) => answerCell(answer, forwardStatus, width),
  };
  if (deliveries.some(({ recurrence }) => recurrence.kind !== "first")) {
    const isShort = width < WIDE;
    yield {
      column: { title: isShort ? "SEEN" : "REPEAT", isRigid: true },
      cell: ({ recurrence }) => (isShort && recurrence.attempt > 1 ? `×${recurrence.attempt}` : repeatText(recurrence)),
    };
  }
  yield { column: { title: "ID", isRigid: true }, cell: ({ id }) => shortId(id, width) };
}
