import { unwrapOne } from "./envelope.ts";
import { decimalOrNull, type Field, id, type Read, readFields, text, textOrNull, timeOrNull } from "./fields.ts";

const FIELDS = {
  id: { from: ["deposit_id", "withdrawal_id", "id", "transfer_id"], as: id },
  status: { from: ["status"], as: text },
  amount: { from: ["amount"], as: decimalOrNull },
  currency: { from: ["currency"], as: textOrNull },
  method: { from: ["method"], as: textOrNull },
  createdAt: { from: ["created_at", "createdAt", "created"], as: timeOrNull },
  expiresAt: { from: ["expires_at", "expiresAt"], as: timeOrNull },
  failureReason: { from: ["failure_reason"], as: textOrNull },
} satisfies Record<string, Field>;

/**
 * A deposit or withdrawal of the API. Amounts are strings; times ISO 8601. `unknown` has the reference code and the bank's
 * details of a manual transfer.
 */
export type Transfer = Read<typeof FIELDS>;

/** The deposit or withdrawal in a response of either generation. Throws `api_invalid_response`. */
export function decodeTransfer(answer: unknown): Transfer {
  return readFields("a transfer", FIELDS, unwrapOne(answer, ["deposit", "withdrawal", "transfer"]));
}
