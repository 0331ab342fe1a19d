import { formatMoney } from "../../decimal.ts";
import type { Transfer, TransferMethod } from "../../entities/transfer-entity.ts";
import { uuidOf } from "../../uuid-of.ts";
import type { Json, TransferForm } from "../form.ts";
import { iso } from "../times.ts";
import { paymentInstructions, readTransferRequest } from "../transfer-body.ts";
import { legacyWalletId } from "./portfolio.ts";

const METHODS: readonly TransferMethod[] = ["ach", "ach_plaid", "manual_bank_transfer", "wire"];

export const legacyTransfer: TransferForm = {
  // The latest legacy edition names no bank account for ACH: the custodian knows it.
  read: (_kind, body) => readTransferRequest({ methods: METHODS, currencies: ["USD"] }, body).request,
  show: (transfer) => ({
    [`${transfer.kind}_id`]: transfer.id,
    account_id: transfer.owner.id,
    wallet_id: legacyWalletId(transfer.owner),
    method: transfer.method,
    status: transfer.status,
    amount: formatMoney(transfer.amount),
    currency: transfer.currency,
    description: transfer.description,
    ...(transfer.kind === "deposit" ? depositFields(transfer) : withdrawalFields(transfer)),
    completed_at: iso(transfer.completedAt),
    failure_reason: transfer.failureReason,
    created_at: iso(transfer.createdAt),
  }),
  event: (transfer) => ({
    id: transfer.id,
    account_id: transfer.owner.id,
    amount: formatMoney(transfer.amount),
    currency: transfer.currency,
    method: transfer.method,
    status: transfer.status,
    created_at: iso(transfer.createdAt),
    ...(transfer.completedAt === null ? {} : { completed_at: iso(transfer.completedAt) }),
    ...(transfer.failureReason === null ? {} : { failure_reason: transfer.failureReason }),
  }),
};

function depositFields({ referenceCode, createdAt, receivedAt, expiresAt }: Transfer): Json {
  return {
    reference_code: referenceCode,
    method_details: referenceCode === null ? null : paymentInstructions(referenceCode),
    initiated_at: iso(createdAt),
    received_at: iso(receivedAt),
    expires_at: iso(expiresAt),
  };
}

function withdrawalFields({ id, createdAt, submittedAt }: Transfer): Json {
  return {
    method_details: { providerTransferId: uuidOf(id), providerReference: id },
    destination_details: { bankName: "Emulator Bank", accountMask: "****0000" },
    initiated_at: iso(createdAt),
    submitted_at: iso(submittedAt),
  };
}
