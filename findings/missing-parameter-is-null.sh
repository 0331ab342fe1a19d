#!/usr/bin/env bash
# libsql has the API of better-sqlite3. A statement has three parameters, and the code that binds them forgets one or misspells
# its name.
#
# Guess: it is refused, as better-sqlite3 does ("Missing named parameter", "Too few parameter values were provided").
# Seen:  libsql binds NULL for what is missing, and ignores what there is no parameter for. The row is stored without its price;
#        in a WHERE the comparison with NULL finds nothing. (Its src/statement.rs takes each name's member of the object, and
#        undefined becomes NULL; a position without a value is not bound, and SQLite reads it as NULL.)
# So:    declare columns NOT NULL, and check the names yourself before you bind them.
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
database.exec("CREATE TABLE fill (id TEXT, price TEXT, quantity TEXT)");
const show = (title, statement, ...values) => {
  let result;
  try {
    result = JSON.stringify(statement.all(...values));
  } catch (error) {
    result = error.message;
  }
  console.log(`${title}: ${result}`);
};
const named = database.prepare("INSERT INTO fill VALUES (:id, :price, :quantity) RETURNING *");
const numbered = database.prepare("INSERT INTO fill VALUES (?, ?, ?) RETURNING *");
show("all there", named, { id: "1", price: "178.50", quantity: "2" });
show("misspelt", named, { id: "2", prize: "178.50", quantity: "2" });
show("one left out", numbered, "3", "178.50");
show("one too many", numbered, "4", "178.50", "2", "USD");
show("search", database.prepare("SELECT id FROM fill WHERE price = :price"), { prize: "178.50" });
database.close();
END

cat >expected.txt <<'END'
all there: [{"id":"1","price":"178.50","quantity":"2"}]
misspelt: [{"id":"2","price":null,"quantity":"2"}]
one left out: [{"id":"3","price":"178.50","quantity":null}]
one too many: [{"id":"4","price":"178.50","quantity":"2"}]
search: []
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
