import { addHelp } from "../shared/help.ts";
import type { Command } from "commander";
import type { CommandDeps } from "../shared/command.ts";
import { defineCancel } from "./cancel.ts";
import { defineEvent } from "./event.ts";
import { defineOrder } from "./order.ts";
import { defineRecipe } from "./recipe.ts";
import { defineTransfer } from "./transfer.ts";

export function define(command: Command, { context }: CommandDeps): void {
  addHelp(command, {
    examples: `  $ bluum-hooks trigger order --wait
  $ bluum-hooks trigger order --symbol MSFT --notional 100 --dry-run
  $ bluum-hooks trigger deposit --amount 250.00 --env emulator
  $ bluum-hooks trigger event document.rejected --to 3000
  $ bluum-hooks trigger recipe fund-then-buy`,
  });
  defineOrder(command, context);
  defineCancel(command, context);
  defineTransfer("deposit", command, context);
  defineTransfer("withdrawal", command, context);
  defineEvent(command, context);
  defineRecipe(command, context);
}
