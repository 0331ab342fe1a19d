import { decimal, formatMoney } from "../decimal.ts";
import {
  isManual,
  type Transfer,
  type TransferStatus,
  isSettled,
  type TransferKind,
  type TransferRequest,
} from "../entities/transfer-entity.ts";
import { transferEvent } from "../wire/events.ts";
import type { World } from "../world.ts";
import { newId } from "../../platform/ids.ts";
import { addCash, cashIn, type Owner, refuseOwner } from "../entities/owner-entity.ts";
import { Refusal } from "../refusal.ts";
import type { State } from "../state.ts";
import type { Generation } from "../../core/id-rules.ts";

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
  world: Pick<World, "clock" | "pace" | "payload" | "publish">,
  signal: AbortSignal,
): Promise<void> {
  world.publish(transferEvent("initiated", transfer, world));
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
    if (next === "received") transfer.receivedAt = world.clock.now();
    if (next === "submitted") transfer.submittedAt = world.clock.now();
  }
  await world.pace.sleep(STEP_MS, signal);
  if (transfer.status !== status) return;
  if (fails) fail(transfer, FAILURE_REASON, world.clock.now());
  else complete(transfer, world.clock.now());
  world.publish(transferEvent(fails ? "failed" : "completed", transfer, world));
}

function stepsOf(transfer: Transfer): readonly TransferStatus[] {
  return ["processing", transfer.kind === "deposit" ? "received" : "submitted"];
}

/** For a transfer of this amount the bank is always unavailable. */
const UNAVAILABLE_AMOUNT = decimal("17.17");

/** The maximum of one withdrawal, in its currency. */
const WITHDRAWAL_LIMIT = decimal("50000.00");
/** How long a manual deposit stays pending, in emulated time. */
const MANUAL_LIFETIME_MS = 7 * 24 * 60 * 60_000;

/** Accepts a transfer; a withdrawal's money is deducted now, and returned if the transfer does not succeed. */
export function startTransfer(
  state: State,
  kind: TransferKind,
  owner: Owner,
  request: TransferRequest,
  now: number,
): Transfer {
  refuseOwner(owner);
  if (request.amount === UNAVAILABLE_AMOUNT) throw new Refusal("500-017");
  if (kind === "withdrawal") debit(owner, request);
  const transfer: Transfer = {
    ...request,
    id: newId(ID_PREFIXES[owner.generation][kind]),
    kind,
    owner,
    status: "pending",
    referenceCode: kind === "deposit" && isManual(request) ? newReferenceCode() : null,
    failureReason: null,
    createdAt: now,
    // The API's own time: with a faster clock it is reached sooner.
    expiresAt: kind === "deposit" && isManual(request) ? now + MANUAL_LIFETIME_MS : null,
    receivedAt: null,
    submittedAt: null,
    completedAt: null,
    failedAt: null,
  };
  state.transfers.set(transfer.id, transfer);
  return transfer;
}

/** Only a withdrawal's prefix differs. */
const ID_PREFIXES: Readonly<Record<Generation, Readonly<Record<TransferKind, string>>>> = {
  current: { deposit: "dep", withdrawal: "wd" },
  legacy: { deposit: "dep", withdrawal: "wdr" },
};

function newReferenceCode(): string {
  return newId("BLUUM").replace("_", "-").slice(0, 14).toUpperCase();
}

function debit(owner: Owner, request: TransferRequest): void {
  const { currency } = request;
  const balance = cashIn(owner, currency);
  if (request.amount > balance) {
    const message = `The withdrawal is larger than the balance of ${formatMoney(balance)} ${currency}.`;
    throw new Refusal("422-001", { param: "amount", message });
  }
  if (request.amount > WITHDRAWAL_LIMIT) {
    const message = `The withdrawal is over the limit of ${formatMoney(WITHDRAWAL_LIMIT)} ${currency}.`;
    throw new Refusal("422-005", { param: "amount", message });
  }
  addCash(owner, currency, -request.amount);
}

/** Throws a state conflict if the transfer has already ended. */
export function complete(transfer: Transfer, now: number): void {
  refuseSettled(transfer);
  transfer.status = "completed";
  transfer.completedAt = now;
  if (transfer.kind !== "deposit") return;
  transfer.receivedAt ??= now;
  addCash(transfer.owner, transfer.currency, transfer.amount);
}

/** Throws a state conflict if the transfer has already ended. */
export function fail(transfer: Transfer, reason: string, now: number): void {
  refuseSettled(transfer);
  transfer.status = "failed";
  transfer.failedAt = now;
  transfer.failureReason = reason;
  refund(transfer);
}

/** Expires a deposit that was not paid. A transfer that is not pending stays unchanged. */
function expire(transfer: Transfer): void {
  if (transfer.status === "pending") transfer.status = "expired";
}

/** Throws a state conflict unless the transfer is still pending. */
export function cancelTransfer(transfer: Transfer): void {
  if (transfer.status !== "pending") {
    const message = `A ${transfer.kind} can only be canceled while it is pending; this one is ${transfer.status}.`;
    throw new Refusal("409-003", { message });
  }
  transfer.status = "canceled";
  refund(transfer);
}

function refuseSettled(transfer: Transfer): void {
  if (!isSettled(transfer)) return;
  throw new Refusal("409-003", { message: `The ${transfer.kind} is ${transfer.status} already.` });
}

function refund(transfer: Transfer): void {
  if (transfer.kind === "withdrawal") addCash(transfer.owner, transfer.currency, transfer.amount);
}
