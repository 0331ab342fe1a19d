import { Option, type Command } from "commander";
import { CURRENCIES, METHODS, type TransferKind } from "../../bluum/transfer-request.ts";
import type { Context } from "../../context.ts";
import { transferAction } from "../../features/trigger/actions.ts";
import { idText, money } from "../shared/parse.ts";
import { withEmulatorHint } from "../shared/emulator-hint.ts";
import { addApiFlags, runAction, type ApiFlags } from "./api-action.ts";

interface TransferFlags extends ApiFlags {
  readonly amount: string;
  readonly currency: string;
  readonly method: string;
  readonly fundingSource?: string;
  readonly plaidItem?: string;
  readonly plaidAccount?: string;
}

const helpFor = (kind: TransferKind) => `
--wait alone waits for the event initiated, and with --method ach for completed
too: what is sent in another way stays pending until somebody completes it. It
ends with 1 if a failure has arrived by then.

Examples:
  $ bluum-hooks trigger ${kind} --amount 250.00
  $ bluum-hooks trigger ${kind} --amount 13.13 --env emulator  # fails
  $ bluum-hooks trigger ${kind} --wait transfer.${kind}.completed
`;

/** `trigger deposit` and `trigger withdrawal` */
export function defineTransfer(kind: TransferKind, parent: Command, context: Context): void {
  const command = parent
    .command(kind)
    .description(`start a ${kind} in the sandbox`)
    .option("--amount <decimal>", "how much", money, "100.00")
    .addOption(new Option("--currency <code>", "currency").choices(CURRENCIES).default("USD"))
    .addOption(new Option("--method <method>", "how it is sent").choices(METHODS).default("manual_bank_transfer"))
    .option("--funding-source <id>", "linked bank account, for ach", idText)
    .option("--plaid-item <id>", "Plaid item, for ach", idText)
    .option("--plaid-account <id>", "Plaid account, for ach", idText);
  command.addHelpText("after", helpFor(kind));
  addApiFlags(command).action(async (_flags: unknown, self: Command) => {
    const flags = self.optsWithGlobals<TransferFlags>();
    const action = transferAction(kind, {
      amount: flags.amount,
      currency: flags.currency,
      method: flags.method,
      fundingSourceId: flags.fundingSource,
      plaidItemId: flags.plaidItem,
      plaidAccountId: flags.plaidAccount,
    });
    await withEmulatorHint(flags, context, () => runAction(flags, context, action));
  });
}
