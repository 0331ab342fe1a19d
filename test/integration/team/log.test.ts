import { randomUUID } from "node:crypto";
import { connect, createServer } from "node:net";
import postgres from "postgres";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { parseDatabaseUrl } from "../../../src/team/database-url.ts";
import { TeamDatabase } from "../../../src/team/database.ts";
import { createLog } from "../../../src/team/create-log.ts";
import { PAGE_ROWS, TeamLog } from "../../../src/team/log.ts";
import { closeServer, listenOnLoopback } from "../../../src/platform/loopback.ts";
import { describeWithPostgres, postgresBin, sharedPostgres } from "../../support/postgres.ts";

let url = "";
beforeAll(async () => {
  if (postgresBin !== undefined) url = await (await sharedPostgres()).database();
});

function openDatabase(at = url, stallMs?: number): TeamDatabase {
  const options = { address: parseDatabaseUrl(at), applicationName: "test" };
  const database = new TeamDatabase(stallMs === undefined ? options : { ...options, stallMs });
  onTestFinished(() => database[Symbol.asyncDispose]());
  return database;
}

async function newLog(): Promise<{ log: TeamLog; another: () => Promise<TeamLog> }> {
  const name = `log-${randomUUID().slice(0, 8)}`;
  const database = openDatabase();
  const { log } = await createLog(database, { name, environment: "sandbox" });
  const another = () => TeamLog.open(openDatabase(), { name, log });
  return { log: await TeamLog.open(database, { name, log }), another };
}

const row = (id: string, bytes = 3) => ({ id, sealed: Buffer.alloc(bytes, id) });
const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

async function readAll(log: TeamLog, after = 0): Promise<{ seq: number; id: string }[]> {
  const rows: { seq: number; id: string }[] = [];
  for (let page = await log.page(after); page.length > 0; page = await log.page(rows.at(-1)!.seq)) rows.push(...page);
  return rows;
}

