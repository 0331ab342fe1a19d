#!/usr/bin/env bash
# A consumer reads a table of events by time: it keeps the `stored_at` of the last row that it has read, and asks for rows with
# `stored_at > $1`. Because a Date has only milliseconds and PostgreSQL keeps microseconds, it takes the time as text.
#
# Guess: with a Date the last row comes again; with the text it does not, because the driver sends a text as a text.
# Seen:  with pg it is so. With postgres.js the row comes again with the text too: the driver asks for the parameter's type, and
#        for a time it sends `new Date(text).toISOString()`. A time that is stored in this way also loses its microseconds.
#        (`date.serialize` in its src/types.js.)
# So:    read by the number of a row; with postgres.js a time keeps its microseconds only as `${text}::text::timestamptz`.
set -euo pipefail

packages=(@electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17 pg@8.23.1 postgres@3.4.9)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import pg from "pg";
import postgres from "postgres";

const database = await PGlite.create();
const server = new PGLiteSocketServer({ db: database, host: "127.0.0.1", port: 0, maxConnections: 2 });
await server.start();
const port = Number(server.getServerConn().split(":").pop());
const place = { host: "127.0.0.1", port, user: "postgres", database: "postgres" };
await database.exec("create table event (id text, stored_at timestamptz)");
await database.exec("insert into event values ('evt_1', '2026-12-01 10:00:00.123456Z')");
const client = new pg.Client(place);
await client.connect();
const sql = postgres({ ...place, max: 1 });
const drivers = {
  pg: async (text, values) => (await client.query(text, values)).rows,
  "postgres.js": (text, values) => sql.unsafe(text, values),
};
const ways = [
  ["Date", "stored_at", "$1"],
  ["text", "stored_at::text", "$1"],
  ["text with a cast", "stored_at::text", "$1::text::timestamptz"],
];
for (const [name, query] of Object.entries(drivers)) {
  for (const [what, column, parameter] of ways) {
    const [last] = await query(`select ${column} as time from event`, []);
    const newer = await query(`select id from event where stored_at > ${parameter}`, [last.time]);
    const equal = await query(`select id from event where stored_at = ${parameter}`, [last.time]);
    console.log(`${name}, ${what}: ${newer.length} newer than the last row, ${equal.length} equal to it`);
  }
}
await Promise.all([client.end(), sql.end()]);
process.exit();
END

cat >expected.txt <<'END'
pg, Date: 1 newer than the last row, 0 equal to it
pg, text: 0 newer than the last row, 1 equal to it
pg, text with a cast: 0 newer than the last row, 1 equal to it
postgres.js, Date: 1 newer than the last row, 0 equal to it
postgres.js, text: 1 newer than the last row, 0 equal to it
postgres.js, text with a cast: 0 newer than the last row, 1 equal to it
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
