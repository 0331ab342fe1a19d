#!/usr/bin/env bash
# Events of one account are handled in order: a p-queue with `concurrency: 1`. It also has a `timeout`, so that a job that hangs
# does not stop the rest.
#
# Guess: never two jobs at a time; the next one starts when the job before has ended.
# Seen:  when the time is over, the queue rejects with TimeoutError and starts the next job, while the first one goes on:
#        JavaScript cannot stop it. Three slow jobs run at once, and what they write comes in any order.
# So:    give the job an AbortSignal of your own and wait for its end; a timeout of a queue is only the end of the waiting.
set -euo pipefail

packages=(p-queue@9.3.5)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { setTimeout } from "node:timers/promises";
import PQueue from "p-queue";

for (const timeout of [undefined, 300]) {
  const queue = new PQueue({ concurrency: 1, timeout });
  let running = 0;
  let most = 0;
  const ended = [];
  const job = (event, duration) => async () => {
    running += 1;
    most = Math.max(most, running);
    await setTimeout(duration);
    running -= 1;
    ended.push(event);
  };
  const added = [
    queue.add(job("accepted", 3_000)),
    queue.add(job("partially filled", 1_800)),
    queue.add(job("filled", 100)),
  ];
  const results = await Promise.allSettled(added);
  while (running > 0) await setTimeout(20);
  const names = results.map(({ status, reason }) => reason?.name ?? status);
  console.log(`timeout ${timeout ?? "none"}: ${most} at once; ended: ${ended.join(", ")}; the caller got ${names.join(", ")}`);
}
END

cat >expected.txt <<'END'
timeout none: 1 at once; ended: accepted, partially filled, filled; the caller got fulfilled, fulfilled, fulfilled
timeout 300: 3 at once; ended: filled, partially filled, accepted; the caller got TimeoutError, TimeoutError, fulfilled
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
