import { addHelp } from "../shared/help.ts";
import { Option, type Command } from "commander";
import { METHODS, type TransferKind } from "../../bluum/transfer-request.ts";
import type { Context } from "../../context.ts";
import { CURRENCIES } from "../../core/currencies.ts";
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
  details: `${BANKS[kind]}

--wait without events waits for transfer.${kind}.initiated and, with --method ach, transfer.${kind}.completed. Other methods stay pending until they are completed. It exits with 1 if the ${kind} fails.`,
  examples: EXAMPLES[kind],
});

const EXAMPLES: Readonly<Record<TransferKind, string>> = {
  deposit: `  $ bluum-hooks trigger deposit --amount 250.00
  $ bluum-hooks trigger deposit --amount 13.13 --env emulator  # fails
  $ bluum-hooks trigger deposit --wait transfer.deposit.completed`,
  withdrawal: `  $ bluum-hooks trigger withdrawal --funding-source fs_1 --amount 250.00
  $ bluum-hooks trigger withdrawal --funding-source fs_1 --method ach --wait`,
};

const BANKS: Readonly<Record<TransferKind, string>> = {
  deposit:
    "An ach deposit names a linked bank with --funding-source, or with --plaid-item and --plaid-account. One edition of the API also accepts it without.",
  withdrawal: "The current API requires --funding-source with every method; the legacy API, a linked bank with ach.",
};

/** `trigger deposit` and `trigger withdrawal` */
export function defineTransfer(kind: TransferKind, parent: Command, context: Context): void {
  const command = addHelp(parent.command(kind).description(`create a test ${kind}`), helpFor(kind))
    .option("--amount <decimal>", "amount", money, "100.00")
    .addOption(new Option("--currency <code>", "currency (legacy API: only USD)").choices(CURRENCIES).default("USD"))
    .addOption(
      new Option("--method <method>", `transfer method: ${METHODS[kind].join(", ")}; legacy API: the first four`)
        .choices(METHODS[kind])
        .default("manual_bank_transfer"),
    )
    .option("--funding-source <id>", "ID of the linked bank account", idText)
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
