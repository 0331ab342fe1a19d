import { isJsonObject, scalarText } from "../../core/json-text.ts";
import { unwrapOne } from "./envelope.ts";
import { decimalOrNull, type Field, id, type Read, readFields, text, textOrNull, timeOrNull } from "./fields.ts";

const FIELDS = {
  id: { from: ["deposit_id", "withdrawal_id", "id", "transfer_id"], as: id },
  /** As sent: the current API has fewer states than the legacy one, and `cancelled` with two l. */
  status: { from: ["status"], as: text },
  amount: { from: ["amount"], as: decimalOrNull },
  currency: { from: ["currency"], as: textOrNull },
  method: { from: ["method"], as: textOrNull },
  fundingSourceId: { from: ["funding_source_id"], as: textOrNull },
  createdAt: { from: ["created_at", "createdAt", "initiated_at", "created"], as: timeOrNull },
  receivedAt: { from: ["received_at"], as: timeOrNull },
  completedAt: { from: ["completed_at"], as: timeOrNull },
  expiresAt: { from: ["expires_at", "expiresAt"], as: timeOrNull },
  failureReason: { from: ["failure_reason"], as: textOrNull },
} satisfies Record<string, Field>;

/** A deposit or withdrawal of the API. Amounts are strings; times ISO 8601. `unknown` has the bank's details. */
export type Transfer = Read<typeof FIELDS> & {
  /** What the sender of a manual transfer must quote, or null. */
  readonly referenceCode: string | null;
};

/** The deposit or withdrawal in a response of either generation. Throws `api_invalid_response`. */
export function decodeTransfer(answer: unknown): Transfer {
  const wire = unwrapOne(answer, ["deposit", "withdrawal", "transfer"]);
  return { ...readFields("a transfer", FIELDS, wire), referenceCode: referenceCodeOf(wire) };
}

/** `reference_code` of the legacy API, `method_details.referenceCode` of the current one. */
function referenceCodeOf(wire: unknown): string | null {
  if (!isJsonObject(wire)) return null;
  const details = isJsonObject(wire["method_details"]) ? wire["method_details"] : {};
  return scalarText(wire["reference_code"]) ?? scalarText(details["referenceCode"]) ?? null;
}
