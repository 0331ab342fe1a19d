import { CURRENCIES } from "../core/currencies.ts";
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

const COMMON_METHODS = ["manual_bank_transfer", "ach", "ach_plaid", "wire"] as const;
/** The legacy API has only those that both kinds have. */
export const METHODS = {
  deposit: [...COMMON_METHODS, "international_wire", "card"],
  withdrawal: [...COMMON_METHODS, "international_wire"],
} as const;
type Method = (typeof METHODS)[TransferKind][number];

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
  const isCurrent = owner.generation === "current";
  const method = oneOf<Method>("--method", transfer.method, isCurrent ? METHODS[kind] : COMMON_METHODS);
  const bank = bankOf(kind, transfer, method);
  if (kind === "withdrawal" && isCurrent && transfer.fundingSourceId === undefined) {
    throw new AppError("invalid_usage", "a withdrawal of the current API requires --funding-source", {
      hint: "Add --funding-source with the ID of a linked bank account, such as fs_01j9x2k4.",
    });
  }
  return {
    method: "POST",
    path: `/${isCurrent ? "investors" : "accounts"}/${ownerSegment(owner)}/${kind}s`,
    body: {
      amount: decimal("--amount", transfer.amount, 2),
      currency: oneOf("--currency", transfer.currency, isCurrent ? CURRENCIES : ["USD"]),
      method,
      ...(transfer.description === undefined ? {} : { description: transfer.description }),
      ...bank,
    },
    idempotencyKey: checkIdempotencyKey(idempotencyKey),
  };
}

/** Whether the transfer is an ACH transfer, which needs a linked bank. */
export function isAch({ method }: Pick<NewTransfer, "method">): boolean {
  return method === "ach" || method === "ach_plaid";
}

/**
 * The linked bank, named in one of two ways; undefined if none is named. An ACH deposit may do without: in one edition
 * of the API the custodian knows the bank.
 */
function bankOf(kind: TransferKind, transfer: NewTransfer, method: Method): Record<string, unknown> | undefined {
  const { fundingSourceId, plaidItemId: item_id, plaidAccountId: account_id } = transfer;
  const isPlaid = item_id !== undefined || account_id !== undefined;
  if (!isAch({ method }) && (isPlaid || (kind === "deposit" && fundingSourceId !== undefined))) {
    const flag = isPlaid ? "--plaid-item and --plaid-account are" : "for a deposit --funding-source is";
    throw new AppError("invalid_usage", `${flag} only valid with --method ach, not ${method}`, {
      hint: "Remove it, or add --method ach.",
    });
  }
  if (isPlaid && fundingSourceId !== undefined) {
    throw new AppError("invalid_usage", "--funding-source cannot be used with --plaid-item and --plaid-account", {
      hint: "Use one of the two.",
    });
  }
  if (!isPlaid) return fundingSourceId === undefined ? undefined : { funding_source_id: fundingSourceId };
  if (item_id === undefined || account_id === undefined) {
    throw new AppError("invalid_usage", "--plaid-item and --plaid-account must be used together", {
      hint: "Use both, or --funding-source instead.",
    });
  }
  return { plaid_options: { item_id, account_id } };
}
