import { AppError } from "../core/errors.ts";
import { type ApiRequest, checkIdempotencyKey, decimal, oneOf, ownerSegment } from "./api-request.ts";
import type { Owner } from "../core/id-rules.ts";

/** A deposit or withdrawal as the user enters it: unchecked text, the amount as a string. */
export interface NewTransfer {
  readonly amount: string;
  readonly currency: string;
  readonly method: string;
  readonly description?: string | undefined;
  readonly fundingSourceId?: string | undefined;
  readonly plaidItemId?: string | undefined;
  readonly plaidAccountId?: string | undefined;
}

export type TransferKind = "deposit" | "withdrawal";

export const CURRENCIES = ["USD"] as const;
export const METHODS = ["manual_bank_transfer", "ach", "ach_plaid", "wire"] as const;

/**
 * The request that starts a deposit or withdrawal. Pure; throws `invalid_usage` naming the flag for a transfer that the
 * API documents as impossible.
 */
export function transferRequest(
  kind: TransferKind,
  owner: Owner,
  transfer: NewTransfer,
  idempotencyKey: string,
): ApiRequest {
  const method = oneOf("--method", transfer.method, METHODS);
  return {
    method: "POST",
    path: `/${owner.generation === "current" ? "investors" : "accounts"}/${ownerSegment(owner)}/${kind}s`,
    body: {
      amount: decimal("--amount", transfer.amount, 2),
      currency: oneOf("--currency", transfer.currency, CURRENCIES),
      method,
      ...(transfer.description === undefined ? {} : { description: transfer.description }),
      ...bank(transfer, method),
    },
    idempotencyKey: checkIdempotencyKey(idempotencyKey),
  };
}

/** An ACH transfer identifies the bank account in one of two ways; other methods do not. */
function bank(transfer: NewTransfer, method: (typeof METHODS)[number]): Record<string, unknown> {
  const { fundingSourceId, plaidItemId: item_id, plaidAccountId: account_id } = transfer;
  const isAch = method === "ach" || method === "ach_plaid";
  const isPlaid = item_id !== undefined || account_id !== undefined;
  if (!isAch) {
    if (!isPlaid && fundingSourceId === undefined) return {};
    const flag = isPlaid ? "--plaid-item and --plaid-account are" : "--funding-source is";
    throw new AppError("invalid_usage", `${flag} only valid with --method ach, not ${method}`, {
      hint: "Remove it, or add --method ach.",
    });
  }
  if (isPlaid === (fundingSourceId !== undefined)) {
    throw new AppError("invalid_usage", "ach requires either --funding-source, or --plaid-item and --plaid-account", {
      hint: "Use --method manual_bank_transfer if no bank is linked, as in a new sandbox.",
    });
  }
  if (!isPlaid) return { funding_source_id: fundingSourceId };
  if (item_id === undefined || account_id === undefined) {
    throw new AppError("invalid_usage", "--plaid-item and --plaid-account must be used together", {
      hint: "Use both, or --funding-source instead.",
    });
  }
  return { plaid_options: { item_id, account_id } };
}
