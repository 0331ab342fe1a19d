import { expect, it } from "vitest";
import { startCli, type Cli } from "../support/cli.ts";
import { describeWithPostgres } from "../support/postgres.ts";
import { isTeam, newTeam, stored } from "../support/team-sandbox.ts";
import type { Machine } from "../support/team.ts";

const LISTEN = ["listen", "--team", "acme", "--tunnel", "none", "--port", "0", "--no-inspect", "--json"];

async function listen(machine: Machine, ...more: string[]): Promise<Cli> {
  const cli = startCli([...LISTEN, ...more], machine.env);
  await cli.record("ready");
  return cli;
}

const resources = async (machine: Machine) => (await stored(machine)).map(({ resourceId }) => resourceId).toSorted();

describeWithPostgres("three processes of a team", () => {
  it("lose nothing when the one that receives is killed, and again when the next one is", async () => {
    const team = await newTeam(["ana@laptop", "bo@desk", "cy@home"]);
    const [ana, bo, cy] = team.machines as [Machine, Machine, Machine];
    const owner = await listen(ana);
    const standby = await listen(bo);
    const follower = await listen(cy, "--no-register");
    const sent: string[] = [];
    const publish = async (count: number) => {
      const ids = Array.from({ length: count }, (_, at) => `ord_${sent.length + at}`);
      sent.push(...ids);
      await team.publish(...ids);
    };
    await publish(40);
    owner.kill("SIGKILL");
    await owner.ended;
    await standby.record("team", isTeam("owner"));
    await publish(20);
    // It has received deliveries that nobody else has seen: its next session ships them.
    const again = await listen(ana);
    standby.kill("SIGKILL");
    await again.record("team", isTeam("owner"));
    await publish(20);
    const rest = await listen(bo, "--no-register");
    // Bluum sends again what was not answered, so an event may have two deliveries.
    const received = async (machine: Machine) => [...new Set(await resources(machine))];
    for (const machine of [cy, ana, bo]) {
      await expect.poll(() => received(machine), { interval: 2_000 }).toEqual(sent.toSorted());
    }
    const ids = async (machine: Machine) => (await stored(machine)).map(({ id }) => id).toSorted();
    const all = await ids(cy);
    expect(new Set(all).size).toBe(all.length);
    for (const machine of [ana, bo]) await expect.poll(() => ids(machine), { interval: 2_000 }).toEqual(all);
    for (const { child } of [again, rest, follower]) expect(child.exitCode).toBeNull();
  });

  it("replace one that is frozen, which changes nothing when it wakes", async () => {
    const team = await newTeam(["ana@laptop", "bo@desk"]);
    const [ana, bo] = team.machines as [Machine, Machine];
    const owner = await listen(ana);
    const standby = await listen(bo);
    await team.publish("ord_1");
    await standby.record("delivery");
    owner.kill("SIGSTOP");
    await standby.record("team", isTeam("owner"));
    const pointed = await team.webhooks();
    await team.publish("ord_2");
    await standby.record("delivery", ({ resourceId }) => resourceId === "ord_2");
    owner.kill("SIGCONT");
    expect(await owner.record("team", isTeam("follower"))).toMatchObject({ name: "acme" });
    await owner.record("delivery", ({ resourceId }) => resourceId === "ord_2");
    owner.kill("SIGINT");
    expect((await owner.ended).code).toBe(130);
    expect(await team.webhooks()).toEqual(pointed);
    standby.kill("SIGINT");
    await standby.ended;
    expect(await team.webhooks()).toMatchObject([{ status: "INACTIVE" }]);
  });
});
