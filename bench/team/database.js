// Appending to the log, and how soon members have what was appended.
import { BATCH, at, median, newTeam, report, sealed, timed } from "./shared.js";

const ROUNDS = 4;
const BATCHES = 6;
const WRITERS = 3;
const APPENDS = 200;
const MEMBERS = [1, 5, 20];

/** The same rows in a table with the same columns and indexes, without a counter and without a function. */
const BARE_TABLE = `create table bare (stream_id bigint, seq bigint generated always as identity, id text not null,
  stored_at timestamptz not null default clock_timestamp(), key_id text not null, size int not null,
  sealed bytea not null, primary key (stream_id, seq), unique (stream_id, id));
  alter table bare alter sealed set storage external`;
const BARE_INSERT = `insert into bare (stream_id, id, key_id, size, sealed)
  select 1, i, $2, octet_length(b), b from (select i, decode(x, 'base64') b from unnest($1::text[], $3::text[]) u(i, x)) u`;

export async function measureAppends(
  /** @type {import("./shared.js").Program} */ program,
  /** @type {import("./shared.js").Server} */ server,
) {
  const { url, invite, connect } = await newTeam(program, server);
  const bare = new program.TeamDatabase({ address: program.parseDatabaseUrl(url), applicationName: "bench" });
  await bare.script(BARE_TABLE);
  const logs = await Promise.all(Array.from({ length: WRITERS }, connect));
  const batches = () => Array.from({ length: BATCHES }, () => sealed(program, BATCH, invite.key, invite.log));
  const append = async (/** @type {any} */ log, /** @type {ReturnType<typeof batches>} */ given) => {
    for (const batch of given) await log.append(invite.key.id, batch);
  };
  const insert = async (/** @type {ReturnType<typeof batches>} */ given) => {
    for (const batch of given) {
      const bodies = batch.map((row) => row.sealed.toString("base64"));
      await bare.query(BARE_INSERT, [batch.map(({ id }) => id), invite.key.id, bodies]);
    }
  };
  /** @type {Record<"log" | "bare" | "three", number[]>} */
  const rates = { log: [], bare: [], three: [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const [one, ...many] = [batches(), batches(), batches(), batches()];
    const runs = {
      log: async () => (BATCH * BATCHES) / (await timed(() => append(logs[0], one ?? []))),
      bare: async () => (BATCH * BATCHES) / (await timed(() => insert(one ?? []))),
      three: async () =>
        (WRITERS * BATCH * BATCHES) /
        (await timed(() => Promise.all(many.map((own, index) => append(logs[index], own))))),
    };
    const order = /** @type {const} */ (["log", "bare", "three"]);
    for (const name of round % 2 === 0 ? order : order.toReversed()) {
      const rate = await runs[name]();
      // The first round warms up.
      if (round > 0) rates[name].push(rate);
    }
  }
  const [log, plain, three] = [median(rates.log), median(rates.bare), median(rates.three)];
  const shown = (/** @type {number} */ rate) => `${Math.round(rate)}/s`;
  report("append 500 rows: of a bare insert", log / plain, "≥ 0.4", `${shown(log)} against ${shown(plain)}`);
  report("3 writers: of 1 writer", three / log, "≥ 1", `${shown(three)} against ${shown(log)}`);
}

/** From the call that appends one row until a member has read it. Members are connections of this process. */
export async function measureLatency(
  /** @type {import("./shared.js").Program} */ program,
  /** @type {import("./shared.js").Server} */ server,
) {
  /** @type {{ count: number, median: number, p99: number }[]} */
  const results = [];
  for (const count of MEMBERS) {
    const { invite, connect } = await newTeam(program, server);
    const writer = await connect();
    /** @type {number[]} */
    const times = [];
    let [appendedAt, waiting] = [0, 0];
    let allHaveIt = () => {};
    for (let index = 0; index < count; index += 1) {
      const log = await connect();
      let position = 0;
      const read = async () => {
        const rows = await log.page(position);
        if (rows.length === 0) return;
        position = rows.at(-1)?.seq ?? position;
        times.push(performance.now() - appendedAt);
        if ((waiting -= 1) === 0) allHaveIt();
      };
      await new Promise((resolve) =>
        log.listen(
          () => void read(),
          () => resolve(undefined),
        ),
      );
    }
    for (const row of sealed(program, APPENDS, invite.key, invite.log)) {
      const isRead = new Promise((resolve) => (allHaveIt = () => resolve(undefined)));
      waiting = count;
      appendedAt = performance.now();
      await writer.append(invite.key.id, [row]);
      await isRead;
    }
    results.push({ count, median: median(times), p99: at(times, 0.99) });
  }
  const [first, , last] = results;
  const shown = results
    .map((each) => `${each.count}: ${each.median.toFixed(1)} / ${each.p99.toFixed(1)} ms`)
    .join(", ");
  report(
    "append → member, p99: 20 members of 1",
    (last?.p99 ?? 0) / (first?.p99 ?? 1),
    "≤ 5",
    `median / p99 for ${shown}`,
  );
}
