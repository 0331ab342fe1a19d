#!/usr/bin/env bash
# Several rows are inserted at once with postgres.js: `insert into delivery ${sql(rows)}`. Only failed deliveries have an `error`.
#
# Guess: a row with another member makes an error, or the columns are those of all rows.
# Seen:  the columns are those of the first row. If it has no `error`, the errors of all others are dropped, and nothing is said.
#        If it has one, a row without it is refused: UNDEFINED_VALUE. So the order of the rows decides.
#        (`values` in postgres.js's src/types.js takes Object.keys of the first row.)
# So:    name the columns, `sql(rows, "id", "error")`, and give every row each of them, null where there is none.
set -euo pipefail

packages=(@electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17 postgres@3.4.9)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import postgres from "postgres";

const server = new PGLiteSocketServer({ db: await PGlite.create(), host: "127.0.0.1", port: 0 });
await server.start();
const port = Number(server.getServerConn().split(":").pop());
const sql = postgres({ host: "127.0.0.1", port, user: "postgres", database: "postgres", max: 1 });
await sql`create table delivery (id text, error text)`;
const good = { id: "evt_1" };
const failed = { id: "evt_2", error: "the app answered 502" };
const insert = async (title, ...rows) => {
  await sql`delete from delivery`;
  try {
    await sql`insert into delivery ${sql(...rows)}`;
    console.log(`${title}: ${JSON.stringify(await sql`select * from delivery order by id`)}`);
  } catch (error) {
    console.log(`${title}: ${error.code}`);
  }
};
await insert("good, failed", [good, failed]);
await insert("failed, good", [failed, good]);
await insert("columns named", [{ ...good, error: null }, failed], "id", "error");
await sql.end();
process.exit();
END

cat >expected.txt <<'END'
good, failed: [{"id":"evt_1","error":null},{"id":"evt_2","error":null}]
failed, good: UNDEFINED_VALUE
columns named: [{"id":"evt_1","error":null},{"id":"evt_2","error":"the app answered 502"}]
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
