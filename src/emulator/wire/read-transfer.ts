import * as v from "valibot";
import { isManual, TRANSFER_METHODS, type TransferRequest } from "../entities/transfer-entity.ts";
import { Refusal } from "../refusal.ts";
import { decimalField, optionalField, parseBody, textField } from "./body-fields.ts";

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
