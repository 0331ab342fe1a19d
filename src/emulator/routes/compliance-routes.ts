import type { ApiRoute } from "../api-route.ts";
import { newEmission } from "../entities/emission.ts";
import { afterAnswer, readJson, reply } from "../http.ts";
import { ownerOf } from "../state.ts";
import { type CheckStatus, complianceStatus, readCheckResult, workflowId } from "../wire/compliance.ts";

/** The event that a check's result leads to. Only the approval's name is published. */
const EVENTS: Readonly<Record<CheckStatus, string | undefined>> = {
  clear: "kyc.verification.approved",
  failed: "kyc.verification.rejected",
  review_required: "kyc.verification.review_required",
  pending: undefined,
};

export const COMPLIANCE_ROUTES: readonly ApiRoute[] = [
  {
    method: "GET",
    paths: { current: "/v1/investors/:owner/compliance" },
    real: "the status",
    fixed: "checks, risk and times",
    handle: (call, { state }, form) => reply(complianceStatus(ownerOf(state, form.generation, call.param("owner")))),
  },
  {
    method: "POST",
    paths: { current: "/v1/investors/:owner/compliance/submit", legacy: "/v1/accounts/:owner/compliance/submit" },
    real: "an approval makes an unapproved owner active; events",
    fixed: "the provider",
    handle(call, world, form) {
      const owner = ownerOf(world.state, form.generation, call.param("owner"));
      const { status, checkType, externalId, ...result } = readCheckResult(readJson(call));
      if (status === "clear" && owner.standing === "unapproved") owner.standing = "active";
      const id = result.workflowId ?? workflowId(owner);
      const event = EVENTS[status];
      if (event !== undefined) {
        const data = { id, [form.owner.param]: owner.id, check_type: checkType, status };
        const emission = newEmission(event, data, world);
        afterAnswer(call, () => world.publish(emission));
      }
      return reply({
        workflow_id: id,
        check_type: checkType,
        status,
        provider: "persona-identity",
        external_id: externalId,
        verification_url: null,
        verification_token: null,
      });
    },
  },
];
