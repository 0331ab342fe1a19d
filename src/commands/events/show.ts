import { addHelp } from "../shared/help.ts";
import type { Command } from "commander";
import type { Context } from "../../context.ts";
import { isAccepted } from "../../core/exchange.ts";
import { wholeDocument } from "../../output/export/document.ts";
import { jsonLine } from "../../output/export/json.ts";
import { idText } from "../shared/parse.ts";
import { wholeDeliveryText } from "../shared/whole-delivery.ts";
import { inWorkspace, type Workspace } from "../shared/workspace.ts";

const HELP = {
  examples: `  $ bluum-hooks events show last
  $ bluum-hooks events show dlv_k3x9
  $ bluum-hooks events show last --json | jq .payload`,
};

export function defineShow(events: Command, context: Context): void {
  addHelp(events.command("show").description("show a delivery and its attempts in full"), HELP)
    .argument("<id>", "delivery ID, unique prefix of an ID, or last", idText)
    .action(inWorkspace(context, show));
}

async function show(workspace: Workspace, id: string): Promise<void> {
  const { stdout } = workspace.context;
  const store = await workspace.storeReader();
  const delivery = await store.find(id);
  const attempts = await store.forwards(delivery.id);
  if (workspace.json) {
    stdout.write(`${jsonLine(wholeDocument(delivery, attempts))}\n`);
    return;
  }
  stdout.write(await wholeDeliveryText(delivery, attempts, workspace));
  const last = attempts.at(-1);
  if (stdout.isTTY && last !== undefined && !isAccepted(last.outcome)) {
    workspace.say(`\nResend it with: bluum-hooks events replay ${delivery.id}`);
  }
}
