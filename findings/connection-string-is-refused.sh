#!/usr/bin/env bash
# A connection string is copied from a provider's console: `postgres://…?channel_binding=require`, as Neon prints it, with
# `keepalives=1`, as libpq documents it, or with `pgbouncer=true` or `schema=public`, as Prisma wants it.
#
# Guess: a driver understands a parameter of the URL or ignores it, as `pg` does.
# Seen:  postgres.js sends what it does not know to the server as a setting of the session, and the server refuses the
#        connection: `unrecognized configuration parameter "channel_binding"`, code 42704. So the message names the server; and
#        psql connects with the first two. (`connection` in `parseOptions` of postgres.js's src/index.js.)
# So:    parse the URL yourself, and give postgres.js only the parameters of its documentation. The names of real settings work,
#        such as `statement_timeout`, but not behind PgBouncer.
set -euo pipefail

packages=(postgres@3.4.9 pg@8.23.1)
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
import pg from "pg";
import postgres from "postgres";

const server = new URLSearchParams({ host: `${process.cwd()}/database` });
const drivers = {
  pg: async (parameter) => {
    const client = new pg.Client(`postgres://postgres@/postgres?${server}&${parameter}`);
    await client.connect();
    await client.query("select 1");
    await client.end();
  },
  "postgres.js": async (parameter) => {
    const sql = postgres(`postgres://postgres@localhost/postgres?${parameter}`, { path: "database/.s.PGSQL.5432", max: 1 });
    await sql`select 1`;
    await sql.end();
  },
};
const connect = (name, parameter) =>
  drivers[name](parameter).then(
    () => "connects",
    (error) => error.code,
  );
for (let turn = 0; turn < 100 && (await connect("pg", "")) !== "connects"; turn += 1) await setTimeout(100);
for (const parameter of ["", "statement_timeout=1000", "channel_binding=prefer", "keepalives=1", "pgbouncer=true", "schema=public"]) {
  const results = [];
  for (const name of Object.keys(drivers)) results.push(`${name} ${await connect(name, parameter)}`);
  console.log(`${parameter || "no parameter"}: ${results.join(", ")}`);
}
process.exit();
END

cat >expected.txt <<'END'
no parameter: pg connects, postgres.js connects
statement_timeout=1000: pg connects, postgres.js connects
channel_binding=prefer: pg connects, postgres.js 42704
keepalives=1: pg connects, postgres.js 42704
pgbouncer=true: pg connects, postgres.js 42704
schema=public: pg connects, postgres.js 42704
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s, %s\n\n' "$(node --version)" "${packages[*]}" "$version"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
