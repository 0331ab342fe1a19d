#!/usr/bin/env bash
# libsql has the API of better-sqlite3, where `transaction(f)` rolls back if `f` throws, and refuses a function that returns a
# promise. Here `f` is async: it stores the delivery, waits for something, and stores what follows from it.
#
# Guess: the async function is refused as in better-sqlite3, or the transaction ends when the promise does.
# Seen:  COMMIT is sent when the function returns its promise, that is at the first `await`. What follows runs outside the
#        transaction, and if it fails, the first part stays: the caller gets the error, and the row is there.
#        (`transaction` in libsql's index.js neither looks at the result nor awaits it.)
# So:    the event is taken for handled, and its retry for a duplicate. Await before the transaction, never inside it.
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
database.exec("CREATE TABLE handled (event TEXT PRIMARY KEY); CREATE TABLE balance (event TEXT, amount TEXT NOT NULL)");
const mark = database.prepare("INSERT INTO handled VALUES (?)");
const book = database.prepare("INSERT INTO balance VALUES (?, ?)");
const look = (title, error) => {
  const [row] = database.prepare("SELECT count(*) AS marked FROM handled").all();
  console.log(`${title}: "${error.message}", ${row.marked} marked, ${database.inTransaction ? "still in" : "no"} transaction`);
  database.exec("DELETE FROM handled");
};
try {
  database.transaction(() => {
    mark.run("evt_1");
    book.run("evt_1", null);
  })();
} catch (error) {
  look("sync", error);
}
try {
  await database.transaction(async () => {
    mark.run("evt_1");
    await undefined;
    console.log(`after the await: ${database.inTransaction ? "in" : "no"} transaction`);
    book.run("evt_1", null);
  })();
} catch (error) {
  look("async", error);
}
database.close();
END

cat >expected.txt <<'END'
sync: "NOT NULL constraint failed: balance.amount", 0 marked, no transaction
after the await: no transaction
async: "NOT NULL constraint failed: balance.amount", 1 marked, no transaction
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
