import { formatMoney } from "../decimal.ts";
import { type Emission, newEmission } from "../entities/emission.ts";
import { type Transfer, isManual, TRANSFER_METHODS, type TransferRequest } from "../entities/transfer-entity.ts";
import type { EventName } from "../../core/events.ts";
import * as v from "valibot";
import { Refusal } from "../refusal.ts";
import { decimalField, optionalField, parseBody, textField } from "./body-fields.ts";

/** A deposit or withdrawal in the API's format. */
export function formatTransfer(transfer: Transfer): Record<string, unknown> {
  return {
    [`${transfer.kind}_id`]: transfer.id,
    ...(transfer.owner.generation === "current" ? { object: transfer.kind } : {}),
    ...ownerField(transfer),
    status: transfer.status,
    amount: formatMoney(transfer.amount),
    currency: transfer.currency,
    method: transfer.method,
    description: transfer.description,
    ...bankDetails(transfer),
    created_at: new Date(transfer.createdAt).toISOString(),
    expires_at: transfer.expiresAt === null ? null : new Date(transfer.expiresAt).toISOString(),
    failure_reason: transfer.failureReason,
  };
}

/** The event for a transfer in its current state. */
export function transferEvent(action: "initiated" | "completed" | "failed", transfer: Transfer, now: number): Emission {
  const event: EventName = `transfer.${transfer.kind}.${action}`;
  return newEmission(event, now, {
    id: transfer.id,
    ...ownerField(transfer),
    amount: formatMoney(transfer.amount),
    currency: transfer.currency,
    method: transfer.method,
    status: transfer.status,
    ...(transfer.failureReason === null ? {} : { failure_reason: transfer.failureReason }),
  });
}

function ownerField({ owner }: Transfer): Record<string, string> {
  return owner.generation === "current" ? { investor_id: owner.id } : { account_id: owner.id };
}

/** The bank account for a manual deposit, and the reference to quote. */
function bankDetails(transfer: Transfer): Record<string, unknown> {
  if (transfer.referenceCode === null) return {};
  if (transfer.kind === "withdrawal") return { reference_code: transfer.referenceCode };
  return {
    reference_code: transfer.referenceCode,
    bank_details: {
      bank_name: "Emulator Bank",
      account_name: "Bluum Emulator",
      account_number: "000123456789",
      routing_number: "110000000",
      reference: transfer.referenceCode,
    },
  };
}

const transferBody = v.object({
  amount: decimalField("400-005", 2),
  currency: v.picklist(["USD"]),
  method: v.picklist(TRANSFER_METHODS),
  description: optionalField(textField(500)),
  funding_source_id: optionalField(textField(128)),
  plaid_options: optionalField(v.object({ item_id: textField(128), account_id: textField(128) })),
});

/** Reads and validates the body of a new deposit or withdrawal, which is the same in both generations. */
export function readTransferRequest(body: unknown): TransferRequest {
  const fields = parseBody(transferBody, body);
  const { amount, currency, method, description } = fields;
  if (!isManual({ method }) && fields.funding_source_id === null && fields.plaid_options === null) {
    throw new Refusal("400-002", {
      param: "funding_source_id",
      message: `funding_source_id or plaid_options is required for the method ${method}.`,
    });
  }
  return { amount, currency, method, description };
}
