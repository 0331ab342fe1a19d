import type { Decimal } from "../decimal.ts";
import type { Owner } from "./owner-entity.ts";

export const TRANSFER_METHODS = ["ach", "ach_plaid", "manual_bank_transfer", "wire"] as const;
export type TransferMethod = (typeof TRANSFER_METHODS)[number];

export type TransferKind = "deposit" | "withdrawal";

/** `received` applies to deposits; `submitted` is a withdrawal's third step. */
export type TransferStatus =
  "pending" | "processing" | "received" | "submitted" | "completed" | "failed" | "expired" | "canceled";

export interface TransferRequest {
  readonly amount: Decimal;
  readonly currency: "USD";
  readonly method: TransferMethod;
  readonly description: string | null;
}

export interface Transfer extends TransferRequest {
  readonly id: string;
  readonly kind: TransferKind;
  readonly owner: Owner;
  status: TransferStatus;
  /** The reference that a payer must quote; only for methods in which a person moves the money. */
  readonly referenceCode: string | null;
  failureReason: string | null;
  /** Unix times in milliseconds. */
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

/** Whether a person moves the money, so the transfer stays pending until it is completed explicitly. */
export function isManual(transfer: Pick<Transfer, "method">): boolean {
  return transfer.method === "manual_bank_transfer" || transfer.method === "wire";
}

const ENDS: ReadonlySet<TransferStatus> = new Set(["completed", "failed", "expired", "canceled"]);

export function isSettled(transfer: Transfer): boolean {
  return ENDS.has(transfer.status);
}
