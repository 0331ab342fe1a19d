#!/usr/bin/env bash
# Each webhook becomes a job of pg-boss, with the event's id as `singletonKey`, so that a delivery that is repeated is no second
# job.
#
# Guess: a second job with the same key is not created while the first one waits; and a queue needs no other setting for it.
# Seen:  so it is in pg-boss 9. In pg-boss 10 both jobs are created, without a warning: on a queue of the standard policy the
#        key alone is stored and has no effect. The policy `short` restores the old rule. (The unique indexes in its src/plans.js
#        hold for the other policies, and for `singletonSeconds`.)
# So:    after an upgrade a repeated event runs twice. Choose the policy, and deduplicate in the handler's own transaction.
set -euo pipefail

packages=(boss9@npm:pg-boss@9.0.3 boss10@npm:pg-boss@10.4.2 @electric-sql/pglite@0.5.14)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { PGlite } from "@electric-sql/pglite";
import { pgcrypto } from "@electric-sql/pglite/contrib/pgcrypto";
import Boss10 from "boss10";
import Boss9 from "boss9";

async function sendTwice(title, Boss, policy) {
  const database = await PGlite.create({ extensions: { pgcrypto } });
  const executeSql = async (text, values) => {
    const result = values?.length > 0 ? await database.query(text, values) : (await database.exec(text)).at(-1);
    return { rows: result?.rows ?? [], rowCount: result?.rows?.length || result?.affectedRows || 0 };
  };
  const boss = new Boss({ db: { executeSql }, noSupervisor: true, noScheduling: true, supervise: false, schedule: false });
  await boss.start();
  await boss.createQueue?.("deliveries", { name: "deliveries", policy });
  for (const delivery of [1, 2]) await boss.send("deliveries", { delivery }, { singletonKey: "evt_1" });
  const jobs = await database.query("select count(*)::int as number from pgboss.job where name = 'deliveries'");
  console.log(`${title}: ${jobs.rows[0].number} of 2 jobs`);
}
await sendTwice("pg-boss 9.0.3", Boss9);
await sendTwice("pg-boss 10.4.2", Boss10);
await sendTwice("pg-boss 10.4.2, policy short", Boss10, "short");
process.exit();
END

cat >expected.txt <<'END'
pg-boss 9.0.3: 1 of 2 jobs
pg-boss 10.4.2: 2 of 2 jobs
pg-boss 10.4.2, policy short: 1 of 2 jobs
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
