import { addHelp } from "../shared/help.ts";
import { Option, type Command } from "commander";
import { CURRENT_TIMES, ORDER_TYPES, SIDES } from "../../bluum/order-request.ts";
import type { Context } from "../../context.ts";
import { CURRENCIES } from "../../core/currencies.ts";
import { AppError } from "../../core/errors.ts";
import { orderAction } from "../../features/trigger/actions.ts";
import { decimal, headerWord, symbol } from "../shared/parse.ts";
import { withEmulatorHint } from "../shared/emulator-hint.ts";
import { addApiFlags, runAction, type ApiFlags } from "./api-action.ts";

interface OrderFlags extends ApiFlags {
  readonly symbol: string;
  readonly side: string;
  readonly type: string;
  readonly qty?: string;
  readonly notional?: string;
  readonly tif: string;
  readonly limitPrice?: string;
  readonly stopPrice?: string;
  readonly trailPrice?: string;
  readonly trailPercent?: string;
  readonly extendedHours?: boolean;
  readonly clientOrderId?: string;
  readonly walletCurrency?: string;
}

const HELP = {
  details: `--wait without events waits for order.accepted and, for a market order, order.filled. It exits with 1 if the order is canceled or rejected. In the sandbox, orders fill from 09:30 to 16:00 in New York on trading days; at other times, --wait says so first.`,
  examples: `  $ bluum-hooks trigger order --wait
  $ bluum-hooks trigger order --symbol MSFT --notional 100 --curl
  $ bluum-hooks trigger order --type limit --limit-price 150.00 --dry-run`,
};

/** `trigger order` */
export function defineOrder(parent: Command, context: Context): void {
  const command = addHelp(parent.command("order").description("place a test order"), HELP)
    .option("--symbol <symbol>", "symbol to trade", symbol, "AAPL")
    .addOption(new Option("--side <side>", "buy or sell").choices(SIDES).default("buy"))
    .addOption(new Option("--type <type>", "order type").choices(ORDER_TYPES).default("market"))
    .option("--qty <decimal>", "quantity (default 1)", decimal)
    .option("--notional <decimal>", "amount of money, instead of --qty", decimal)
    .addOption(
      new Option("--tif <when>", "time in force (opg and cls: current API only)").choices(CURRENT_TIMES).default("day"),
    )
    .option("--limit-price <decimal>", "limit price, for limit and stop_limit orders", decimal)
    .option("--stop-price <decimal>", "stop price, for stop and stop_limit orders", decimal)
    .option("--trail-price <decimal>", "trail amount, for trailing_stop orders", decimal)
    .option("--trail-percent <decimal>", "trail percentage, for trailing_stop orders", decimal)
    .option("--extended-hours", "allow execution outside market hours")
    .option("--client-order-id <id>", "your own ID for the order", headerWord)
    .addOption(new Option("--wallet-currency <code>", "wallet that pays (current API only)").choices(CURRENCIES));
  addApiFlags(command).action(async (_flags: unknown, self: Command) => {
    const flags = self.optsWithGlobals<OrderFlags>();
    if (flags.clientOrderId !== undefined && (flags.repeat ?? 1) > 1) {
      throw new AppError("invalid_usage", "--client-order-id cannot be used with --repeat", {
        hint: "Remove one of the two: without --client-order-id each order gets a new ID.",
      });
    }
    const action = orderAction({
      symbol: flags.symbol,
      side: flags.side,
      type: flags.type,
      timeInForce: flags.tif,
      quantity: flags.qty ?? (flags.notional === undefined ? "1" : undefined),
      notional: flags.notional,
      limitPrice: flags.limitPrice,
      stopPrice: flags.stopPrice,
      trailPrice: flags.trailPrice,
      trailPercent: flags.trailPercent,
      extendedHours: flags.extendedHours,
      clientOrderId: flags.clientOrderId,
      walletCurrency: flags.walletCurrency,
    });
    await withEmulatorHint(flags, context, () => runAction(flags, context, action));
  });
}
