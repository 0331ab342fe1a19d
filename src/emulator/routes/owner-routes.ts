import type { ApiRoute } from "../api-route.ts";
import { newEmission } from "../entities/emission.ts";
import { ACCOUNT_NUMBER, newOwner, type NewOwner } from "../entities/owner-entity.ts";
import { afterAnswer } from "../http.ts";
import { ZERO } from "../decimal.ts";
import { newId } from "../../platform/ids.ts";
import { Refusal } from "../refusal.ts";
import { workflowId } from "../wire/compliance.ts";
import type { WireForm } from "../wire/form.ts";
import type { World } from "../world.ts";
import { createOnce } from "./create-once.ts";

const MAX_OWNERS = 1_000;

/** As in the sandbox, the checks of a new investor or account pass at once. */
export const OWNER_ROUTES: readonly ApiRoute[] = [
  {
    method: "POST",
    paths: { current: "/v1/investors", legacy: "/v1/accounts" },
    real: "no money at first; active at once; events",
    fixed: "the checks of the person",
    handle(call, world, form) {
      if (call.access?.scope !== "tenant") {
        throw new Refusal("403-001", { message: "Investors are created with a key of the whole tenant." });
      }
      return createOnce(call, world, { isKeyRequired: false }, (body) => {
        const owner = create(form.readOwner(body), world, form);
        const answer = form.investor(owner, { available: ZERO, reserved: ZERO, equity: ZERO });
        owner.standing = "active";
        owner.accountNumber = ACCOUNT_NUMBER;
        const data = { [form.owner.param]: owner.id, account_type: owner.accountType, status: answer["status"] };
        const created = newEmission("account.created", { id: owner.id, ...data }, world);
        const approved = { [form.owner.param]: owner.id, check_type: "identity_verification", status: "clear" };
        const verified = newEmission("kyc.verification.approved", { id: workflowId(owner), ...approved }, world);
        afterAnswer(call, () => [created, verified].forEach(world.publish));
        return { status: 201, body: answer };
      });
    },
  },
];

function create(asked: NewOwner, { state, clock }: World, { generation }: WireForm) {
  for (const owner of state.owners.values()) {
    if (owner.generation !== generation || owner.person.email !== asked.person.email) continue;
    throw new Refusal("409-001", { param: "email", message: "There is an account with this email address already." });
  }
  if (state.owners.size >= MAX_OWNERS) {
    throw new Refusal("400-001", { message: `There are ${MAX_OWNERS} investors and accounts already.` });
  }
  const id = generation === "legacy" ? crypto.randomUUID() : newId("inv");
  // A legacy account is published as active from the beginning.
  const standing = generation === "legacy" ? "active" : "onboarding";
  const owner = newOwner({
    ...asked,
    id,
    generation,
    standing,
    accountNumber: null,
    createdAt: clock.now(),
    cash: ZERO,
  });
  state.owners.set(id, owner);
  return owner;
}
