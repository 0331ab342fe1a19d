import { CURRENCIES } from "../../../core/currencies.ts";
import { formatMoney } from "../../decimal.ts";
import type { Transfer, TransferKind, TransferMethod } from "../../entities/transfer-entity.ts";
import { Refusal } from "../../refusal.ts";
import { uuidOf } from "../../uuid-of.ts";
import type { TransferForm } from "../form.ts";
import { envelope, iso } from "../times.ts";
import { paymentInstructions, readTransferRequest } from "../transfer-body.ts";
import { walletId } from "./portfolio.ts";
import { CURRENT_STATUS } from "./transfer-status.ts";

const METHODS: Readonly<Record<TransferKind, readonly TransferMethod[]>> = {
  deposit: ["ach", "manual_bank_transfer", "wire", "international_wire", "card"],
  withdrawal: ["ach", "wire", "international_wire", "manual_bank_transfer"],
};

const SOURCE_ID = /^fs_[A-Za-z0-9]+$/;

export const currentTransfer: TransferForm = {
  read(kind, body) {
    const { request, isPlaid } = readTransferRequest({ methods: METHODS[kind], currencies: CURRENCIES }, body);
    const param = "funding_source_id";
    const isNeeded = kind === "withdrawal" || (request.method === "ach" && !isPlaid);
    if (request.fundingSourceId === null) {
      if (!isNeeded) return request;
      throw new Refusal("400-002", { param, message: `${param} is required for this ${kind}.` });
    }
    if (SOURCE_ID.test(request.fundingSourceId)) return request;
    throw new Refusal("400-003", { param, message: `${param} has the wrong format: it begins with fs_.` });
  },
  show: (transfer) => ({
    ...envelope(transfer.kind, transfer.id, transfer.createdAt, transfer.metadata),
    investor_id: transfer.owner.id,
    wallet_id: walletId(transfer.owner, transfer.currency),
    funding_source_id: transfer.fundingSourceId,
    method: transfer.method,
    status: CURRENT_STATUS[transfer.status],
    amount: formatMoney(transfer.amount),
    currency: transfer.currency,
    description: transfer.description,
    method_details: methodDetails(transfer),
    ...(transfer.kind === "withdrawal" ? { destination_details: null } : {}),
    initiated_at: iso(transfer.createdAt),
    ...(transfer.kind === "deposit" ? { received_at: iso(transfer.receivedAt) } : {}),
    completed_at: iso(transfer.completedAt),
    ...(transfer.kind === "deposit" ? { expires_at: iso(transfer.expiresAt) } : {}),
    failure_reason: transfer.failureReason,
  }),
  event: (transfer) => ({
    id: transfer.id,
    investor_id: transfer.owner.id,
    amount: formatMoney(transfer.amount),
    currency: transfer.currency,
    method: transfer.method,
    status: CURRENT_STATUS[transfer.status],
    initiated_at: iso(transfer.createdAt),
    ...(transfer.completedAt === null ? {} : { completed_at: iso(transfer.completedAt) }),
    ...(transfer.failureReason === null ? {} : { failure_reason: transfer.failureReason }),
  }),
};

function methodDetails({ id, referenceCode }: Transfer) {
  if (referenceCode !== null) return paymentInstructions(referenceCode);
  return { provider_name: "emulator", transfer_id: uuidOf(id) };
}
