import { expect, it } from "vitest";
import { ENVIRONMENT_FACTS, isProductionUrl, isSandboxUrl } from "../../src/core/environments.ts";
import { isMarketOpen, nextOpening, spellOpening } from "../../src/core/market-hours.ts";
import { INVESTOR, MARKET_BUY, startRig } from "../integration/emulator-support/client.ts";
import { ask } from "./ask.ts";
import { published, publishedHere } from "./page.ts";

published("get-started/sandbox", (asked) => {
  it("the assets are the check of the credentials", async () => {
    const path = "/assets?asset_class=us_equity&tradable=true";
    const { target } = asked();
    expect((await ask(target, { path })).status).toBe(200);
    const stranger = { ...target, credentials: { ...target.credentials, apiSecret: "wrong" } };
    expect((await ask(stranger, { path })).status).toBe(401);
  });
});

publishedHere("get-started/sandbox", () => {
  it("its address, and that of production, with 10 and 25 requests per second", () => {
    expect(ENVIRONMENT_FACTS).toMatchObject({
      sandbox: { baseUrl: "https://sandbox.api.bluumfinance.com/v1", requestsPerSecond: 10 },
      production: { baseUrl: "https://api.bluumfinance.com/v1", requestsPerSecond: 25 },
    });
  });

  it("market orders wait for the next opening outside market hours", async () => {
    await using rig = await startRig({ market: "closed" });
    const placed = await rig.call("POST", `${INVESTOR}/orders`, { body: { ...MARKET_BUY, quantity: "1" } });
    expect(placed).toMatchObject({ status: 201, body: { status: "pending", filled_quantity: "0" } });
    const order = `${INVESTOR}/orders/${String(placed.body["id"])}`;
    await expect.poll(async () => (await rig.call("GET", order)).body["status"]).toBe("open");
    await rig.call("POST", "/_emulator/market", { body: { market: "open" } });
    await expect.poll(async () => (await rig.call("GET", order)).body["status"]).toBe("filled");
  });

  it.each([
    ["Monday in winter, one minute before the open", "2026-01-12T14:29:59Z", "Monday, 09:30 in New York"],
    ["at the open in winter", "2026-01-12T14:30:00Z", undefined],
    ["at the open in summer, when New York is four hours behind", "2026-07-13T13:30:00Z", undefined],
    ["one minute before it", "2026-07-13T13:29:00Z", "Monday, 09:30 in New York"],
    ["the last minute", "2026-07-13T19:59:59Z", undefined],
    ["at the close", "2026-07-13T20:00:00Z", "Tuesday, 09:30 in New York"],
    ["Friday evening", "2026-07-17T20:00:00Z", "Monday, 09:30 in New York"],
    ["Saturday", "2026-07-18T15:00:00Z", "Monday, 09:30 in New York"],
    ["Sunday, although it is Monday in London", "2026-07-20T00:30:00Z", "Monday, 09:30 in New York"],
    ["the Monday after clocks changed in New York, before they do in London", "2026-03-09T13:30:00Z", undefined],
    ["midnight", "2026-07-14T04:00:00Z", "Tuesday, 09:30 in New York"],
  ])("%s (%s): the next opening is %s", (_when, at, expected) => {
    const now = Date.parse(at);
    expect(isMarketOpen(now) ? undefined : spellOpening(nextOpening(now))).toBe(expected);
  });
});

publishedHere("api-reference/trading/place-a-new-investment-order", () => {
  it("the older addresses are those of the sandbox and of production too", () => {
    for (const host of ["test-service.bluumfinance.com", "sandbox.api.bluum.finance"]) {
      expect(isSandboxUrl(`https://${host}/v1`)).toBe(true);
    }
    for (const host of ["service.bluumfinance.com", "api.bluum.finance"]) {
      expect(isProductionUrl(`https://${host}/v1`)).toBe(true);
    }
  });
});
