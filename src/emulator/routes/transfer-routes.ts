import { Hono } from "hono";
import type { Transfer, TransferKind } from "../entities/transfer-entity.ts";
import { type Generation, serves } from "../generation.ts";
import { afterAnswer, type Context, type Env } from "../http.ts";
import { liveTransfer } from "../lifecycles/transfer-life.ts";
import { cancelTransfer, startTransfer } from "../lifecycles/transfer-steps.ts";
import { Refusal } from "../refusal.ts";
import { formatTransfer } from "../wire/transfer-format.ts";
import { readTransferRequest } from "../wire/read-transfer.ts";
import type { World } from "../world.ts";
import { createOnce } from "./create-once.ts";
import { ownerOf } from "./owners.ts";

const OWNER_PATHS = { current: "/investors/:owner", legacy: "/accounts/:owner" } as const satisfies Record<
  Generation,
  string
>;

/** Deposits and withdrawals at the paths of the generations that are served; every creation needs an idempotency key. */
export function transferRoutes(world: World): Hono<Env> {
  const { state, clock } = world;
  const app = new Hono<Env>();

  for (const generation of ["current", "legacy"] as const) {
    if (!serves(world.served, generation)) continue;
    for (const kind of ["deposit", "withdrawal"] as const) {
      const path = `${OWNER_PATHS[generation]}/${kind}s` as const;
      app.post(path, (c) => create(c, generation, kind, c.req.param("owner")));
      app.get(`${path}/:id`, (c) =>
        c.json(formatTransfer(find(generation, kind, c.req.param("owner"), c.req.param("id")))),
      );
      app.post(`${path}/:id/cancel`, (c) => {
        const transfer = find(generation, kind, c.req.param("owner"), c.req.param("id"));
        cancelTransfer(transfer);
        return c.json(formatTransfer(transfer));
      });
    }
  }

  function create(c: Context, generation: Generation, kind: TransferKind, ownerId: string): Promise<Response> {
    const owner = ownerOf(state, generation, ownerId);
    return createOnce(c, world, { isKeyRequired: true }, (body) => {
      const transfer = startTransfer(state, kind, owner, readTransferRequest(body), clock.now());
      afterAnswer(c, () => world.background.run((signal) => liveTransfer(transfer, world, signal)));
      return { status: 201, body: formatTransfer(transfer) };
    });
  }

  function find(generation: Generation, kind: TransferKind, ownerId: string, id: string): Transfer {
    const owner = ownerOf(state, generation, ownerId);
    const transfer = state.transfers.get(id);
    if (transfer === undefined || transfer.owner !== owner || transfer.kind !== kind) {
      throw new Refusal("404-001", { message: `There is no ${kind} ${id}.` });
    }
    return transfer;
  }

  return app;
}
