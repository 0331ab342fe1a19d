import { readOnlyHomeIsEnoughFor } from "../support/read-only-home.ts";

readOnlyHomeIsEnoughFor([
  [["events", "show", "dlv_3"], 0, /dlv_3/],
  [["events", "timeline", "ord_dlv_1"], 0, /order\.filled/],
  [["events", "stats"], 0, /received +3/],
  [["events", "export"], 0, /"dlv_3"/],
  [["events", "tail", "--last", "3", "--count", "3", "--json"], 0, /"dlv_3"/],
  [["events", "replay", "dlv_1", "--to", "9", "--dry-run"], 0, /not sent/],
  [["events", "prune", "--older-than", "1d", "--dry-run"], 0, /Would delete/],
  [["completion", "bash", "complete", "--", "events", "show", ""], 0, /dlv_3/],
  [["config", "list"], 0, /env +sandbox/],
  [["config", "get", "env"], 0, /sandbox/],
  [["restore", "--list", "--json"], 0, /\[\]/],
  [["webhooks", "list", "--json"], 0, /\[\]/],
  [["event-types"], 0, /order\.filled/],
  [["doctor"], 1, /sound: 3 deliveries[^]*✗ store .*cannot/],
  [["trigger", "order", "--json"], 0, /"order"/],
  [["exec", "--", "env"], 0, /BLUUM_WEBHOOK_SECRET=whsec_/],
  [["sign", "BODY"], 0, /webhook-signature/],
  [["verify", "BODY", "--headers-file", "HEADERS"], 6, /mismatch/],
  [["trigger", "event", "order.filled", "--to", "APP"], 0, /✓ 200/],
  [["check", "APP", "--only", "transport.reachable", "--json"], 0, /"passed":true/],
]);
