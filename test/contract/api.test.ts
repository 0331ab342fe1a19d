import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { orderRequest, transferRequest, type BluumClient } from "../../src/bluum/client.ts";
import type { AppError } from "../../src/core/errors.ts";
import { EVENT_TYPES } from "../../src/core/events.ts";
import { newId } from "../../src/platform/ids.ts";
import { TARGETS, clientOf, type Target } from "./targets.ts";

describe.each(TARGETS)("$name", ({ open, isHere }) => {
  describe.skipIf(!isHere)("keeps the contract:", () => {
    let target: Target;
    let api: BluumClient;
    const made: string[] = [];

    beforeAll(async () => {
      target = await open();
      api = clientOf(target);
    });
    afterAll(async () => {
      for (const id of made) await api.deleteWebhook(id);
      await api[Symbol.asyncDispose]();
      await target[Symbol.asyncDispose]();
    });

    const create = async () => {
      const webhook = await api.createWebhook({
        name: `contract ${newId("t")}`,
        url: "https://example.com/webhooks/bluum",
        events: ["order.*"],
        description: "made by a test",
      });
      made.push(webhook.id);
      return webhook;
    };

    it("every known event type is listed", async () => {
      const names = (await api.listEventTypes()).map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(Object.keys(EVENT_TYPES)));
    });

    it("a webhook is created with a secret, listed, changed field by field, stopped and deleted", async () => {
      const created = await create();
      expect(created).toMatchObject({
        url: "https://example.com/webhooks/bluum",
        events: ["order.*"],
        status: "ACTIVE",
      });
      expect(created.secret).toEqual(expect.any(String));
      const find = async () => (await api.listWebhooks()).find(({ id }) => id === created.id);
      expect(await find()).toMatchObject({ name: created.name, description: "made by a test" });
      await api.updateWebhook(created.id, {
        url: "https://example.com/other",
        events: ["transfer.*"],
        status: "INACTIVE",
      });
      expect(await find()).toMatchObject({
        name: created.name,
        url: "https://example.com/other",
        events: ["transfer.*"],
        status: "INACTIVE",
      });
      await api.deleteWebhook(created.id);
      made.splice(made.indexOf(created.id), 1);
      expect(await find()).toBeUndefined();
    });

    it("a webhook that does not exist cannot be changed: 404, with a request id", async () => {
      await expect(api.updateWebhook("wh_does_not_exist", { status: "INACTIVE" })).rejects.toMatchObject({
        code: "api_not_found",
        requestId: expect.any(String) as string,
      } satisfies Partial<AppError>);
    });

    it("a wrong secret is refused: 401", async () => {
      await using stranger = clientOf(target, { ...target.credentials, apiSecret: "wrong" });
      await expect(stranger.listWebhooks()).rejects.toMatchObject({ code: "credentials_refused" });
    });

    it("a market order is accepted in every generation, and its idempotency key never buys twice", async () => {
      for (const owner of target.owners) {
        const request = orderRequest(
          owner,
          { symbol: "AAPL", side: "buy", type: "market", timeInForce: "day", quantity: "1" },
          newId("contract"),
        );
        const order = await api.createOrder(request);
        expect(order.symbol).toBe("AAPL");
        expect((await api.createOrder(request)).id).toBe(order.id);
      }
    });

    it("an unknown symbol is refused", async () => {
      for (const owner of target.owners) {
        const order = { symbol: "NOSUCH", side: "buy", type: "market", timeInForce: "day", quantity: "1" };
        await expect(api.createOrder(orderRequest(owner, order, newId("contract")))).rejects.toMatchObject({
          code: expect.stringMatching(/^api_/) as string,
          status: expect.any(Number) as number,
        });
      }
    });

    it("a manual deposit stays pending, and its key with another amount is a conflict: 409", async () => {
      for (const owner of target.owners) {
        const key = newId("contract");
        const deposit = (amount: string) =>
          transferRequest("deposit", owner, { amount, currency: "USD", method: "manual_bank_transfer" }, key);
        expect(await api.createTransfer(deposit("10.00"))).toMatchObject({ status: "pending" });
        await expect(api.createTransfer(deposit("11.00"))).rejects.toMatchObject({ code: "api_conflict" });
      }
    });
  });
});
