// Accepted, verified and durable deliveries, against a bare `node:http` server that reads the body and answers 200.
// Both run as processes of their own and are loaded by autocannon from this one, in turns.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";

const BIN = fileURLToPath(new URL("../bin/bluum-hooks.js", import.meta.url));
const ROUNDS = 3;
const SECONDS = Number(process.argv[2] ?? 6);
const SECRET = "bench";
const folder = mkdtempSync(join(tmpdir(), "bluum-hooks-bench-"));

const BARE = `
  require("node:http").createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => { Buffer.concat(chunks); response.writeHead(200, { "content-length": 0 }); response.end(); });
  }).listen(0, "127.0.0.1", function () {
    require("node:fs").writeFileSync(process.argv[1], JSON.stringify({ localUrl: "http://127.0.0.1:" + this.address().port + "/" }));
  });
`;

let servers = 0;
/** Starts a server and waits for the file in which it says its URL. What it prints goes nowhere. */
async function start(/** @type {(readyFile: string) => string[]} */ args) {
  const readyFile = join(folder, `ready-${(servers += 1)}`);
  const child = spawn(process.execPath, args(readyFile), {
    env: { PATH: process.env.PATH, BLUUM_HOOKS_HOME: folder, BLUUM_WEBHOOK_SECRET: SECRET },
    stdio: ["ignore", "ignore", "inherit"],
  });
  while (!existsSync(readyFile)) await new Promise((resolve) => setTimeout(resolve, 20));
  return { child, url: JSON.parse(readFileSync(readyFile, "utf8")).localUrl };
}
const bareServer = (/** @type {string} */ readyFile) => ["-e", BARE, readyFile];
const listenServer = (/** @type {string} */ readyFile) => [
  BIN,
  "listen",
  "--no-register",
  "--port",
  "0",
  "--json",
  "--ready-file",
  readyFile,
];

let serial = 0;
/** A body of 1 KB that differs every time, with its signature. */
function next() {
  serial += 1;
  const head = `{"event":"order.filled","timestamp":"2025-06-15T14:30:15Z","data":{"id":"ord_${serial}","pad":"`;
  const body = `${head}${"x".repeat(1024 - head.length - 3)}"}}`;
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  return { body, headers: { "content-type": "application/json", "x-bluum-signature": `sha256=${signature}` } };
}

// Signing is not what is measured: the bodies are made beforehand and used once each.
const pool = Array.from({ length: 400_000 }, next);
let used = 0;

function load(/** @type {string} */ url) {
  return autocannon({
    url,
    method: "POST",
    connections: 50,
    duration: SECONDS,
    requests: [{ setupRequest: (request) => ({ ...request, ...(pool[used++ % pool.length] ?? next()) }) }],
  });
}

const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const rss = (/** @type {number} */ pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

try {
  const bare = await start(bareServer);
  const listener = await start(listenServer);
  const runs = { bare: [], listener: [] };
  await load(bare.url);
  await load(listener.url);
  for (let round = 0; round < ROUNDS; round += 1) {
    runs.bare.push(await load(bare.url));
    runs.listener.push(await load(listener.url));
  }
  const rate = (name) => median(runs[name].map((run) => run.requests.average));
  const p99 = (name) => median(runs[name].map((run) => run.latency.p99));
  for (const run of runs.listener) {
    if (run.non2xx > 0 || run.errors > 0) throw new Error(`${run.non2xx} refused, ${run.errors} errors`);
  }
  console.log(`Node ${process.version}, 1 KB, 50 connections, ${ROUNDS} × ${SECONDS} s, medians`);
  console.log(
    `rate      ${(rate("listener") / rate("bare")).toFixed(2)} × bare   (limit 0.40)   ${Math.round(rate("listener"))}/s against ${Math.round(rate("bare"))}/s`,
  );
  console.log(
    `p99       ${(p99("listener") / p99("bare")).toFixed(2)} × bare   (limit 4)      ${p99("listener")} ms against ${p99("bare")} ms`,
  );
  bare.child.kill("SIGKILL");
  listener.child.kill("SIGINT");

  if (process.argv.includes("--memory")) {
    const fresh = await start(listenServer);
    const send = (/** @type {number} */ amount) =>
      autocannon({
        url: fresh.url,
        method: "POST",
        connections: 50,
        amount,
        requests: [{ setupRequest: (request) => ({ ...request, ...(pool[used++ % pool.length] ?? next()) }) }],
      });
    await send(10_000);
    const early = rss(fresh.child.pid);
    await send(490_000);
    const late = rss(fresh.child.pid);
    console.log(
      `memory    ${(late / early).toFixed(2)} × after 500,000 deliveries against 10,000   (limit 1.5)   ${Math.round(late)} MB against ${Math.round(early)} MB`,
    );
    fresh.child.kill("SIGINT");
  }
} finally {
  setTimeout(() => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(); // oxlint-disable-line unicorn/no-process-exit -- a script of its own
  }, 1_000);
}
