import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { describeWithPostgres, postgresBin, sharedPostgres } from "../../support/postgres.ts";
import { initTeam, joinTeam, newMachine, projectFileOf } from "../../support/team.ts";

let url = "";
beforeEach(async () => {
  if (postgresBin !== undefined) url = await (await sharedPostgres()).database();
});

describeWithPostgres("team", () => {
  it("init creates the log, saves the invite privately, and writes a file without secrets", async () => {
    const ana = newMachine();
    const made = await ana.run(["team", "init", "acme-sandbox", "--stdin"], url);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(made.stdout).toContain("Created the team log acme-sandbox (sandbox) in 127.0.0.1:");
    expect(made.stdout).toContain('grant usage on schema bluum_hooks to "bluum_hooks_member";');
    const config = join(ana.home, "config.json");
    expect(statSync(config).mode & 0o777).toBe(0o600);
    const { team } = projectFileOf(ana);
    expect(team).toEqual({ name: "acme-sandbox", environment: "sandbox", key: expect.stringMatching(/^[\da-f]{8}$/) });
    const invite = (await ana.run(["team", "status", "--print-secret"])).stdout;
    expect(invite).toMatch(/^bluum-team-1\.[\w-]+\.[\w-]+\n$/);
    for (const text of [made.stdout, JSON.stringify(team)]) {
      expect(text).not.toContain("postgres:postgres");
      expect(text).not.toContain(invite.trim());
    }
  });

  it("init again upgrades, keeps the key, and asks for nothing", async () => {
    const ana = newMachine();
    const invite = await initTeam(ana, "acme", url);
    const again = await ana.run(["team", "init", "--json"]);
    expect(JSON.parse(again.stdout)).toMatchObject({ name: "acme", isNew: false, key: projectFileOf(ana).team.key });
    expect((await ana.run(["team", "status", "--print-secret"])).stdout.trim()).toBe(invite);
  });

  it("init refuses production, a name that exists, and a database that refuses", async () => {
    const refused = await newMachine().run(["team", "init", "acme", "--env", "production", "--stdin", "--json"], url);
    expect(refused).toMatchObject({ code: 2, error: { code: "production_refused" } });
    await initTeam(newMachine(), "acme", url);
    const taken = await newMachine().run(["team", "init", "acme", "--stdin", "--json"], url);
    expect(taken).toMatchObject({ code: 3, error: { code: "team_not_joined" } });
    const wrong = url.replace(":postgres@", ":wrong-password@");
    const denied = await newMachine().run(["team", "init", "other", "--stdin", "--json"], wrong);
    expect(denied).toMatchObject({ code: 3, error: { code: "team_refused" } });
    expect(denied.stderr).not.toContain("wrong-password");
  });

  it("init says that a log is up to date, and that it is for another environment than --env", async () => {
    const ana = newMachine();
    await initTeam(ana, "acme", url);
    const again = await ana.run(["team", "init"]);
    expect(again.stdout).toMatch(/^The team log acme \(sandbox\) in \S+ is up to date\n/);
    for (const args of [
      ["team", "init", "acme"],
      ["team", "status"],
      ["team", "leave"],
    ]) {
      const other = await ana.run([...args, "--env", "emulator", "--json"], url);
      expect(other).toMatchObject({
        code: 2,
        error: {
          code: "invalid_usage",
          message: "the team acme is for sandbox, not emulator",
          hint: "Use --env sandbox, or create another team with: bluum-hooks team init NAME --env emulator",
        },
      });
    }
    expect((await ana.run(["team", "status", "--env", "sandbox", "--json"])).code).toBe(0);
  });

  it("init in the project of another team prints commands that name the new one", async () => {
    const ana = newMachine();
    const ofProject = await initTeam(ana, "acme", url);
    const made = await ana.run(["team", "init", "trial", "--stdin", "--env", "emulator"], url);
    expect(made.stdout).toContain("bluum-hooks listen --team trial --env emulator --forward-to 3000");
    expect(made.stderr).toContain("names another team");
    const [, command = ""] = /bluum-hooks (team status .*--print-secret)/.exec(made.stdout) ?? [];
    const printed = (await ana.run(command.split(" "))).stdout.trim();
    expect(printed).not.toBe(ofProject);
    const joined = await newMachine().run(["team", "join", "--stdin", "--json"], printed);
    expect(JSON.parse(joined.stdout)).toMatchObject({ name: "trial", environment: "emulator" });
  });

  it("join saves a working invite, and status shows the log", async () => {
    const [ana, bo] = [newMachine(), newMachine()];
    await joinTeam(bo, await initTeam(ana, "acme", url));
    expect(statSync(join(bo.home, "config.json")).mode & 0o777).toBe(0o600);
    const status = await bo.run(["team", "status", "--json"]);
    expect(JSON.parse(status.stdout)).toMatchObject({
      name: "acme",
      environment: "sandbox",
      key: projectFileOf(ana).team.key,
      head: 0,
      stored: 0,
      owner: null,
      waitingHere: 0,
      hasNotifications: true,
      members: [],
    });
    expect((await bo.run(["team", "status"])).stdout).toContain("No member has listened yet");
  });

  it("join takes the invite from BLUUM_TEAM_INVITE, and never prints it", async () => {
    const invite = await initTeam(newMachine(), "acme", url);
    const joined = await newMachine({ BLUUM_TEAM_INVITE: invite }).run(["team", "join"]);
    expect(joined).toMatchObject({ code: 0, stderr: "" });
    expect(joined.stdout).toContain("Joined the team log acme (sandbox)");
    expect(joined.stdout).toMatch(/\n {2}The invite is saved in \/.*config\.json\n/);
    expect(joined.stdout).toContain("bluum-hooks listen --team acme --forward-to 3000\n");
    expect(joined.stdout).not.toContain(invite);
  });

  it("join refuses an invite that is damaged, has another key, or does not work, and saves nothing", async () => {
    const ana = newMachine();
    const invite = await initTeam(ana, "acme", url);
    const bo = newMachine();
    const damaged = await bo.run(["team", "join", "--stdin", "--json"], invite.slice(0, -5));
    expect(damaged).toMatchObject({ code: 3, error: { code: "team_invite_invalid" } });
    const { team } = projectFileOf(ana);
    writeFileSync(join(bo.cwd, "bluum-hooks.json"), JSON.stringify({ team: { ...team, key: "00000000" } }));
    const mismatch = await bo.run(["team", "join", "--stdin", "--json"], invite);
    expect(mismatch).toMatchObject({ code: 3, error: { code: "team_key_mismatch" } });
    await ana.run(["team", "leave", "--delete", "--yes"]);
    const late = await newMachine().run(["team", "join", "--stdin", "--json"], invite);
    expect(late).toMatchObject({ code: 1, error: { code: "team_log_replaced" } });
    expect((await bo.run(["team", "status", "--json"])).error).toMatchObject({ code: "team_not_joined" });
  });

  it("leave removes the invite from this machine, also if the database is gone", async () => {
    const ana = newMachine();
    const invite = await initTeam(ana, "acme", url);
    const bo = newMachine();
    await joinTeam(bo, invite);
    expect(await bo.run(["team", "leave"])).toMatchObject({ code: 0, stdout: "Left the team log acme\n" });
    expect(readFileSync(join(bo.home, "config.json"), "utf8")).not.toContain("bluum-team-1");
    await joinTeam(bo, invite);
    await ana.run(["team", "leave", "--delete", "--yes"]);
    expect(await bo.run(["team", "leave"])).toMatchObject({ code: 0 });
    expect(readFileSync(join(bo.home, "config.json"), "utf8")).not.toContain("bluum-team-1");
  });

  it("doctor says whether the log can be read", async () => {
    const ana = newMachine();
    const findings = async () => {
      const { stdout } = await ana.run(["doctor", "--env", "emulator", "--json"]);
      return (JSON.parse(stdout) as { findings: { check: string }[] }).findings.filter(({ check }) => check === "team");
    };
    expect(await findings()).toEqual([]);
    await initTeam(ana, "acme", url);
    expect(await findings()).toMatchObject([{ level: "ok", message: "the log of acme can be read; nobody receives" }]);
    const config = join(ana.home, "config.json");
    writeFileSync(config, readFileSync(config, "utf8").replace("bluum-team-1.", "bluum-team-1.x"));
    expect(await findings()).toMatchObject([{ level: "problem" }]);
  });

  it("leave --delete asks first", async () => {
    const ana = newMachine();
    await initTeam(ana, "acme", url);
    expect(await ana.run(["team", "leave", "--delete", "--json"])).toMatchObject({
      code: 2,
      error: { code: "confirmation_required" },
    });
    expect((await ana.run(["team", "status", "--json"])).code).toBe(0);
  });

  it("a role with only the printed grants can read and append, and nothing else", async () => {
    const ana = newMachine();
    const made = await ana.run(["team", "init", "acme", "--stdin", "--json"], url);
    const { grants } = JSON.parse(made.stdout) as { grants: string };
    const { default: postgres } = await import("postgres");
    const role = `role_${Math.random().toString(36).slice(2)}`;
    const admin = postgres(url, { max: 1, onnotice: () => {} });
    await admin.unsafe(
      `create role ${role} login password 'member-password'; ${grants.replaceAll("bluum_hooks_member", role)}`,
    );
    await admin.end();
    const member = postgres(url.replace("postgres:postgres@", `${role}:member-password@`), { max: 1 });
    const stream = await member`select id from bluum_hooks.stream`;
    const id = String(stream[0]?.["id"]);
    await member.unsafe(`select bluum_hooks.append_v1(${id}, array['a'], 'k', array['AAAA'])`);
    expect(await member`select seq from bluum_hooks.delivery`).toHaveLength(1);
    for (const statement of [
      "delete from bluum_hooks.delivery",
      "update bluum_hooks.stream set head = 0",
      "insert into bluum_hooks.owner (stream_id) values (1)",
      "create table bluum_hooks.mine (a int)",
    ]) {
      await expect(member.unsafe(statement)).rejects.toMatchObject({ code: "42501" });
    }
    await member.end();
  });
});

it("without a team, and without a terminal, the commands say what to do", async () => {
  const machine = newMachine();
  expect((await machine.run(["team", "status", "--json"])).error).toMatchObject({
    code: "team_not_joined",
    hint: expect.stringContaining("bluum-hooks team join"),
  });
  expect((await machine.run(["team", "join", "--json"])).error).toMatchObject({ code: "invalid_usage" });
  expect((await machine.run(["team", "init", "--json"])).error).toMatchObject({ code: "invalid_usage" });
  expect((await machine.run(["team", "init", "Acme", "--json"])).error).toMatchObject({ code: "invalid_usage" });
});
