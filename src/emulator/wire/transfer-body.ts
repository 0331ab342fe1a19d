import * as v from "valibot";
import type { Currency } from "../../core/currencies.ts";
import type { TransferMethod, TransferRequest } from "../entities/transfer-entity.ts";
import { decimalField, metadataField, optionalField, parseBody, textField } from "./body-fields.ts";

const common = {
  amount: decimalField("400-005", 2),
  description: optionalField(textField(500)),
  funding_source_id: optionalField(textField(128)),
  plaid_options: optionalField(v.object({ item_id: textField(128), account_id: textField(128) })),
  metadata: metadataField,
};

/**
 * Reads a body whose method and currency must be among these. `isPlaid`: it names the bank account by Plaid's IDs.
 * Throws the documented refusals.
 */
export function readTransferRequest(
  { methods, currencies }: { readonly methods: readonly TransferMethod[]; readonly currencies: readonly Currency[] },
  body: unknown,
): { readonly request: TransferRequest; readonly isPlaid: boolean } {
  const chosen = { method: v.picklist(methods), currency: v.optional(v.picklist(currencies), "USD") };
  const fields = parseBody(v.object({ ...common, ...chosen }), body);
  const { amount, currency, method, description, metadata, funding_source_id: fundingSourceId } = fields;
  return {
    request: { amount, currency, method, description, metadata, fundingSourceId },
    isPlaid: fields.plaid_options !== null,
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
