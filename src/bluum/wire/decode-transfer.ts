import { unwrapOne } from "./envelope.ts";
import { decimalOrNull, type Field, id, readFields, text, textOrNull, timeOrNull } from "./fields.ts";

/** A deposit or withdrawal of the API. Amounts are strings; times ISO 8601. */
export interface Transfer {
  readonly id: string;
  readonly status: string;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly method: string | null;
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
  readonly failureReason: string | null;
  /** Every other field, as sent: for a manual transfer its reference code and the bank's details. */
  readonly unknown: Record<string, unknown>;
}

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

/** The deposit or withdrawal in a response of either generation. Throws `api_invalid_response`. */
export function decodeTransfer(answer: unknown): Transfer {
  const { read, unknown } = readFields("a transfer", FIELDS, unwrapOne(answer, ["deposit", "withdrawal", "transfer"]));
  return { ...read, unknown };
}
