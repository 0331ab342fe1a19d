#!/usr/bin/env bash
# libsql has the API of better-sqlite3, with prebuilt binaries: `get` returns the first row, `all` returns every row.
#
# Guess: `get()` is `all()[0]`.
# Seen:  a row from `get` also has a member `_metadata` with the duration of the query, which differs each time; rows from
#        `all` and `iterate` do not. It is enumerable: it appears in JSON, copies and comparisons.
# So:    select the columns by name, or use `all()[0]`, before you compare, hash or print a row.
set -euo pipefail

packages=(libsql@0.5.29)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import Database from "libsql";

const database = new Database(":memory:");
database.exec("CREATE TABLE deliveries (id TEXT, status INTEGER); INSERT INTO deliveries VALUES ('d1', 200)");
const statement = database.prepare("SELECT id, status FROM deliveries");
const show = (row) => JSON.stringify(row).replace(/"duration":[^}]+/, '"duration":…');
console.log(`get: ${show(statement.get())}`);
console.log(`all: ${show(statement.all()[0])}`);
console.log(`iterate: ${show([...statement.iterate()][0])}`);
console.log(`spread: ${show({ ...statement.get(), status: 500 })}`);
database.close();
END

cat >expected.txt <<'END'
get: {"id":"d1","status":200,"_metadata":{"duration":…}}
all: {"id":"d1","status":200}
iterate: {"id":"d1","status":200}
spread: {"id":"d1","status":500,"_metadata":{"duration":…}}
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
