#!/usr/bin/env bash
# postgres.js listens for notifications of new deliveries. The database restarts, the driver connects and listens again by itself,
# and later the program calls `unlisten()`, because this part of it has ended.
#
# Guess: after `unlisten()` the callback is not called any more, whether the connection was ever lost or not.
# Seen:  after a reconnect `unlisten()` resolves and changes nothing: the callback is called for each notification, for ever, and
#        the channel stays. On reconnect the driver calls `listen` anew, which makes a new entry for the callback; `unlisten` of
#        the old one looks for the old entry. (`listen` in postgres.js's src/index.js.)
# So:    a delivery is handled by a part of the program that has ended, or twice. Keep a flag of your own in the callback.
set -euo pipefail

packages=(postgres@3.4.9)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

skip() {
  echo "skipped: $1 is not installed, and Debian's package cannot be unpacked here"
  exit 77
}
server=$(find /usr/lib/postgresql -path "*/bin/postgres" 2>/dev/null | sort -V | tail -n 1) || true
[ -n "$server" ] || {
  { apt-get download postgresql-15 libpq5 && for package in ./*.deb; do dpkg -x "$package" .; done; } >/dev/null 2>&1 || skip postgresql
  server=$folder/usr/lib/postgresql/15/bin/postgres
  LD_LIBRARY_PATH=$(echo "$folder"/usr/lib/*-linux-gnu)
  export LD_LIBRARY_PATH
}
version=$("$server" --version) || skip postgresql
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

# PostgreSQL refuses to run as root.
as=()
[ "$(id -u)" != 0 ] || as=(setpriv --reuid nobody --regid nogroup --clear-groups)
chmod 755 "$folder"
mkdir -m 700 database
[ "$(id -u)" != 0 ] || chown nobody database
"${as[@]}" "${server%/*}/initdb" --pgdata database --username postgres --auth trust --no-sync >initdb.log 2>&1
"${as[@]}" "$server" -D database -k "$folder/database" -c listen_addresses= >server.log 2>&1 &
trap 'kill %1 || true; wait; rm -rf "$folder"' EXIT

cat >finding.mjs <<'END'
import { setTimeout } from "node:timers/promises";
import postgres from "postgres";

const options = { path: "database/.s.PGSQL.5432", user: "postgres", database: "postgres", max: 1, backoff: () => 0.1 };
const listener = postgres(options);
const sender = postgres(options);
for (let turn = 0; turn < 100 && !(await sender`select 1`.catch(() => undefined)); turn += 1) await setTimeout(100);

const until = async (done) => {
  for (let turn = 0; turn < 50 && !done(); turn += 1) await setTimeout(100);
};
for (const lost of [false, true]) {
  const channel = lost ? "after" : "before";
  const received = [];
  let listening = 0;
  const subscription = await listener.listen(channel, (payload) => received.push(payload), () => (listening += 1));
  if (lost) {
    await sender`select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' and pid <> pg_backend_pid()`;
    await until(() => listening === 2);
  }
  await sender.notify(channel, "before unlisten");
  await until(() => received.length === 1);
  await subscription.unlisten();
  await sender.notify(channel, "after unlisten");
  await setTimeout(1_000);
  console.log(`${lost ? "connection lost once" : "connection never lost"}: ${received.join(", ")}`);
}
process.exit();
END

cat >expected.txt <<'END'
connection never lost: before unlisten
connection lost once: before unlisten, after unlisten
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s, %s\n\n' "$(node --version)" "${packages[*]}" "$version"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
