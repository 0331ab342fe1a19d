#!/usr/bin/env bash
# A job runs each hour at :15, New York time, and another each half hour between 1 and 2. On 8 March 2026 the clock goes from
# 1:59 to 3:00, on 1 November from 1:59 back to 1:00.
#
# Guess: the hourly job runs once in each hour, and three well-known libraries agree on the half hours of November.
# Seen:  `cron` adds a run at 3:00 in March, because 2:15 does not exist, and runs again at 3:15. cron-parser and croner do not.
#        In November croner runs four times between 1 and 2, the two others twice: they leave out the second hour.
# So:    schedule in UTC what must be regular, and let a second run of the same hour do nothing.
set -euo pipefail

packages=(cron@4.4.0 cron-parser@5.10.6 croner@11.0.1)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { CronTime } from "cron";
import { CronExpressionParser } from "cron-parser";
import { Cron } from "croner";

const zone = "America/New_York";
const libraries = {
  cron: (expression, start) => {
    let time = start;
    const schedule = new CronTime(expression, zone);
    return () => (time = schedule.getNextDateFrom(time, zone).toJSDate());
  },
  "cron-parser": (expression, start) => {
    const times = CronExpressionParser.parse(expression, { tz: zone, currentDate: start });
    return () => times.next().toDate();
  },
  croner: (expression, start) => {
    let time = start;
    const job = new Cron(expression, { timezone: zone, paused: true });
    return () => (time = job.nextRun(time));
  },
};
const cases = [
  ["hourly in March", "15 * * * *", "2026-03-08T06:00:00Z", "2026-03-08T09:00:00Z"],
  ["from 1 to 2 in November", "*/30 1 * * *", "2026-11-01T04:00:00Z", "2026-11-01T08:00:00Z"],
];
for (const [title, expression, start, end] of cases) {
  for (const [name, runs] of Object.entries(libraries)) {
    const next = runs(expression, new Date(start));
    const times = [];
    for (let time = next(); time < new Date(end); time = next()) times.push(time.toISOString().slice(11, 16));
    console.log(`${title}, ${name}: ${times.join(", ")} UTC`);
  }
}
END

cat >expected.txt <<'END'
hourly in March, cron: 06:15, 07:00, 07:15, 08:15 UTC
hourly in March, cron-parser: 06:15, 07:15, 08:15 UTC
hourly in March, croner: 06:15, 07:15, 08:15 UTC
from 1 to 2 in November, cron: 05:00, 05:30 UTC
from 1 to 2 in November, cron-parser: 05:00, 05:30 UTC
from 1 to 2 in November, croner: 05:00, 05:30, 06:00, 06:30 UTC
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
