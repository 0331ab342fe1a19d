import * as v from "valibot";
import type { TransferMethod, TransferRequest } from "../entities/transfer-entity.ts";
import { decimalField, metadataField, optionalField, parseBody, textField } from "./body-fields.ts";

/** What a body of a deposit or withdrawal says besides the transfer itself: the bank account to use. */
export interface BankReference {
  readonly isPlaid: boolean;
  readonly fundingSourceId: string | null;
}

const common = {
  amount: decimalField("400-005", 2),
  currency: v.optional(v.picklist(["USD"]), "USD"),
  description: optionalField(textField(500)),
  funding_source_id: optionalField(textField(128)),
  plaid_options: optionalField(v.object({ item_id: textField(128), account_id: textField(128) })),
  metadata: metadataField,
};

/** Reads a body whose method must be one of these. Throws the documented refusals. */
export function readTransferRequest(
  methods: readonly TransferMethod[],
  body: unknown,
): { readonly request: TransferRequest; readonly bank: BankReference } {
  const fields = parseBody(v.object({ ...common, method: v.picklist(methods) }), body);
  const { amount, currency, method, description, metadata, funding_source_id: fundingSourceId } = fields;
  return {
    request: { amount, currency, method, description, metadata, fundingSourceId },
    bank: { isPlaid: fields.plaid_options !== null, fundingSourceId },
  };
}

/** Payment instructions for a manual deposit. No account of a bank is named: nobody can pay money into an emulator. */
export function paymentInstructions(referenceCode: string) {
  return {
    referenceCode,
    bankDetails: {
      bankName: "Emulator Bank (no real bank)",
      bankAddress: "1 Emulator Street",
      accountName: "Bluum Emulator",
      accountNumber: "000000000000",
      accountKind: "Savings",
      routingNumber: "000000000",
      swiftCode: "XXXXUS00XXX",
      beneficiaryAddress: "1 Emulator Street",
      instructions: `Include reference code "${referenceCode}" in your transfer memo.`,
    },
  };
}
