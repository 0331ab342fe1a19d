#!/usr/bin/env bash
# A test or a small service uses PGlite in place of PostgreSQL. A table has ids of type int8, as brokers and databases give them.
#
# Guess: a column has one JavaScript type, whatever is in it: a text as with `pg`, or a BigInt.
# Seen:  PGlite gives a number up to 2^53 - 1 and a BigInt above, row by row. JSON.stringify throws on the second kind, `===`
#        between the two is always false, and `+` of the two throws. count(*) is of the same type.
#        (Its parser for int8 makes a Number if the value is safe, else a BigInt.)
# So:    tests with small ids pass, and the first large id is a 500. Set `parsers: { [types.INT8]: (text) => text }`.
set -euo pipefail

packages=(@electric-sql/pglite@0.5.14)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { PGlite, types } from "@electric-sql/pglite";

const query = "select * from (values (1::int8), (1152921506151679042)) as orders (id)";
const databases = { PGlite: {}, "PGlite with a parser": { parsers: { [types.INT8]: (text) => text } } };
for (const [title, options] of Object.entries(databases)) {
  const database = await PGlite.create(options);
  const { rows } = await database.query(query);
  for (const row of rows) {
    let json;
    try {
      json = JSON.stringify(row);
    } catch (error) {
      json = error.constructor.name;
    }
    console.log(`${title}: ${row.id} is a ${typeof row.id}, JSON: ${json}`);
  }
  await database.close();
}
END

cat >expected.txt <<'END'
PGlite: 1 is a number, JSON: {"id":1}
PGlite: 1152921506151679042 is a bigint, JSON: TypeError
PGlite with a parser: 1 is a string, JSON: {"id":"1"}
PGlite with a parser: 1152921506151679042 is a string, JSON: {"id":"1152921506151679042"}
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
