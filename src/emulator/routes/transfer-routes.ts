import type { ApiRoute } from "../api-route.ts";
import { type Transfer, TRANSFER_STATUSES, type TransferKind } from "../entities/transfer-entity.ts";
import { afterAnswer, type Call, reply } from "../http.ts";
import { cancelTransfer, liveTransfer, startTransfer } from "../lifecycles/transfer-life.ts";
import { Refusal } from "../refusal.ts";
import { ownerOf } from "../state.ts";
import { anyCase, choice, dates, type Filters } from "../wire/filters.ts";
import type { WireForm } from "../wire/form.ts";
import type { World } from "../world.ts";
import { createOnce } from "./create-once.ts";
import { listReply } from "./lists.ts";

const FILTERS: Filters<Transfer> = {
  method: anyCase((transfer) => transfer.method),
  // The steps at the bank, also in the current API, whose answers name fewer.
  status: choice(TRANSFER_STATUSES, (transfer, status) => transfer.status === status),
  currency: anyCase((transfer) => transfer.currency),
  ...dates((transfer) => transfer.createdAt),
};

/** Deposits and withdrawals: the same calls on two paths. */
export const TRANSFER_ROUTES: readonly ApiRoute[] = (["deposit", "withdrawal"] as const).flatMap((kind) => {
  const paths = { current: `/v1/investors/:owner/${kind}s`, legacy: `/v1/accounts/:owner/${kind}s` };
  const below = (rest: string) => ({ current: `${paths.current}/${rest}`, legacy: `${paths.legacy}/${rest}` });
  return [
    {
      method: "POST",
      paths,
      real: "all steps, money, events; needs an idempotency key",
      fixed: kind === "deposit" ? "bank details" : "the linked bank",
      handle(call, world, form) {
        const owner = ownerOf(world.state, form.generation, call.param("owner"));
        return createOnce(call, world, { isKeyRequired: true }, (body) => {
          const request = form.transfer.read(kind, body);
          const transfer = startTransfer(world.state, kind, owner, request, world.clock.now());
          afterAnswer(call, () => world.background.run((signal) => liveTransfer(transfer, world, signal)));
          return { status: 201, body: form.transfer.show(transfer) };
        });
      },
    },
    {
      method: "GET",
      paths,
      real: "newest first; filters and pages",
      fixed: "",
      handle(call, { state }, form) {
        const owner = ownerOf(state, form.generation, call.param("owner"));
        const items = [...state.transfers.values()]
          .filter((transfer) => transfer.owner === owner && transfer.kind === kind)
          .toReversed();
        return listReply(call, form, { name: `${kind}s`, items, show: form.transfer.show, filters: FILTERS });
      },
    },
    {
      method: "GET",
      paths: below(":id"),
      real: "everything",
      fixed: "",
      handle: (call, world, form) => reply(form.transfer.show(find(call, world, form, kind))),
    },
    {
      method: "POST",
      paths: below(":id/cancel"),
      real: "while it is pending",
      fixed: "",
      handle(call, world, form) {
        const transfer = find(call, world, form, kind);
        cancelTransfer(transfer);
        return reply(form.transfer.show(transfer));
      },
    },
  ] satisfies ApiRoute[];
});

function find({ param }: Call, { state }: World, { generation }: WireForm, kind: TransferKind): Transfer {
  const id = param("id");
  const owner = ownerOf(state, generation, param("owner"));
  const transfer = state.transfers.get(id);
  if (transfer === undefined || transfer.owner !== owner || transfer.kind !== kind) {
    throw new Refusal("404-001", { message: `There is no ${kind} ${id}.` });
  }
  return transfer;
}
