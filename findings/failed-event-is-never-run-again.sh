#!/usr/bin/env bash
# Each webhook becomes a job of BullMQ, with the event's id as `jobId`, so that a repeated delivery is no second job. A job
# fails for good, and the sender (or somebody by hand) delivers the event again.
#
# Guess: the event runs again, because no such job waits or works any more; or `add` throws.
# Seen:  `add` resolves with a job that has the new data, and nothing runs: the id belongs to the failed job, which BullMQ keeps
#        for ever by default. So with a job that has succeeded, as intended. With `removeOnFail` the event runs again. The
#        option `deduplication` is another thing: it lets the event run again after success too.
# So:    retries of the sender, and a replay after the repair, are swallowed. Set `removeOnFail`, or retry the failed job
#        itself.
set -euo pipefail

packages=(bullmq@6.7.0 ioredis@5.11.1)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

skip() {
  echo "skipped: $1 is not installed, and Debian's package cannot be unpacked here"
  exit 77
}
redis=$(command -v redis-server) || {
  {
    apt-get download redis-tools redis-server libjemalloc2 liblua5.1-0 libhiredis0.14 lua-cjson lua-bitop liblzf1
    for package in ./*.deb; do dpkg -x "$package" .; done
  } >/dev/null 2>&1 || skip redis-server
  redis=$PWD/usr/bin/redis-server
  LD_LIBRARY_PATH=$(echo "$PWD"/usr/lib/*-linux-gnu)
  export LD_LIBRARY_PATH
}
version=$("$redis" --version | cut -d ' ' -f 1-3) || skip redis-server
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"
"$redis" --port 0 --unixsocket "$folder/redis" --save "" >redis.log &
trap 'kill %1 || true; wait; rm -rf "$folder"' EXIT

cat >finding.mjs <<'END'
import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { Queue, Worker } from "bullmq";
import Redis from "ioredis";

for (let turn = 0; turn < 100 && !existsSync("redis"); turn += 1) await setTimeout(100);
const connection = new Redis({ path: "redis", maxRetriesPerRequest: null });
const queue = new Queue("deliveries", { connection });
const runs = [];
const work = async ({ data }) => {
  runs.push(data);
  if (data.fails) throw new Error("the app is down");
};
new Worker("deliveries", work, { connection });

const cases = {
  "jobId, failed": [true, { jobId: "evt_1" }],
  "jobId, succeeded": [false, { jobId: "evt_2" }],
  "jobId and removeOnFail, failed": [true, { jobId: "evt_3", removeOnFail: true }],
  "deduplication, failed": [true, { deduplication: { id: "evt_4" } }],
  "deduplication, succeeded": [false, { deduplication: { id: "evt_5" } }],
};
for (const [title, [fails, options]] of Object.entries(cases)) {
  const event = title;
  await queue.add("deliver", { event, delivery: 1, fails }, options);
  const settled = async () => (await queue.getJobCountByTypes("waiting", "active", "delayed")) === 0;
  const until = async (done) => {
    for (let turn = 0; turn < 50 && !(await done()); turn += 1) await setTimeout(50);
  };
  const mine = () => runs.filter((run) => run.event === event).map((run) => run.delivery);
  await until(async () => mine().length === 1 && (await settled()));
  const job = await queue.add("deliver", { event, delivery: 2, fails: false }, options);
  await setTimeout(500);
  await until(settled);
  console.log(`${title}: add gives a job of delivery ${job.data.delivery}, run were ${mine().join(" and ")}`);
}
process.exit();
END

cat >expected.txt <<'END'
jobId, failed: add gives a job of delivery 2, run were 1
jobId, succeeded: add gives a job of delivery 2, run were 1
jobId and removeOnFail, failed: add gives a job of delivery 2, run were 1 and 2
deduplication, failed: add gives a job of delivery 2, run were 1 and 2
deduplication, succeeded: add gives a job of delivery 2, run were 1 and 2
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s, %s\n\n' "$(node --version)" "${packages[*]}" "$version"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
