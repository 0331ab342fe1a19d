import { decimal } from "../decimal.ts";
import { isManual, type Transfer, type TransferStatus } from "../entities/transfer-entity.ts";
import { transferEvent } from "../wire/transfer-format.ts";
import type { World } from "../world.ts";
import { complete, expire, fail, MANUAL_LIFETIME_MS } from "./transfer-steps.ts";

/** Emulated time between two steps of an ACH transfer: the sandbox takes seconds instead of a bank's days. */
const STEP_MS = 2_000;

/** A transfer of this amount fails with any method, to test how an app handles it. */
const FAILING_AMOUNT = decimal("13.13");
const FAILURE_REASON = "The bank returned the transfer (R01, insufficient funds).";

/**
 * The life of a transfer after the response. A manual one stays pending until it is completed explicitly; a deposit
 * that is not completed expires, for which Bluum documents no event.
 */
export async function liveTransfer(
  transfer: Transfer,
  world: Pick<World, "clock" | "pace" | "publish">,
  signal: AbortSignal,
): Promise<void> {
  world.publish(transferEvent("initiated", transfer, world.clock.now()));
  const fails = transfer.amount === FAILING_AMOUNT;
  if (isManual(transfer) && !fails) {
    if (transfer.expiresAt === null) return;
    await world.pace.sleep(MANUAL_LIFETIME_MS, signal);
    return expire(transfer);
  }
  let status: TransferStatus = "pending";
  for (const next of fails ? (["processing"] as const) : stepsOf(transfer)) {
    await world.pace.sleep(STEP_MS, signal);
    // Canceled, or completed manually, in the meantime.
    if (transfer.status !== status) return;
    transfer.status = status = next;
  }
  await world.pace.sleep(STEP_MS, signal);
  if (transfer.status !== status) return;
  if (fails) fail(transfer, FAILURE_REASON);
  else complete(transfer);
  world.publish(transferEvent(fails ? "failed" : "completed", transfer, world.clock.now()));
}

function stepsOf(transfer: Transfer): readonly TransferStatus[] {
  return ["processing", transfer.kind === "deposit" ? "received" : "submitted"];
}
