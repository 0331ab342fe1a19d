import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBluumClient, orderRequest, transferRequest, type BluumClient } from "../../src/bluum/client.ts";
import { EMULATOR_ACCESS, ENVIRONMENT_FACTS, isProductionUrl } from "../../src/core/environments.ts";
import type { AppError } from "../../src/core/errors.ts";
import { EVENT_TYPES } from "../../src/core/events.ts";
import { startEmulator, type Emulator } from "../../src/emulator/server.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { newId } from "../../src/platform/ids.ts";
import type { Owner } from "../../src/core/id-rules.ts";

/**
 * The behaviour that the program relies on, tested with two targets: always with the emulator, and with the real
 * sandbox if BLUUM_CONTRACT=sandbox and the usual BLUUM_ variables are set. Both must behave the same.
 */
interface Target {
  readonly baseUrl: string;
  readonly credentials: { readonly apiKey: string; readonly apiSecret: string };
  readonly owners: readonly Owner[];
  readonly requestsPerSecond: number;
}

const env = process.env;
const isRealAsked = env["BLUUM_CONTRACT"] === "sandbox";

function realSandbox(): Target {
  const baseUrl = env["BLUUM_BASE_URL"] ?? ENVIRONMENT_FACTS.sandbox.baseUrl;
  if (isProductionUrl(baseUrl)) throw new Error("the contract is never tried on production");
  return {
    baseUrl,
    credentials: { apiKey: env["BLUUM_API_KEY"] ?? "", apiSecret: env["BLUUM_API_SECRET"] ?? "" },
    owners: [
      ...(env["BLUUM_INVESTOR_ID"] ? [{ generation: "current" as const, investorId: env["BLUUM_INVESTOR_ID"] }] : []),
      ...(env["BLUUM_ACCOUNT_ID"] ? [{ generation: "legacy" as const, accountId: env["BLUUM_ACCOUNT_ID"] }] : []),
    ],
    requestsPerSecond: ENVIRONMENT_FACTS.sandbox.requestsPerSecond,
  };
}

let emulator: Emulator | undefined;

async function emulatorTarget(): Promise<Target> {
  emulator = await startEmulator({
    port: 0,
    orNext: false,
    generation: "both",
    market: "open",
    payload: "event",
    speed: 600,
    chaos: [],
    requestsPerSecond: 1000,
    clock: systemClock,
  });
  const { apiKey, apiSecret, investorId, accountId } = EMULATOR_ACCESS;
  return {
    baseUrl: emulator.baseUrl,
    credentials: { apiKey, apiSecret },
    owners: [
      { generation: "current", investorId },
      { generation: "legacy", accountId },
    ],
    requestsPerSecond: 1000,
  };
}

const targets = [
  { name: "the emulator", open: emulatorTarget, isHere: true },
  { name: "the real sandbox (only with BLUUM_CONTRACT=sandbox)", open: async () => realSandbox(), isHere: isRealAsked },
];

describe.each(targets)("$name", ({ open, isHere }) => {
  describe.skipIf(!isHere)("keeps the contract:", () => {
    let target: Target;
    let api: BluumClient;
    const made: string[] = [];
    const client = (credentials: Target["credentials"]) =>
      createBluumClient({
        beforeMoney: async () => {},
        environment: "sandbox",
        baseUrl: target.baseUrl,
        credentials,
        requestsPerSecond: target.requestsPerSecond,
        clock: systemClock,
        signal: new AbortController().signal,
        userAgent: "bluum-hooks-contract",
      });

    beforeAll(async () => {
      target = await open();
      api = client(target.credentials);
    });
    afterAll(async () => {
      for (const id of made) await api.deleteWebhook(id);
      await api[Symbol.asyncDispose]();
      await emulator?.[Symbol.asyncDispose]();
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
      await using stranger = client({ ...target.credentials, apiSecret: "wrong" });
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
