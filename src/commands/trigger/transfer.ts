import { addHelp } from "../shared/help.ts";
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

const helpFor = (kind: TransferKind) => ({
  details: `--wait without events waits for transfer.${kind}.initiated and, with --method ach, transfer.${kind}.completed. Other methods stay pending until they are completed. It exits with 1 if the ${kind} fails.`,
  examples: `  $ bluum-hooks trigger ${kind} --amount 250.00
  $ bluum-hooks trigger ${kind} --amount 13.13 --env emulator  # fails
  $ bluum-hooks trigger ${kind} --wait transfer.${kind}.completed`,
});

/** `trigger deposit` and `trigger withdrawal` */
export function defineTransfer(kind: TransferKind, parent: Command, context: Context): void {
  const command = addHelp(parent.command(kind).description(`create a test ${kind}`), helpFor(kind))
    .option("--amount <decimal>", "amount", money, "100.00")
    .addOption(new Option("--currency <code>", "currency").choices(CURRENCIES).default("USD"))
    .addOption(new Option("--method <method>", "transfer method").choices(METHODS).default("manual_bank_transfer"))
    .option("--funding-source <id>", "ID of the linked bank account, for ach", idText)
    .option("--plaid-item <id>", "ID of the Plaid item, for ach", idText)
    .option("--plaid-account <id>", "ID of the Plaid account, for ach", idText);
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
