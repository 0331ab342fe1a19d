import { expect, it } from "vitest";
import { startApp } from "../../support/app.ts";
import { describeWithPostgres, sharedPostgres } from "../../support/postgres.ts";
import { startSandbox } from "../../support/sandbox.ts";
import { isTeam, newTeam, orders, roleOf, stored } from "../../support/team-sandbox.ts";
import type { Session } from "../../support/session.ts";
import { initTeam, joinTeam, newMachine, type Machine } from "../../support/team.ts";

/** How many deliveries an app has answered: a request that a session aborts at its end is sent again. */
const forwarded = ({ records }: Session) =>
  records.filter((record) => record.type === "forward" && record["status"] === 200).length;

describeWithPostgres("listen --team", () => {
  it("receives through one webhook, and every member's app gets every event once and in order", async () => {
    const team = await newTeam(["ana@laptop", "bo@desk"]);
    const [ana, bo] = team.machines as [Machine, Machine];
    const [anaApp, boApp] = [await startApp(), await startApp()];
    const owner = await ana.listen(["--forward-to", String(anaApp.port)]);
    expect(await roleOf(owner)).toEqual({ name: "acme", role: "owner", position: 0 });
    const follower = await bo.listen(["--forward-to", String(boApp.port), "--no-register"]);
    expect(await roleOf(follower)).toEqual({ name: "acme", role: "follower", position: 0 });
    expect(await team.webhooks()).toMatchObject([{ name: "bluum-hooks team acme", status: "ACTIVE" }]);

    const ids = Array.from({ length: 20 }, (_, at) => `ord_${at}`);
    await team.publish(...ids);
    await expect.poll(() => orders(boApp).length).toBe(20);
    await expect.poll(() => orders(anaApp).length).toBe(20);
    const received = await follower.record("delivery");
    expect(received).toMatchObject({ origin: { member: "ana@laptop" }, signature: { verdict: "verified" } });

    await follower.stop();
    await owner.stop();
    const [own, followed] = [await stored(ana), await stored(bo)];
    expect(new Set(followed.map(({ resourceId }) => resourceId))).toEqual(new Set(ids));
    expect(followed.map(({ id }) => id)).toEqual(own.map(({ id }) => id));
    expect(orders(boApp).toSorted()).toEqual(ids.toSorted());
    // The last to leave deactivates the webhook, and restores nothing.
    expect(await team.webhooks()).toMatchObject([{ status: "INACTIVE" }]);
  });

  it("catches up on what was received while a member was away, and forwards nothing twice", async () => {
    const team = await newTeam(["ana@laptop", "bo@desk"]);
    const [ana, bo] = team.machines as [Machine, Machine];
    const app = await startApp();
    const owner = await ana.listen();
    const first = await bo.listen(["--forward-to", String(app.port), "--no-register"]);
    await team.publish("ord_1", "ord_2");
    await expect.poll(() => forwarded(first)).toBe(2);
    await first.stop();

    await team.publish("ord_3", "ord_4");
    await expect.poll(async () => (await stored(ana)).length).toBe(4);
    const second = await bo.listen(["--forward-to", String(app.port), "--no-register"]);
    expect(await roleOf(second)).toMatchObject({ role: "follower", position: 2 });
    await expect.poll(() => orders(app).toSorted()).toEqual(["ord_1", "ord_2", "ord_3", "ord_4"]);
    await team.publish("ord_5");
    await expect.poll(() => orders(app).length).toBe(5);
    await second.stop();
    await owner.stop();
    expect(orders(app).toSorted()).toEqual(["ord_1", "ord_2", "ord_3", "ord_4", "ord_5"]);
  });

  it("keeps what an app that is down has missed, and forwards it in a later session", async () => {
    const team = await newTeam(["ana@laptop", "bo@desk"]);
    const [ana, bo] = team.machines as [Machine, Machine];
    const app = await startApp();
    await app.stop();
    const owner = await ana.listen();
    const first = await bo.listen(["--forward-to", String(app.port), "--no-register"]);
    await team.publish("ord_1", "ord_2");
    await expect.poll(() => first.records.filter(({ type }) => type === "delivery").length).toBe(2);
    await first.stop();
    await app.start();
    const second = await bo.listen(["--forward-to", String(app.port), "--no-register"]);
    await expect.poll(() => orders(app).toSorted()).toEqual(["ord_1", "ord_2"]);
    await second.stop();
    await owner.stop();
  });

  it("forwards to the app of the member that receives what it has missed while it was down, once", async () => {
    const team = await newTeam(["ana@laptop"]);
    const [ana] = team.machines as [Machine];
    const app = await startApp();
    const first = await ana.listen(["--forward-to", String(app.port)]);
    await team.publish("ord_1");
    await expect.poll(() => orders(app)).toEqual(["ord_1"]);
    await app.stop();
    await team.publish("ord_2", "ord_3");
    await expect.poll(() => first.records.filter(({ type }) => type === "answer").length).toBe(3);
    await app.start();
    await expect.poll(() => orders(app).toSorted()).toEqual(["ord_1", "ord_2", "ord_3"]);
    await expect.poll(() => forwarded(first)).toBe(3);
    await first.stop();
    const second = await ana.listen(["--forward-to", String(app.port)]);
    await team.publish("ord_4");
    await expect.poll(() => orders(app).toSorted()).toEqual(["ord_1", "ord_2", "ord_3", "ord_4"]);
    await second.stop();
    expect(app.requests).toHaveLength(4);
  });

  it("ships neither what a private session received nor what a follower was sent", async () => {
    const team = await newTeam(["ana@laptop", "bo@desk"]);
    const [ana, bo] = team.machines as [Machine, Machine];
    const owner = await ana.listen();
    const follower = await bo.listen(["--no-register"]);
    const body = JSON.stringify({ event: "order.filled", data: { id: "ord_private" } });
    await fetch(String((await follower.record("ready"))["localUrl"]), { method: "POST", body });
    await team.publish("ord_1");
    await follower.record("delivery", ({ resourceId }) => resourceId === "ord_1");
    await follower.stop();
    await owner.stop();
    expect((await stored(bo)).map(({ resourceId }) => resourceId).toSorted()).toEqual(["ord_1", "ord_private"]);
    expect((await stored(ana)).map(({ resourceId }) => resourceId)).toEqual(["ord_1"]);
    const status = JSON.parse((await ana.run(["team", "status", "--json"])).stdout) as { head: number };
    expect(status.head).toBe(1);
  });

  it("on the emulator, members share the one that runs at BLUUM_BASE_URL", async () => {
    const { env, emulator } = await startSandbox();
    const [ana, bo] = [newMachine(env), newMachine(env, "bo@desk")];
    const url = await (await sharedPostgres()).database();
    await joinTeam(bo, await initTeam(ana, "trial", url, ["--env", "emulator"]));
    await ana.listen(["--env", "emulator"]);
    const follower = await bo.listen(["--env", "emulator"]);
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ event: "order.filled", data: { id: "ord_1" } });
    await fetch(new URL("/_emulator/events", emulator.baseUrl), { method: "POST", headers, body });
    expect(await follower.record("delivery")).toMatchObject({ resourceId: "ord_1", origin: { member: "ana@laptop" } });
  });

  it("is one session of a machine", async () => {
    const team = await newTeam(["ana@laptop"]);
    const [ana] = team.machines as [Machine];
    await ana.listen();
    const other = await ana.run(["listen", "--team", "--tunnel", "none", "--port", "0", "--json"]);
    expect(other).toMatchObject({ code: 1, error: { code: "team_in_use" } });
  });

  it.each([
    [["--ack", "app", "--forward-to", "9"], "invalid_usage"],
    [["--webhook", "wh_1"], "invalid_usage"],
    [["--resign"], "invalid_usage"],
    [["--on-exit", "delete"], "invalid_usage"],
    [["--env", "production"], "production_refused"],
    [["--env", "emulator"], "invalid_usage"],
  ])("refuses %j", async (args, code) => {
    const team = await newTeam(["ana@laptop"]);
    const [ana] = team.machines as [Machine];
    const end = await ana.run(["listen", "--team", "--tunnel", "none", "--port", "0", "--json", ...args]);
    expect(end.error).toMatchObject({ code });
    expect(await team.webhooks()).toEqual([]);
  });
});

