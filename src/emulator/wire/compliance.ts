import * as v from "valibot";
import type { Owner } from "../entities/owner-entity.ts";
import { uuidOf } from "../uuid-of.ts";
import { optionalField, parseBody, textField } from "./body-fields.ts";
import type { Json } from "./form.ts";
import { iso } from "./times.ts";

const CHECK_TYPES = ["identity_verification", "tax_id_verification", "screening", "business_verification"] as const;

export type CheckStatus = "pending" | "clear" | "failed" | "review_required";

/** What a provider's event means for the check. */
const OUTCOMES: Readonly<Record<string, CheckStatus>> = {
  "inquiry.approved": "clear",
  "inquiry.declined": "failed",
  "inquiry.failed": "failed",
  "inquiry.marked-for-review": "review_required",
};

const payload = v.object({ event_type: optionalField(textField(128)), inquiry_id: optionalField(textField(128)) });

const body = v.object({
  workflow_id: optionalField(textField(128)),
  check_type: v.nullish(v.picklist(CHECK_TYPES), "identity_verification"),
  // The reference has the event below `provider_payload`, a guide at the top.
  event_type: optionalField(textField(128)),
  provider_payload: optionalField(payload),
});

/** The result of a check, in any published form. */
export function readCheckResult(sent: unknown) {
  const { workflow_id, check_type, event_type, provider_payload } = parseBody(body, sent);
  return {
    workflowId: workflow_id,
    checkType: check_type,
    status: OUTCOMES[provider_payload?.event_type ?? event_type ?? ""] ?? ("pending" as const),
    externalId: provider_payload?.inquiry_id ?? null,
  };
}

export function workflowId({ id }: Owner): string {
  return `cw_${uuidOf(`workflow ${id}`).replaceAll("-", "").slice(0, 26)}`;
}

const STATUSES = {
  active: ["APPROVED", "approved", "clear"],
  onboarding: ["IN_PROGRESS", "pending", "pending"],
  unapproved: ["PENDING_REVIEW", "awaiting_review", "review_required"],
  suspended: ["SUSPENDED", "suspended", "clear"],
} as const;

/** The compliance workflow of an investor. */
export function complianceStatus(owner: Owner): Json {
  const [workflowStatus, status, check] = STATUSES[owner.standing];
  const at = iso(owner.createdAt);
  return {
    object: "compliance_workflow",
    livemode: false,
    investor_id: owner.id,
    workflow_status: workflowStatus,
    workflow_type: "kyc",
    risk_level: "low",
    status,
    checks: ["identity_verification", "screening", "risk_assessment"].map((type) => ({
      type,
      status: check,
      completed_at: check === "clear" ? at : null,
    })),
    created_at: at,
    updated_at: at,
  };
}
