import postgres from "postgres";
import { expect, it, onTestFinished } from "vitest";
import { createLog } from "../../../src/team/create-log.ts";
import { parseDatabaseUrl } from "../../../src/team/database-url.ts";
import { TeamDatabase } from "../../../src/team/database.ts";
import { TeamLog } from "../../../src/team/log.ts";
import { describeWithPostgres, sharedPostgres } from "../../support/postgres.ts";

interface Row {
  readonly seq: number;
  readonly id: string;
}

/** A table to which several writers append, and which a reader follows. */
interface Appended {
  readonly url: string;
  /** A writer with a connection of its own. */
  writer(): Promise<(id: string) => Promise<unknown>>;
  /** Appends inside a transaction that the caller commits. */
  appendIn(sql: postgres.TransactionSql, id: string): Promise<unknown>;
  page(after: number): Promise<readonly Row[]>;
}

function open<Opened extends AsyncDisposable>(opened: Opened): Opened {
  onTestFinished(() => opened[Symbol.asyncDispose]());
  return opened;
}

function connectTo(url: string): postgres.Sql {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  onTestFinished(() => sql.end());
  return sql;
}

const databaseAt = (url: string) =>
  open(new TeamDatabase({ address: parseDatabaseUrl(url), applicationName: "test writer" }));

async function teamLog(): Promise<Appended> {
  const url = await (await sharedPostgres()).database();
  const { log } = await createLog(databaseAt(url), { name: "acme", environment: "sandbox" });
  const openLog = () => TeamLog.open(databaseAt(url), { name: "acme", log });
  const reader = await openLog();
  return {
    url,
    async writer() {
      const own = await openLog();
      return (id) => own.append("k", [{ id, sealed: Buffer.from(id) }]);
    },
    appendIn: (sql, id) => sql`select bluum_hooks.append_v1(id, array[${id}], 'k', array['']) from bluum_hooks.stream`,
    page: (after) => reader.page(after),
  };
}

/** What the log would be with the numbers that PostgreSQL gives. */
async function identityTable(): Promise<Appended> {
  const url = await (await sharedPostgres()).database();
  const sql = connectTo(url);
  await sql`create table delivery (seq bigint generated always as identity primary key, id text not null unique)`;
  return {
    url,
    async writer() {
      const own = databaseAt(url);
      return (id) => own.query("insert into delivery (id) values ($1)", [id]);
    },
    appendIn: (transaction, id) => transaction`insert into delivery (id) values (${id})`,
    async page(after) {
      const rows = await sql<{ seq: string; id: string }[]>`
        select seq, id from delivery where seq > ${after} order by seq limit 500`;
      return rows.map(({ seq, id }) => ({ seq: Number(seq), id }));
    },
  };
}

/** Reads what comes after the last row that it has seen, again and again, as a member does. */
function follow(table: Appended) {
  const seen: Row[] = [];
  let [passes, isEnding] = [0, false];
  const ended = (async () => {
    for (;;) {
      const isLast = isEnding;
      const rows = await table.page(seen.at(-1)?.seq ?? 0);
      seen.push(...rows);
      passes += 1;
      if (isLast && rows.length === 0) return seen;
    }
  })();
  ended.catch(() => {});
  return {
    /** Resolves when everything that is visible now has been read. */
    async readsOn() {
      const from = passes;
      await expect.poll(() => passes, { interval: 5 }).toBeGreaterThanOrEqual(from + 2);
    },
    async end() {
      isEnding = true;
      return ended;
    },
  };
}

const ROUNDS = 8;
const WRITERS = 3;

/** In each round, one transaction stays open until the other writers are stored or wait, and the reader has read. */
async function appendWithSlowTransactions(table: Appended) {
  const writers = await Promise.all(Array.from({ length: WRITERS }, () => table.writer()));
  const [slow, observer] = [connectTo(table.url), connectTo(table.url)];
  const reader = follow(table);
  for (let round = 0; round < ROUNDS; round += 1) {
    const appending: Promise<unknown>[] = [];
    let stored = 0;
    await slow.begin(async (transaction) => {
      await table.appendIn(transaction, `slow-${round}`);
      for (const [at, append] of writers.entries()) {
        appending.push(append(`fast-${round}-${at}`).then(() => (stored += 1)));
      }
      const waiting = async () => {
        const rows = await observer`select 1 from pg_stat_activity
          where datname = current_database() and application_name = 'test writer' and wait_event_type = 'Lock'`;
        return rows.length + stored;
      };
      await expect.poll(waiting, { interval: 5 }).toBe(WRITERS);
      await reader.readsOn();
    });
    await Promise.all(appending);
  }
  return reader.end();
}

const all = Array.from({ length: ROUNDS }, (_, round) => [
  `slow-${round}`,
  ...Array.from({ length: WRITERS }, (_each, at) => `fast-${round}-${at}`),
]).flat();

describeWithPostgres("a reader that follows seq while some transactions are slow", () => {
  it("sees each row of a team log once, in order and without a gap", async () => {
    const seen = await appendWithSlowTransactions(await teamLog());
    expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: all.length }, (_, at) => at + 1));
    expect(seen.map(({ id }) => id).toSorted()).toEqual(all.toSorted());
  });

  it("misses rows for good if an identity column numbers them: so the log has a counter", async () => {
    const seen = await appendWithSlowTransactions(await identityTable());
    expect(seen.map(({ id }) => id).toSorted()).toEqual(all.filter((id) => id.startsWith("fast-")).toSorted());
  });
});
