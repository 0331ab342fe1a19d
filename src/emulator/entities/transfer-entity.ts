import type { Currency } from "../../core/currencies.ts";
import type { Decimal } from "../decimal.ts";
import type { Owner } from "./owner-entity.ts";

export type TransferMethod = "ach" | "ach_plaid" | "manual_bank_transfer" | "wire" | "international_wire" | "card";

export type TransferKind = "deposit" | "withdrawal";

/** `received` applies to deposits; `submitted` is a withdrawal's third step. */
export const TRANSFER_STATUSES = [
  "pending",
  "processing",
  "received",
  "submitted",
  "completed",
  "failed",
  "expired",
  "canceled",
] as const;
export type TransferStatus = (typeof TRANSFER_STATUSES)[number];

export interface TransferRequest {
  readonly amount: Decimal;
  readonly currency: Currency;
  readonly method: TransferMethod;
  readonly description: string | null;
  readonly fundingSourceId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface Transfer extends TransferRequest {
  readonly id: string;
  readonly kind: TransferKind;
  readonly owner: Owner;
  status: TransferStatus;
  /** The reference that a payer must quote; only for deposits in which a person moves the money. */
  readonly referenceCode: string | null;
  failureReason: string | null;
  /** Unix times in milliseconds; null if it has not happened. */
  readonly createdAt: number;
  readonly expiresAt: number | null;
  receivedAt: number | null;
  submittedAt: number | null;
  completedAt: number | null;
  failedAt: number | null;
}

const BY_HAND: ReadonlySet<TransferMethod> = new Set(["manual_bank_transfer", "wire", "international_wire"]);

/** Whether a person moves the money, so the transfer stays pending until it is completed explicitly. */
export function isManual({ method }: Pick<Transfer, "method">): boolean {
  return BY_HAND.has(method);
}

const ENDS: ReadonlySet<TransferStatus> = new Set(["completed", "failed", "expired", "canceled"]);

export function isSettled(transfer: Transfer): boolean {
  return ENDS.has(transfer.status);
}