describeWithPostgres("the shared log", () => {
  it("is created once, also by 20 clients at the same time", async () => {
    const fresh = await (await sharedPostgres()).database();
    const made = await Promise.all(
      Array.from({ length: 20 }, () => createLog(openDatabase(fresh), { name: "acme", environment: "sandbox" })),
    );
    expect(new Set(made.map(({ log }) => log)).size).toBe(1);
    expect(made.filter(({ isNew }) => isNew)).toHaveLength(1);
  });

  it("keeps each delivery once and in order, and says where it ends", async () => {
    const { log } = await newLog();
    expect(
      await log.append(
        "k",
        ids("a", 3).map((id) => row(id)),
      ),
    ).toBe(3);
    expect(await log.append("k", [row("a2"), row("b0")])).toBe(4);
    expect(await log.append("k", [row("a0")])).toBe(4);
    expect(await readAll(log)).toMatchObject([
      { seq: 1, id: "a0", keyId: "k", sealed: row("a0").sealed },
      { seq: 2, id: "a1" },
      { seq: 3, id: "a2" },
      { seq: 4, id: "b0" },
    ]);
    expect(await log.state()).toEqual({ head: 4, tail: 0, owner: undefined });
  });

  it("has no gap and loses nothing when several members append at once and repeat what they have sent", async () => {
    const { log, another } = await newLog();
    const writers = await Promise.all(Array.from({ length: 4 }, another));
    const reader = await another();
    const seen: { seq: number; id: string }[] = [];
    let isDone = false;
    const reading = (async () => {
      for (;;) {
        const wasDone = isDone;
        const page = await reader.page(seen.at(-1)?.seq ?? 0);
        seen.push(...page);
        if (wasDone && page.length === 0) return;
      }
    })();
    await Promise.all(
      writers.map(async (writer, index) => {
        for (let batch = 0; batch < 25; batch += 1) {
          const rows = ids(`w${index}-${batch}-`, 8).map((id) => row(id));
          await writer.append("k", rows);
          if (batch % 3 === 0) await writer.append("k", rows);
        }
      }),
    );
    isDone = true;
    await reading;
    expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: 800 }, (_, index) => index + 1));
    expect(new Set(seen.map(({ id }) => id)).size).toBe(800);
    for (const index of writers.keys()) {
      const own = seen.filter(({ id }) => id.startsWith(`w${index}-`)).map(({ id }) => id);
      expect(own).toEqual(Array.from({ length: 25 }, (_, batch) => ids(`w${index}-${batch}-`, 8)).flat());
    }
    expect((await log.state()).head).toBe(800);
  });

  it("loses nothing to a slow writer: a later delivery waits for it", async () => {
    const { log, another } = await newLog();
    await log.append("k", [row("a")]);
    const slow = postgres(url, { max: 1, onnotice: () => {} });
    onTestFinished(() => slow.end());
    let commit = () => {};
    const isHeld = new Promise<void>((held) => {
      void slow.begin(async (sql) => {
        await sql`select bluum_hooks.append_v1(id, array['slow'], 'k', array['']) from bluum_hooks.stream where log = ${log.invite.log}`;
        held();
        await new Promise<void>((done) => (commit = done));
      });
    });
    await isHeld;
    const appended = (await another()).append("k", [row("fast")]);
    // Nobody can see the later one, and miss the earlier one for good.
    expect((await log.page(1)).map(({ id }) => id)).toEqual([]);
    commit();
    expect(await appended).toBe(3);
    expect((await readAll(log)).map(({ id }) => id)).toEqual(["a", "slow", "fast"]);
  });

  it("is read in pages limited by number and by size, until one is empty", async () => {
    const { log } = await newLog();
    await log.append(
      "k",
      ids("small", PAGE_ROWS + 1).map((id) => row(id)),
    );
    expect(await log.page(0)).toHaveLength(PAGE_ROWS);
    expect(await log.page(PAGE_ROWS)).toHaveLength(1);
    const large = ids("large", 6).map((id) => row(id, 1_500_000));
    for (const each of large) await log.append("k", [each]);
    const sizes = [];
    for (let after = PAGE_ROWS + 1; ;) {
      const page = await log.page(after);
      if (page.length === 0) break;
      sizes.push(page.length);
      after = page.at(-1)!.seq;
    }
    expect(sizes).toEqual([3, 3]);
  });

  it("notifies members of a new head, and of a new owner", async () => {
    const { log, another } = await newLog();
    const heard: string[] = [];
    await new Promise<void>((done) => log.listen((what) => heard.push(what), done));
    const other = await another();
    await other.append("k", [row("a")]);
    const member = randomUUID();
    const term = await other.claim(member, "ana@laptop", 20);
    await other.release(member, term!);
    await expect.poll(() => heard).toEqual(["1", "owner", "owner"]);
  });

  it("shows members their positions, and who receives", async () => {
    const { log } = await newLog();
    const [ana, bo] = [randomUUID(), randomUUID()];
    const report = { client: "1.0.0", isStandby: true, appOk: 1, appFailed: 2 };
    await log.append("k", [row("a")]);
    await log.report({ ...report, member: ana, label: "ana@laptop", position: 0 });
    await log.claim(ana, "ana@laptop", 20);
    const state = await log.report({ ...report, member: bo, label: "bo@desk", position: 1, isStandby: false });
    expect(state).toMatchObject({ head: 1, tail: 0, owner: { member: ana, label: "ana@laptop", term: 1 } });
    expect(await log.members()).toMatchObject([
      { id: ana, label: "ana@laptop", position: 0, isStandby: true, appOk: 1, appFailed: 2 },
      { id: bo, label: "bo@desk", position: 1, isStandby: false },
    ]);
    await log.leave(ana);
    expect(await log.members()).toHaveLength(1);
  });

  it("gives the lease to one member, until it expires or is released", async () => {
    const { log } = await newLog();
    const [ana, bo] = [randomUUID(), randomUUID()];
    expect(await log.claim(ana, "ana", 20)).toBe(1);
    expect(await log.claim(bo, "bo", 20)).toBeUndefined();
    expect(await log.claim(ana, "ana", 20)).toBe(1);
    expect(await log.setWebhook(bo, 1, Buffer.from("no"))).toBe(false);
    expect(await log.setWebhook(ana, 1, Buffer.from("yes"))).toBe(true);
    expect((await log.webhook())?.toString()).toBe("yes");
    await log.release(ana, 1);
    expect(await log.claim(bo, "bo", 20)).toBe(2);
    expect(await log.claim(ana, "ana", 20, true)).toBe(3);
    // The old owner neither extends nor releases, and changes nothing.
    expect(await log.claim(bo, "bo", 20)).toBeUndefined();
    await log.release(bo, 2);
    expect(await log.setWebhook(bo, 2, Buffer.from("no"))).toBe(false);
    expect((await log.state()).owner).toMatchObject({ member: ana, term: 3 });
    // An expired lease that nobody has claimed is a new term of the same member.
    expect(await log.claim(ana, "ana", 0)).toBe(3);
    expect((await log.state()).owner).toBeUndefined();
    expect(await log.claim(ana, "ana", 20)).toBe(4);
  });

  it("goes to exactly one of many members that claim it at once", async () => {
    const { another } = await newLog();
    const members = await Promise.all(Array.from({ length: 12 }, another));
    const terms = await Promise.all(members.map((member, index) => member.claim(randomUUID(), `m${index}`, 20)));
    expect(terms.filter((term) => term !== undefined)).toEqual([1]);
  });

  it("deletes what has expired, and remembers up to where", async () => {
    const { log } = await newLog();
    await log.append(
      "k",
      ids("old", 10).map((id) => row(id)),
    );
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    onTestFinished(() => sql.end());
    await sql`update bluum_hooks.delivery set stored_at = stored_at - interval '31 days' where seq <= 7
      and stream_id = (select id from bluum_hooks.stream where log = ${log.invite.log})`;
    expect(await log.prune()).toBe(7);
    expect(await log.prune()).toBe(0);
    expect(await log.state()).toMatchObject({ head: 10, tail: 7 });
    expect((await readAll(log)).map(({ seq }) => seq)).toEqual([8, 9, 10]);
    expect(await log.append("k", [row("new")])).toBe(11);
    expect(await log.seqBefore(3_600_000)).toBe(7);
    expect(await log.seqBefore(0)).toBe(11);
  });

  it("that was created again is another log", async () => {
    const { log, another } = await newLog();
    await log.drop();
    await expect(another()).rejects.toMatchObject({ code: "team_log_replaced" });
    await expect(log.state()).rejects.toMatchObject({ code: "team_log_replaced" });
  });
});

