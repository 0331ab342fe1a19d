#!/usr/bin/env bash
# Webhooks come as CloudEvents. Their `time` has microseconds and an offset, as RFC 3339 allows. A service reads them, and passes
# them on or orders them by it.
#
# Guess: `HTTP.toEvent` gives the attributes as they were sent; CloudEvents asks those in the middle to pass events on unchanged.
# Seen:  the time is cut to milliseconds and moved to UTC when it is read. Two events of one order with the times .123456 and
#        .123789 then have the same time, and what is passed on is not what was sent. (DateParser in the package's parsers.js
#        makes a Date of it; every attribute named `time` goes through it.)
# So:    order by a sequence number, pass on the bytes, not the event, and read the time from the header if you need all of it.
set -euo pipefail

packages=(cloudevents@10.0.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { HTTP } from "cloudevents";

const binary = (time) => ({
  headers: { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/orders", "ce-type": "order.filled", "ce-time": time },
  body: "",
});
const structured = (time) => ({
  headers: { "content-type": "application/cloudevents+json" },
  body: JSON.stringify({ specversion: "1.0", id: "1", source: "/orders", type: "order.filled", time }),
});
for (const [form, message] of Object.entries({ binary, structured })) {
  for (const time of ["2026-12-01T10:00:00.123456-05:00", "2026-12-01T10:00:00.123789-05:00"]) {
    const event = HTTP.toEvent(message(time));
    console.log(`${form}: ${time} is read as ${event.time}, sent on as ${HTTP.binary(event).headers["ce-time"]}`);
  }
}
END

cat >expected.txt <<'END'
binary: 2026-12-01T10:00:00.123456-05:00 is read as 2026-12-01T15:00:00.123Z, sent on as 2026-12-01T15:00:00.123Z
binary: 2026-12-01T10:00:00.123789-05:00 is read as 2026-12-01T15:00:00.123Z, sent on as 2026-12-01T15:00:00.123Z
structured: 2026-12-01T10:00:00.123456-05:00 is read as 2026-12-01T15:00:00.123Z, sent on as 2026-12-01T15:00:00.123Z
structured: 2026-12-01T10:00:00.123789-05:00 is read as 2026-12-01T15:00:00.123Z, sent on as 2026-12-01T15:00:00.123Z
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
