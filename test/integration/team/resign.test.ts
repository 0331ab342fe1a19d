import { expect, it } from "vitest";
import type { HeaderPair } from "../../../src/core/delivery.ts";
import { verify } from "../../../src/core/signature.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { startApp, type AppRequest } from "../../support/app.ts";
import { describeWithPostgres } from "../../support/postgres.ts";
import { newTeam, orders, stored } from "../../support/team-sandbox.ts";
import type { Machine } from "../../support/team.ts";

const SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVhbQ==";
/** Longer than the age of a signature that apps accept. */
const later = () => Date.now() + 600_000;
const laterClock = { clock: { ...systemClock, now: later } };

/** How an app with the team's secret judges a request at the later time. */
const verdictOf = ({ rawHeaders, body }: AppRequest) => {
  const headers = rawHeaders.flatMap((name, at): HeaderPair[] =>
    at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ""]] : [],
  );
  return verify({ headers, body, secrets: [SECRET], now: later() }).verdict;
};

/** A team whose first member has received two deliveries, which the second one has missed. */
async function missedDeliveries() {
  const team = await newTeam(["ana@laptop", "bo@desk"], undefined, { webhookSecret: SECRET });
  const [ana, bo] = team.machines as [Machine, Machine];
  await (await bo.listen(["--no-register"])).stop();
  await ana.listen();
  await team.publish("ord_1", "ord_2");
  await expect.poll(async () => (await stored(ana)).length).toBe(2);
  return { ana, bo, app: await startApp() };
}

describeWithPostgres("listen --team --resign", () => {
  it("re-signs what an app has missed, so that it accepts it, and keeps what is stored as it was", async () => {
    const { ana, bo, app } = await missedDeliveries();
    const session = await bo.listen(["--no-register", "--resign", "--forward-to", String(app.port)], laterClock);
    await expect.poll(() => orders(app).toSorted()).toEqual(["ord_1", "ord_2"]);
    expect(app.requests.map(verdictOf)).toEqual(["verified", "verified"]);
    await session.stop();
    const signatures = async (machine: Machine) => {
      const ids = (await stored(machine)).map(({ id }) => id);
      const shown = await Promise.all(ids.map((id) => machine.run(["events", "show", id, "--json"])));
      return shown.map(({ stdout }) => (JSON.parse(stdout) as { headers: unknown }).headers);
    };
    const received = await signatures(ana);
    expect(received).toMatchObject([{ length: expect.any(Number) }, { length: expect.any(Number) }]);
    expect(await signatures(bo)).toEqual(received);
    expect(session.records.filter(({ type }) => type === "warning")).toEqual([]);
  });

  it("is needed for that: without it, the signatures are forwarded as received", async () => {
    const { bo, app } = await missedDeliveries();
    await bo.listen(["--no-register", "--forward-to", String(app.port)], laterClock);
    await expect.poll(() => app.requests.map(verdictOf)).toEqual(["stale", "stale"]);
  });
});
