#!/usr/bin/env bash
# The raw text of a webhook is stored in a jsonb column, as a parameter: `insert into delivery (body) values (${text})`.
#
# Guess: the column holds the object, as with `pg` and psql; the driver sends a text as a text.
# Seen:  with postgres.js it holds a JSON string that contains the text, and `body->>'id'` is null, without an error. The driver
#        asks the server for the parameter's type, and calls JSON.stringify for json and jsonb, also on a string. A cast to
#        jsonb and `prepare: false` change nothing; a cast by way of text does.
# So:    give postgres.js the parsed object, or `${text}::text::jsonb` if the digits of a number must stay as they are.
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
const server = new PGLiteSocketServer({ db: database, host: "127.0.0.1", port: 0, maxConnections: 3 });
await server.start();
const port = Number(server.getServerConn().split(":").pop());
const place = { host: "127.0.0.1", port, user: "postgres", database: "postgres" };
await database.exec("create table delivery (sequence serial, body jsonb)");
const last = async (title) => {
  const found = "select jsonb_typeof(body) as type, body->>'id' as id from delivery order by sequence desc limit 1";
  const [row] = (await database.query(found)).rows;
  console.log(`${title}: ${row.type}, id ${row.id}`);
};
const text = '{"id":"evt_1","price":178.50}';

const client = new pg.Client(place);
await client.connect();
await client.query("insert into delivery (body) values ($1)", [text]);
await last("pg");
const sql = postgres({ ...place, max: 1 });
const plain = postgres({ ...place, max: 1, prepare: false });
await sql`insert into delivery (body) values (${text})`;
await last("postgres.js");
await sql`insert into delivery (body) values (${text}::jsonb)`;
await last("postgres.js, ::jsonb");
await plain`insert into delivery (body) values (${text})`;
await last("postgres.js, prepare: false");
await sql`insert into delivery (body) values (${text}::text::jsonb)`;
await last("postgres.js, ::text::jsonb");
await sql`insert into delivery (body) values (${JSON.parse(text)})`;
await last("postgres.js, the object");
await Promise.all([client.end(), sql.end(), plain.end()]);
process.exit();
END

cat >expected.txt <<'END'
pg: object, id evt_1
postgres.js: string, id null
postgres.js, ::jsonb: string, id null
postgres.js, prepare: false: string, id null
postgres.js, ::text::jsonb: object, id evt_1
postgres.js, the object: object, id evt_1
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
