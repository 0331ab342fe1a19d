import { addHelp } from "../shared/help.ts";
import type { Command } from "commander";
import type { Context } from "../../context.ts";
import { cancelAction } from "../../features/trigger/actions.ts";
import { idText } from "../shared/parse.ts";
import { withEmulatorHint } from "../shared/emulator-hint.ts";
import { addOnceFlags, runAction, type ApiFlags } from "./api-action.ts";

const HELP = {
  details: `Cancels an open order of your investor or account, such as a limit order that has not filled.

--wait without events waits for order.canceled. It exits with 1 if the order is filled or rejected instead.`,
  examples: `  $ bluum-hooks trigger order --type limit --limit-price 1.00
  $ bluum-hooks trigger cancel ord_x9y8z7a6b5c4d3e2 --wait`,
};

/** `trigger cancel` */
export function defineCancel(parent: Command, context: Context): void {
  const command = addHelp(parent.command("cancel").description("cancel an order"), HELP).argument(
    "<order>",
    "ID of the order",
    idText,
  );
  addOnceFlags(command).action(async (order: string, _flags: unknown, self: Command) => {
    const flags = self.optsWithGlobals<ApiFlags>();
    await withEmulatorHint(flags, context, () => runAction(flags, context, cancelAction(order)));
  });
}
