// Reading a million stored deliveries, compared with a thousand: each command as a whole process, alternating. The
// stores are written with the program's own schema, so that they equal those of a listener.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../bin/bluum-hooks.js", import.meta.url));
const ROUNDS = Number(process.argv[2] ?? 9);
const MANY = Number(process.argv[3] ?? 1_000_000);
const FEW = 1_000;
const LIMIT = 2;
const START = Date.parse("2025-06-15T00:00:00Z");
const EVENTS = ["order.accepted", "order.filled", "transfer.deposit.initiated", "transfer.deposit.completed"];

const require = createRequire(import.meta.url);
/** Node's own SQLite, or libsql without it, as the program chooses. */
function openDatabase(/** @type {string} */ file) {
  try {
    const { DatabaseSync } = require("node:sqlite");
    return new DatabaseSync(file);
  } catch {
    const Database = require("libsql");
    return new Database(file);
  }
}

const folder = mkdtempSync(join(tmpdir(), "bluum-hooks-bench-"));

function run(/** @type {string} */ home, /** @type {string[]} */ args) {
  const { status, stderr } = spawnSync(process.execPath, [BIN, "events", ...args], {
    env: { PATH: process.env.PATH, BLUUM_HOOKS_HOME: home },
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
}

/** A store with this number of deliveries of 0.5 KB, two for each order or transfer; every fifth was forwarded. */
function makeStore(/** @type {string} */ name, /** @type {number} */ count) {
  const home = join(folder, name);
  run(home, ["prune", "--older-than", "9000d", "--yes"]); // creates the store
  const database = openDatabase(join(home, "store.db"));
  database.exec("PRAGMA synchronous = OFF; BEGIN");
  const delivery = database.prepare(
    "INSERT INTO deliveries VALUES (?, ?, 'sandbox', ?, ?, ?, ?, 'verified', '{\"verdict\":\"verified\"}', 'first', 1, NULL, ?, ?)",
  );
  const answer = database.prepare("INSERT INTO answers (seq, status, duration_ms) VALUES (?, 200, 1.5)");
  const identity = database.prepare(
    "INSERT INTO identities (environment, key, first_id, attempts, acknowledged, last_received_at) VALUES ('sandbox', ?, ?, 1, 1, ?)",
  );
  const forward = database.prepare(
    "INSERT INTO forwards (delivery_seq, cause, url, started_at, duration_ms, status, headers, body, body_bytes) VALUES (?, 'live', 'http://localhost:3000/', ?, 5, 200, '[]', x'', 0)",
  );
  const head = JSON.stringify(["POST", "/webhooks/bluum", [["content-type", "application/json"]]]);
  for (let index = 0; index < count; index += 1) {
    const at = START + index * 10;
    const resource = `ord_${createHash("sha1")
      .update(String(index >> 1))
      .digest("hex")
      .slice(0, 16)}`;
    const event = EVENTS[index % EVENTS.length] ?? "";
    const body = JSON.stringify({ event, timestamp: String(at), data: { id: resource, pad: "x".repeat(400) } });
    const key = createHash("sha256").update(String(index)).digest("hex");
    const id = `dlv_${key.slice(0, 16)}`;
    const seq = index + 1;
    delivery.run(seq, id, at, JSON.stringify(event), JSON.stringify(resource), key, head, Buffer.from(body));
    answer.run(seq);
    identity.run(key, id, at);
    if (index % 5 === 0) forward.run(seq, at);
  }
  database.exec("COMMIT");
  database.close();
  // In the middle of the store, far from both ends.
  const middle = count >> 1;
  return {
    home,
    id: `dlv_${createHash("sha256").update(String(middle)).digest("hex").slice(0, 16)}`,
    resource: `ord_${createHash("sha1")
      .update(String(middle >> 1))
      .digest("hex")
      .slice(0, 16)}`,
  };
}

/** @type {[name: string, args: (store: ReturnType<typeof makeStore>) => string[]][]} */
const SUBJECTS = [
  ["list", () => ["list"]],
  ["list --event", () => ["list", "--event", "order.*"]],
  ["list --resource", ({ resource }) => ["list", "--resource", resource]],
  ["show", ({ id }) => ["show", id]],
  ["timeline", ({ resource }) => ["timeline", resource]],
];

try {
  const [few, many] = [makeStore("few", FEW), makeStore("many", MANY)];
  const times = SUBJECTS.map(() => ({ few: /** @type {number[]} */ ([]), many: /** @type {number[]} */ ([]) }));
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const [at, [, argsFor]] of SUBJECTS.entries()) {
      for (const [name, store] of /** @type {const} */ ([
        ["few", few],
        ["many", many],
      ])) {
        const start = performance.now();
        run(store.home, argsFor(store));
        if (round >= 0) times[at]?.[name].push(performance.now() - start);
      }
    }
  }
  const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  console.log(`Node ${process.version}, ${MANY} deliveries against ${FEW}, ${ROUNDS} rounds, medians`);
  for (const [at, [name]] of SUBJECTS.entries()) {
    const [small, large] = [median(times[at]?.few ?? []), median(times[at]?.many ?? [])];
    const ratio = large / small;
    const verdict = ratio <= LIMIT ? "ok" : "OVER";
    console.log(
      `${name.padEnd(16)} ${ratio.toFixed(2)} ×  (limit ${LIMIT}: ${verdict})  ${Math.round(large)} ms against ${Math.round(small)} ms`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