describeWithPostgres("the member that receives", () => {
  it("is replaced by a member that stands by when it stops, and the webhook stays active", async () => {
    const team = await newTeam(["ana@laptop", "bo@desk"]);
    const [ana, bo] = team.machines as [Machine, Machine];
    const owner = await ana.listen();
    const standby = await bo.listen();
    expect(await roleOf(standby)).toMatchObject({ role: "follower" });
    await team.publish("ord_1");
    await standby.record("delivery");
    const before = (await team.webhooks())[0];
    await owner.stop();
    expect(owner.records.find(isTeam("left"))).toMatchObject({ name: "acme", standby: "bo@desk" });
    expect(await standby.record("team", isTeam("owner"))).toMatchObject({ before: "ana@laptop", isTakeover: false });
    const [after] = await team.webhooks();
    expect(after).toMatchObject({ id: before?.id, status: "ACTIVE" });
    expect(after?.url).not.toBe(before?.url);
    // It knows the signing secret, although another member has created the webhook.
    await team.publish("ord_2");
    const next = await standby.record("delivery", ({ resourceId }) => resourceId === "ord_2");
    expect(next).toMatchObject({ signature: { verdict: "verified" } });
    await standby.stop();
    expect(await team.webhooks()).toMatchObject([{ id: before?.id, status: "INACTIVE" }]);
  });

  it("is replaced with --takeover, follows from then on, and touches nothing at Bluum when it ends", async () => {
    const team = await newTeam(["ana@laptop", "bo@desk"]);
    const [ana, bo] = team.machines as [Machine, Machine];
    const first = await ana.listen();
    const unasked = await bo.run(["listen", "--team", "--takeover", "--tunnel", "none", "--port", "0"]);
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining("Add --yes to agree.") });
    const second = await bo.listen(["--takeover", "--yes"]);
    expect(await roleOf(second)).toMatchObject({ role: "owner" });
    expect(await second.record("team", isTeam("owner"))).toMatchObject({ before: "ana@laptop", isTakeover: true });
    expect(await first.record("team", isTeam("follower"))).toMatchObject({ owner: "bo@desk" });
    const pointed = await team.webhooks();
    await team.publish("ord_1");
    expect(await first.record("delivery")).toMatchObject({ origin: { member: "bo@desk" } });
    await first.stop();
    expect(await team.webhooks()).toEqual(pointed);
    await second.stop();
    expect(await team.webhooks()).toMatchObject([{ status: "INACTIVE" }]);
  });
});

describeWithPostgres("listen without --team", () => {
  it("in the project of a team says so in one line, and works alone", async () => {
    const team = await newTeam(["ana@laptop"]);
    const [ana] = team.machines as [Machine];
    const alone = await ana.run(["listen", "--tunnel", "none", "--port", "0", "--timeout", "0.1s"]);
    expect(alone.stderr).toContain("This project has the team log acme. To share its webhook, add --team.");
    expect(await team.webhooks()).toMatchObject([{ name: expect.stringContaining("ana@laptop") }]);
  });
});

it.each(["--takeover", "--resign"])("%s needs --team", async (flag) => {
  const end = await newMachine().run(["listen", flag, "--no-register", "--json"]);
  expect(end.error).toMatchObject({ code: "invalid_usage" });
});
