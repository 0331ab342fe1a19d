import { addHelp } from "../shared/help.ts";
import type { Command } from "commander";
import type { GlobalFlags } from "../shared/command.ts";
import type { Context } from "../../context.ts";
import { isAccepted } from "../../core/exchange.ts";
import { wholeDocument } from "../../output/export/document.ts";
import { jsonLine } from "../../output/export/json.ts";
import { idText } from "../shared/parse.ts";
import { wholeDeliveryText } from "../shared/whole-delivery.ts";
import { openWorkspace } from "../shared/workspace.ts";

const HELP = {
  examples: `  $ bluum-hooks events show last
  $ bluum-hooks events show dlv_k3x9
  $ bluum-hooks events show last --json | jq .payload`,
};

export function defineShow(events: Command, context: Context): void {
  addHelp(events.command("show").description("show a delivery and its attempts in full"), HELP)
    .argument("<id>", "delivery ID, unique prefix of an ID, or last", idText)
    .action(async (id: string, _flags: unknown, self: Command) =>
      show(id, self.optsWithGlobals<GlobalFlags>(), context),
    );
}

async function show(id: string, flags: GlobalFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const store = await workspace.storeReader();
  const delivery = await store.find(id);
  const attempts = await store.forwards(delivery.id);
  if (flags.json === true) {
    context.stdout.write(`${jsonLine(wholeDocument(delivery, attempts))}\n`);
    return;
  }
  context.stdout.write(await wholeDeliveryText(delivery, attempts, workspace));
  const last = attempts.at(-1);
  if (context.stdout.isTTY && last !== undefined && !isAccepted(last.outcome)) {
    workspace.say(`\nResend it with: bluum-hooks events replay ${delivery.id}`);
  }
}
