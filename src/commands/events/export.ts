import { addHelp } from "../shared/help.ts";
import { Option, type Command } from "commander";
import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";
import { EXPORT_FORMATS } from "../../output/export/formats.ts";
import { Redactor } from "../../output/privacy/redact.ts";
import { redactExported } from "../../output/privacy/redact-delivery.ts";
import { inWorkspace, type Workspace } from "../shared/workspace.ts";
import { addFilters, filterIn, nothingFound, type EventFlags } from "./filters.ts";

interface ExportFlags extends EventFlags {
  readonly format: keyof typeof EXPORT_FORMATS;
  readonly redact?: boolean;
}

const HELP = {
  details: `With --redact, only fields known to be harmless are kept: IDs, symbols, amounts, statuses, times and event names. Equal values get equal replacements within one export. See docs/redaction.md.`,
  examples: `  $ bluum-hooks events export --since 1d > events.ndjson
  $ bluum-hooks events export --format har --redact > events.har
  $ bluum-hooks events export --status failed --format curl > resend.sh`,
};

export function defineExport(events: Command, context: Context): void {
  const command = addHelp(
    events.command("export").description("export deliveries and their attempts to stdout, oldest first"),
    HELP,
  )
    .addOption(
      new Option("--format <format>", "ndjson, har (for browser tools) or curl (a script that resends them)")
        .choices(Object.keys(EXPORT_FORMATS))
        .default("ndjson"),
    )
    .option("--redact", "replace personal data, such as names");
  addFilters(command, context).action(inWorkspace(context, exportAll));
}

async function exportAll(workspace: Workspace, flags: ExportFlags): Promise<void> {
  if (flags.json === true && flags.format === "curl") {
    throw new AppError("invalid_usage", "--json cannot be used with --format curl", {
      hint: "Remove --json, or use --format ndjson or har.",
    });
  }
  const store = await workspace.storeReader();
  const { stdout, signal, version } = workspace.context;
  const { eachDelivery } = await import("../../store/pages.ts");
  const redactor = flags.redact === true ? new Redactor() : undefined;
  const format = EXPORT_FORMATS[flags.format]({ version, isRedacted: redactor !== undefined });
  stdout.write(format.head);
  let count = 0;
  for await (const delivery of eachDelivery(store, { ...(await filterIn(workspace, flags)), order: "oldest" })) {
    signal.throwIfAborted();
    const attempts = await store.forwards(delivery.id);
    const exported = { delivery, attempts };
    stdout.write(format.item(redactor === undefined ? exported : await redactExported(exported, redactor), count));
    count += 1;
    await stdout.backlog?.drain(signal);
  }
  stdout.write(format.foot);
  workspace.say(count === 0 ? nothingFound(flags) : `${count} ${count === 1 ? "delivery" : "deliveries"} exported.`);
}