describeWithPostgres("the database", () => {
  it("that has no team log asks for team init", async () => {
    const fresh = await (await sharedPostgres()).database();
    await expect(TeamLog.open(openDatabase(fresh), { name: "acme", log: randomUUID() })).rejects.toMatchObject({
      code: "team_log_too_old",
    });
  });

  it.each([
    ["a wrong password", (at: string) => at.replace(":postgres@", ":wrong@"), "password authentication failed"],
    ["an unknown database", (at: string) => at.replace(/\/\w+$/, "/nowhere"), "does not exist"],
    ["an unknown user", (at: string) => at.replace("//postgres:", "//nobody:"), "authentication failed"],
    ["no TLS", (at: string) => `${at}?sslmode=verify-full`, "does not offer TLS"],
  ])("refuses %s, and says so in its words", async (_what, change, words) => {
    await expect(openDatabase(change(url)).query("select 1")).rejects.toMatchObject({
      code: "team_refused",
      message: expect.stringContaining(words) as string,
    });
  });

  it("that is not there, closes the connection or never answers is unreachable, and is tried again", async () => {
    let behaviour: "closing" | "silent" | "forwarding" = "closing";
    const target = Number(new URL(url).port);
    const server = createServer((socket) => {
      socket.on("error", () => {});
      if (behaviour === "forwarding") {
        const behind = connect(target, "127.0.0.1");
        behind.on("error", () => {});
        socket.pipe(behind).pipe(socket);
      } else {
        socket.resume();
        if (behaviour === "closing") socket.end();
      }
    });
    const port = await listenOnLoopback(server, { port: 0, orNext: false, flag: "" });
    const database = openDatabase(url.replace(`:${target}`, `:${port}`), 300);
    const unreachable = { code: "team_unreachable" };
    await expect(database.query("select 1")).rejects.toMatchObject(unreachable);
    behaviour = "silent";
    await expect(database.query("select 1")).rejects.toMatchObject(unreachable);
    behaviour = "forwarding";
    await expect.poll(() => database.query("select 1 as one").catch(() => [])).toEqual([{ one: 1 }]);
    await database[Symbol.asyncDispose]();
    await closeServer(server);
    await expect(openDatabase(url.replace(`:${target}`, `:${port}`)).query("select 1")).rejects.toMatchObject({
      ...unreachable,
      message: expect.stringContaining("connection refused") as string,
    });
  });
});
