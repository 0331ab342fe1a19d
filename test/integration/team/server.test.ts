import { expect, it } from "vitest";
import { describeWithPostgres } from "../../support/postgres.ts";
import { newTeam, roleOf } from "../../support/team-sandbox.ts";
import { newMachine, type Machine } from "../../support/team.ts";

describeWithPostgres("a server", () => {
  it("takes part with BLUUM_TEAM_INVITE alone", async () => {
    const team = await newTeam(["ana@laptop"]);
    const [ana] = team.machines as [Machine];
    const invite = (await ana.run(["team", "status", "--print-secret"])).stdout.trim();
    const env = { ...ana.env, BLUUM_TEAM_INVITE: invite };
    const server = newMachine(env, "hooks@server");
    const session = await server.listen();
    expect(await roleOf(session)).toMatchObject({ role: "owner" });
    const follower = await ana.listen(["--no-register"]);
    await team.publish("ord_1");
    expect(await follower.record("delivery")).toMatchObject({ origin: { member: "hooks@server" } });
    await session.stop();
    const again = await server.listen();
    expect(await roleOf(again)).toMatchObject({ role: "owner", position: 1 });
  });
});
