import type { TransferStatus } from "../../entities/transfer-entity.ts";

/** The steps at the bank are not told apart. */
export const CURRENT_STATUS: Readonly<Record<TransferStatus, string>> = {
  pending: "pending",
  processing: "processing",
  received: "processing",
  submitted: "processing",
  completed: "completed",
  failed: "failed",
  expired: "cancelled",
  canceled: "cancelled",
};
