import postgres from "postgres";
import { expect, it, onTestFinished } from "vitest";
import type { CliRecord } from "../../support/cli.ts";
import { describeWithPostgres } from "../../support/postgres.ts";
import { newTeam, stored } from "../../support/team-sandbox.ts";
import type { Machine } from "../../support/team.ts";

function admin(url: string) {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  onTestFinished(() => sql.end());
  return sql;
}

/** An owner that has received some deliveries, and a member that has not read them. */
async function receivedBy(count: number) {
  const team = await newTeam(["ana@laptop", "bo@desk"]);
  const [ana, bo] = team.machines as [Machine, Machine];
  const owner = await ana.listen();
  await team.publish(...Array.from({ length: count }, (_, at) => `ord_${at + 1}`));
  const sql = admin(team.url);
  await expect.poll(async () => (await sql`select head from bluum_hooks.stream`)[0]?.["head"]).toBe(String(count));
  return { team, ana, bo, owner, sql };
}

describeWithPostgres("a team log", () => {
  it.each([
    ["a row that was altered", "update bluum_hooks.delivery set sealed = sealed || 'x' where seq = 2", "delivery 2"],
    [
      "a row with the content of another",
      "update bluum_hooks.delivery d set sealed = (select sealed from bluum_hooks.delivery where seq = 1) where seq = 2",
      "delivery 2",
    ],
    ["a row that is missing", "delete from bluum_hooks.delivery where seq = 2", "delivery 2"],
  ])("with %s is read up to it, and the session says where it stopped", async (_what, damage, words) => {
    const { bo, sql } = await receivedBy(3);
    await sql.unsafe(damage);
    const end = await bo.run(["listen", "--team", "--no-register", "--port", "0", "--no-inspect", "--json"]);
    expect(end).toMatchObject({ code: 1, error: { code: "team_log_damaged" } });
    expect(end.error?.message).toContain(words);
    expect((await stored(bo)).map(({ resourceId }) => resourceId)).not.toContain("ord_3");
  });

  it("that was created again ends the sessions, and keeps what they have stored", async () => {
    const { ana, bo, owner } = await receivedBy(1);
    const follower = await bo.listen(["--no-register"]);
    await follower.record("delivery");
    await ana.run(["team", "leave", "--delete", "--yes"]);
    expect(await follower.ended).toMatchObject({ code: 1, error: { code: "team_log_replaced" } });
    expect(await owner.ended).toMatchObject({ code: 1, error: { code: "team_log_replaced" } });
    expect(await stored(bo)).toHaveLength(1);
  });

  it("that was restored from a backup gets again what it lacks, and nobody stores it twice", async () => {
    const { team, ana, bo, owner, sql } = await receivedBy(3);
    const follower = await bo.listen(["--no-register"]);
    await expect.poll(() => follower.records.filter(({ type }) => type === "delivery").length).toBe(3);
    await sql.unsafe("delete from bluum_hooks.delivery where seq > 1; update bluum_hooks.stream set head = 1");
    const isRewound = (record: CliRecord) => record["code"] === "log_rewound";
    await owner.record("warning", isRewound);
    await follower.record("warning", isRewound);
    await team.publish("ord_4");
    await expect.poll(async () => (await sql`select head from bluum_hooks.stream`)[0]?.["head"]).toBe("4");
    await follower.record("delivery", ({ resourceId }) => resourceId === "ord_4");
    for (const machine of [ana, bo]) {
      const found = (await stored(machine)).map(({ resourceId }) => resourceId);
      expect(found.toSorted()).toEqual(["ord_1", "ord_2", "ord_3", "ord_4"]);
    }
  });

  it("whose deliveries expired before they were read says how many, and goes on", async () => {
    const { bo, sql } = await receivedBy(3);
    await sql.unsafe("delete from bluum_hooks.delivery where seq <= 2; update bluum_hooks.stream set tail = 2");
    const follower = await bo.listen(["--no-register"]);
    const warning = await follower.record("warning", ({ code }) => code === "log_expired");
    expect(warning["message"]).toContain("2 deliveries");
    expect(await follower.record("delivery")).toMatchObject({ resourceId: "ord_3" });
  });

  it("of a later version asks for an update, also while a session runs", async () => {
    const { bo, owner, sql } = await receivedBy(1);
    await sql`update bluum_hooks.meta set version = 9, min_client = 9`;
    expect(await owner.ended).toMatchObject({ code: 1, error: { code: "team_log_too_new" } });
    const end = await bo.run(["listen", "--team", "--no-register", "--port", "0", "--json"]);
    expect(end).toMatchObject({ code: 1, error: { code: "team_log_too_new" } });
  });

  it("that needs only what an older client knows is used by it", async () => {
    const { bo, sql } = await receivedBy(1);
    await sql`update bluum_hooks.meta set version = 9`;
    const follower = await bo.listen(["--no-register"]);
    expect(await follower.record("delivery")).toMatchObject({ resourceId: "ord_1" });
  });
});
