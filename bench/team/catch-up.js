// A member that was away: reading the log, reading it into the local store, and the program's memory meanwhile.
import { readFileSync, rmSync } from "node:fs";
import { BATCH, median, newFolder, newTeam, report, run, sealed, start, timed } from "./shared.js";

const FEW = 10_000;
const MANY = 50_000;
const ROUNDS = 2;

/** Most resident memory of `listen` that catches up, in megabytes. */
async function memoryOf(/** @type {string} */ invite, /** @type {() => Promise<void>} */ fill) {
  const home = newFolder();
  run(home, ["team", "join", "--stdin"], invite);
  await fill();
  const listener = start(home, ["listen", "--team", "acme", "--no-register", "--port", "0", "--no-inspect"]);
  await listener.record('"state":"caught_up"');
  const most = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${listener.pid}/status`, "utf8"))?.[1]) / 1024;
  await listener.stop();
  rmSync(home, { recursive: true });
  return most;
}

export async function measureCatchUp(
  /** @type {import("./shared.js").Program} */ program,
  /** @type {import("./shared.js").Server} */ server,
) {
  const { url, text, invite, connect } = await newTeam(program, server);
  const log = await connect();
  const fill = (/** @type {number} */ count) => async () => {
    for (let done = 0; done < count; done += BATCH) {
      await log.append(invite.key.id, sealed(program, BATCH, invite.key, invite.log));
    }
  };
  const other = await newTeam(program, server);
  const otherLog = await other.connect();
  const few = await memoryOf(other.text, async () => {
    for (let done = 0; done < FEW; done += BATCH) {
      await otherLog.append(other.invite.key.id, sealed(program, BATCH, other.invite.key, other.invite.log));
    }
  });
  const many = await memoryOf(text, fill(MANY));

  const pageOnly = async () => {
    for (let after = 0, rows = await log.page(0); rows.length > 0; rows = await log.page(after)) {
      after = rows.at(-1)?.seq ?? after;
    }
  };
  const plain = new program.TeamDatabase({ address: program.parseDatabaseUrl(url), applicationName: "bench" });
  const read = async () => {
    for (let after = 0; ;) {
      const rows = program.openRows(await log.page(after), { after, key: invite.key, log: invite });
      if (rows.length === 0) return;
      after = rows.at(-1)?.seq ?? after;
    }
  };
  /** @type {Record<"select" | "pages" | "read" | "follow" | "store", number[]>} */
  const seconds = { select: [], pages: [], read: [], follow: [], store: [] };
  // What is stored is kept in this run, which is not measured: keeping it takes time too.
  /** @type {[position: number, deliveries: any][]} */
  const pages = [];
  await follow(program, log, invite, (position, deliveries) => pages.push([position, deliveries]));
  for (let round = 0; round < ROUNDS; round += 1) {
    seconds.select.push(
      await timed(() => plain.query("select seq, id, key_id, sealed from bluum_hooks.delivery order by seq")),
    );
    seconds.pages.push(await timed(pageOnly));
    seconds.read.push(await timed(read));
    seconds.follow.push(await follow(program, log, invite));
    seconds.store.push(await storeAlone(program, invite.log, pages));
  }
  const [select, paged, following, storing] = [seconds.select, seconds.read, seconds.follow, seconds.store].map(median);
  const shown = (/** @type {number | undefined} */ value) => `${value?.toFixed(2)} s`;
  const about = (/** @type {number | undefined} */ one, /** @type {number | undefined} */ two) =>
    `${shown(one)} against ${shown(two)}`;
  const paging = median(seconds.pages);
  report(`read ${MANY} in pages: of one plain select`, paging / (select ?? 1), "≤ 4", about(paging, select));
  report(`… and opened: of one plain select`, (paged ?? 0) / (select ?? 1), "≤ 4", about(paged, select));
  report(
    "… into the local store: of the store alone",
    (following ?? 0) / (storing ?? 1),
    "≤ 1.3",
    about(following, storing),
  );
  report(
    `memory after ${MANY}: of after ${FEW}`,
    many / few,
    "≤ 1.2",
    `${Math.round(many)} against ${Math.round(few)} MB`,
  );
}

/** Follows the log into a new local store; returns seconds. */
async function follow(
  /** @type {import("./shared.js").Program} */ program,
  /** @type {import("../../src/team/log.ts").TeamLog} */ log,
  /** @type {import("../../src/team/invite.ts").Invite} */ invite,
  /** @type {(position: number, deliveries: any) => void} */ onPage = () => {},
) {
  const folder = newFolder();
  const store = await program.openStore({ folder });
  await store.team.progress(invite.log, 0);
  const stop = new AbortController();
  const isStored = new Promise((resolve) => {
    void new program.LogFollower({
      invite,
      log,
      link: /** @type {any} */ ({ until: (/** @type {() => Promise<unknown>} */ work) => work() }),
      store: {
        rewind: async () => {},
        async receive(/** @type {string} */ id, /** @type {number} */ position, /** @type {any} */ deliveries) {
          onPage(position, deliveries);
          await store.team.receive(id, position, deliveries);
          if (position === MANY) resolve(undefined);
        },
      },
      position: 0,
      dueAfter: undefined,
      publish: () => {},
      onStored: () => {},
      signal: stop.signal,
    }).run();
  });
  const seconds = await timed(() => isStored);
  stop.abort();
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
  return seconds;
}

async function storeAlone(
  /** @type {import("./shared.js").Program} */ program,
  /** @type {string} */ log,
  /** @type {[position: number, deliveries: any][]} */ pages,
) {
  const folder = newFolder();
  const store = await program.openStore({ folder });
  await store.team.progress(log, 0);
  const seconds = await timed(async () => {
    for (const [position, deliveries] of pages) await store.team.receive(log, position, deliveries);
  });
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
  return seconds;
}
