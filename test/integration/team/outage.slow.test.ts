import { spawn } from "node:child_process";
import { existsSync, writeFileSync, chmodSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { closeServer, listenOnLoopback } from "../../../src/platform/loopback.ts";
import { describeWithPostgres, sharedPostgres, startPostgres } from "../../support/postgres.ts";
import { isTeam, newTeam, stored } from "../../support/team-sandbox.ts";
import { SHORT_TIMES, type Machine } from "../../support/team.ts";
import { tempFolder } from "../../support/temp.ts";

const resources = async (machine: Machine) => (await stored(machine)).map(({ resourceId }) => resourceId).toSorted();

/** A network in front of the database, which can stop to carry anything without closing a connection. */
async function startNetwork(target: number) {
  const sockets = new Set<Socket>();
  let epoch = { isCut: false };
  const server = createServer((near) => {
    // Connections of a network that was cut stay dead, as after a change of networks.
    const own = epoch;
    const far = connect(target, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("error", () => {});
      from.on("data", (bytes) => {
        if (!own.isCut) to.write(bytes);
      });
      from.on("close", () => {
        sockets.delete(from);
        if (!own.isCut) to.destroy();
      });
    }
  });
  const port = await listenOnLoopback(server, { port: 0, orNext: false, flag: "" });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await closeServer(server);
  });
  return {
    port,
    cut: () => void (epoch.isCut = true),
    repair: () => void (epoch = { isCut: false }),
  };
}

describeWithPostgres("while the database of a team is away", () => {
  it.each(["fast", "immediate"] as const)("(%s shutdown) Bluum is answered, and nothing is lost", async (how) => {
    const server = await startPostgres({ fsync: "on" });
    const team = await newTeam(["ana@laptop", "bo@desk"], await server.database());
    const [ana, bo] = team.machines as [Machine, Machine];
    const [owner, follower] = [await ana.listen(), await bo.listen(["--no-register"])];
    await team.publish("ord_1");
    await follower.record("delivery");
    await server.stop(how);
    await owner.record("team", isTeam("offline"));
    await team.publish("ord_2", "ord_3");
    await owner.record("answer", () => owner.records.filter(({ type }) => type === "answer").length >= 3);
    await server.start();
    await follower.record("delivery", ({ resourceId }) => resourceId === "ord_3");
    await owner.record("team", (record) => isTeam("connected")(record) && record["position"] === undefined);
    expect(owner.records.filter(isTeam("offline"))).toHaveLength(1);
    expect(await resources(bo)).toEqual(["ord_1", "ord_2", "ord_3"]);
    await follower.stop();
    await owner.stop();
    expect(await team.webhooks()).toMatchObject([{ status: "INACTIVE" }]);
    await server.stop("immediate");
  });

  it("what a session could not send is counted by team status, and sent by the next session", async () => {
    const server = await startPostgres();
    const team = await newTeam(["ana@laptop"], await server.database());
    const [ana] = team.machines as [Machine];
    const owner = await ana.listen([], { teamTimes: { ...SHORT_TIMES, drainMs: 50 } });
    await server.stop("fast");
    await owner.record("team", isTeam("offline"));
    await team.publish("ord_1", "ord_2");
    await owner.record("answer", () => owner.records.filter(({ type }) => type === "answer").length >= 2);
    await owner.stop();
    await server.start();
    const status = async () => JSON.parse((await ana.run(["team", "status", "--json"])).stdout) as unknown;
    expect(await status()).toMatchObject({ waitingHere: 2, head: 0 });
    expect((await ana.run(["team", "status"])).stdout).toContain("2 received here: listen --team sends them");
    await (await ana.listen()).stop();
    expect(await status()).toMatchObject({ waitingHere: 0, head: 2 });
    await server.stop("immediate");
  });

  it("a session that starts waits for it", async () => {
    const server = await startPostgres();
    const team = await newTeam(["ana@laptop"], await server.database());
    const [ana] = team.machines as [Machine];
    await server.stop("fast");
    const starting = ana.listen();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await team.webhooks()).toEqual([]);
    await server.start();
    const owner = await starting;
    expect((await owner.record("ready"))["team"]).toMatchObject({ role: "owner" });
    await owner.stop();
    await server.stop("immediate");
  });

  it("a network that carries nothing is noticed, and what waited is shipped when it is back", async () => {
    const shared = await sharedPostgres();
    const network = await startNetwork(shared.port);
    const url = (await shared.database()).replace(`:${shared.port}/`, `:${network.port}/`);
    const team = await newTeam(["ana@laptop", "bo@desk"], url);
    const [ana, bo] = team.machines as [Machine, Machine];
    const [owner, follower] = [await ana.listen(), await bo.listen(["--no-register"])];
    await team.publish("ord_1");
    await follower.record("delivery");
    network.cut();
    await team.publish("ord_2");
    await owner.record("answer", () => owner.records.filter(({ type }) => type === "answer").length >= 2);
    await owner.record("team", isTeam("offline"));
    await team.publish("ord_3");
    await owner.record("answer", () => owner.records.filter(({ type }) => type === "answer").length >= 3);
    network.repair();
    await follower.record("delivery", ({ resourceId }) => resourceId === "ord_3");
    expect(await resources(bo)).toEqual(["ord_1", "ord_2", "ord_3"]);
  });
});

const PGBOUNCER = "/usr/sbin/pgbouncer";

describeWithPostgres("a team behind PgBouncer", () => {
  it.skipIf(!existsSync(PGBOUNCER))("in transaction mode gets every delivery, without notifications", async () => {
    const shared = await sharedPostgres();
    const url = new URL(await shared.database());
    const folder = tempFolder();
    const free = createServer();
    const port = await listenOnLoopback(free, { port: 0, orNext: false, flag: "" });
    await closeServer(free);
    const settings = `[databases]
* = host=127.0.0.1 port=${shared.port} user=postgres password=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${join(folder, "users.txt")}
pool_mode = transaction
default_pool_size = 2
`;
    writeFileSync(join(folder, "pgbouncer.ini"), settings);
    writeFileSync(join(folder, "users.txt"), '"postgres" "postgres"\n');
    chmodSync(folder, 0o755);
    const asUser = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const pooler = spawn(PGBOUNCER, [join(folder, "pgbouncer.ini")], { ...asUser, stdio: "ignore" });
    onTestFinished(() => void pooler.kill("SIGKILL"));
    url.port = String(port);
    await expect
      .poll(
        () =>
          new Promise((resolve) => {
            const socket = connect(port, "127.0.0.1", () => resolve(socket.destroy() && true));
            socket.on("error", () => resolve(false));
          }),
      )
      .toBe(true);
    const team = await newTeam(["ana@laptop", "bo@desk", "cy@home"], url.href);
    const [ana, bo, cy] = team.machines as [Machine, Machine, Machine];
    const status = await ana.run(["team", "status", "--json"]);
    expect(JSON.parse(status.stdout)).toMatchObject({ hasNotifications: false });
    const owner = await ana.listen();
    const followers = [await bo.listen(["--no-register"]), await cy.listen()];
    const ids = Array.from({ length: 30 }, (_, at) => `ord_${at}`);
    await team.publish(...ids);
    for (const follower of followers) {
      await expect.poll(() => follower.records.filter(({ type }) => type === "delivery").length).toBe(30);
    }
    await owner.stop();
    await followers[1]?.record("team", isTeam("owner"));
    for (const machine of [ana, bo, cy]) expect(await resources(machine)).toEqual(ids.toSorted());
  });
});
