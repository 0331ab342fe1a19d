import type { Transfer, TransferKind } from "../entities/transfer-entity.ts";
import { serves } from "../generation.ts";
import { afterAnswer, type Call, type Reply, reply, type Route } from "../http.ts";
import { liveTransfer, cancelTransfer, startTransfer } from "../lifecycles/transfer-life.ts";
import { Refusal } from "../refusal.ts";
import { formatTransfer, readTransferRequest } from "../wire/transfer.ts";
import type { World } from "../world.ts";
import { createOnce } from "./create-once.ts";
import { ownerOf } from "../state.ts";
import type { Generation } from "../../core/id-rules.ts";

const OWNER_PATHS = { current: "/v1/investors/:owner", legacy: "/v1/accounts/:owner" } as const satisfies Record<
  Generation,
  string
>;

/** Deposits and withdrawals at the paths of the served generations; every creation needs an idempotency key. */
export function transferRoutes(world: World): Route[] {
  const { state, clock } = world;

  function routesOf(generation: Generation, kind: TransferKind): Route[] {
    const path = `${OWNER_PATHS[generation]}/${kind}s`;
    return [
      { method: "POST", path, handle: (call) => create(call, generation, kind) },
      {
        method: "GET",
        path: `${path}/:id`,
        handle: (call) => reply(formatTransfer(find(call, generation, kind))),
      },
      {
        method: "POST",
        path: `${path}/:id/cancel`,
        handle(call) {
          const transfer = find(call, generation, kind);
          cancelTransfer(transfer);
          return reply(formatTransfer(transfer));
        },
      },
    ];
  }

  function create(call: Call, generation: Generation, kind: TransferKind): Reply {
    const owner = ownerOf(state, generation, call.param("owner"));
    return createOnce(call, world, { isKeyRequired: true }, (body) => {
      const transfer = startTransfer(state, kind, owner, readTransferRequest(body), clock.now());
      afterAnswer(call, () => world.background.run((signal) => liveTransfer(transfer, world, signal)));
      return { status: 201, body: formatTransfer(transfer) };
    });
  }

  function find({ param }: Call, generation: Generation, kind: TransferKind): Transfer {
    const id = param("id");
    const owner = ownerOf(state, generation, param("owner"));
    const transfer = state.transfers.get(id);
    if (transfer === undefined || transfer.owner !== owner || transfer.kind !== kind) {
      throw new Refusal("404-001", { message: `There is no ${kind} ${id}.` });
    }
    return transfer;
  }

  return (["current", "legacy"] as const)
    .filter((generation) => serves(world.served, generation))
    .flatMap((generation) => [...routesOf(generation, "deposit"), ...routesOf(generation, "withdrawal")]);
}
