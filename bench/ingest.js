// Accepted, verified and durable deliveries, compared with a bare `node:http` server that reads the body and answers
// 200, and with one that also writes each body to the disk, with one write for all that wait: what any program that
// loses nothing must do. All run as separate processes and are loaded by autocannon from this one, alternating. Work that the listener
// defers until after a load is finished before the next one begins, and every accepted delivery has been reported by
// then.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
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

const DURABLE = `
  const { constants, openSync, write, writeSync } = require("node:fs");
  const file = openSync(process.argv[1] + ".log", constants.O_CREAT | constants.O_WRONLY | (constants.O_DSYNC ?? constants.O_SYNC ?? 0));
  const SIZE = 64 * 1024 * 1024;
  writeSync(file, Buffer.alloc(SIZE), 0, SIZE, 0);
  let [at, waiting, isWriting, isArmed] = [0, [], false, false];
  function arm() {
    if (!isArmed) setImmediate(() => { isArmed = false; flush(); });
    isArmed = true;
  }
  function flush() {
    if (isWriting || waiting.length === 0) return;
    isWriting = true;
    const batch = waiting.splice(0);
    const bytes = Buffer.concat(batch.map(({ body }) => body));
    if (at + bytes.length > SIZE) at = 0;
    write(file, bytes, 0, bytes.length, at, (error) => {
      if (error) throw error;
      at += bytes.length;
      isWriting = false;
      for (const { response } of batch) response.writeHead(200, { "content-length": 0 }).end();
      arm();
    });
  }
  require("node:http").createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => { waiting.push({ body: Buffer.concat(chunks), response }); arm(); });
  }).listen(0, "127.0.0.1", function () {
    require("node:fs").writeFileSync(process.argv[1], JSON.stringify({ localUrl: "http://127.0.0.1:" + this.address().port + "/" }));
  });
`;

let servers = 0;
const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts a server and waits for the file with its URL. Its output goes to a file. */
async function start(/** @type {(readyFile: string) => string[]} */ args) {
  const readyFile = join(folder, `ready-${(servers += 1)}`);
  const output = openSync(`${readyFile}.out`, "a+");
  const child = spawn(process.execPath, args(readyFile), {
    env: { PATH: process.env.PATH, BLUUM_HOOKS_HOME: folder, BLUUM_WEBHOOK_SECRET: SECRET },
    stdio: ["ignore", output, "inherit"],
  });
  while (!existsSync(readyFile)) await sleep(20);
  return { child, url: JSON.parse(readFileSync(readyFile, "utf8")).localUrl, told: countDeliveries(output) };
}

/** Counts the records of deliveries in a growing output file. */
function countDeliveries(/** @type {number} */ output) {
  const buffer = Buffer.alloc(1024 * 1024);
  let [position, count, rest] = [0, 0, ""];
  return () => {
    for (let read = 1; read > 0; position += read) {
      read = readSync(output, buffer, 0, buffer.length, position);
      const lines = (rest + buffer.latin1Slice(0, read)).split("\n");
      rest = lines.pop() ?? "";
      count += lines.filter((line) => line.includes('"type":"delivery"')).length;
    }
    return count;
  };
}

/** Waits until the listener has reported as many deliveries as it has accepted; returns seconds. */
async function catchUp(/** @type {{ told: () => number }} */ listener, /** @type {number} */ accepted) {
  const at = performance.now();
  while (listener.told() < accepted) await sleep(100);
  return (performance.now() - at) / 1000;
}
const bareServer = (/** @type {string} */ readyFile) => ["-e", BARE, readyFile];
const durableServer = (/** @type {string} */ readyFile) => ["-e", DURABLE, readyFile];
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
/** A signed body of 1 KB that differs every time. */
function next() {
  serial += 1;
  const head = `{"event":"order.filled","timestamp":"2025-06-15T14:30:15Z","data":{"id":"ord_${serial}","pad":"`;
  const body = `${head}${"x".repeat(1024 - head.length - 3)}"}}`;
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  return { body, headers: { "content-type": "application/json", "x-bluum-signature": `sha256=${signature}` } };
}

// Signing is not measured: the bodies are created beforehand and used once each.
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

const answered = (/** @type {import("autocannon").Result} */ run) => {
  if (run.non2xx > 0 || run.errors > 0) throw new Error(`${run.non2xx} refused, ${run.errors} errors`);
  return run["2xx"];
};

try {
  const bare = await start(bareServer);
  const durable = await start(durableServer);
  const listener = await start(listenServer);
  const runs = { bare: [], durable: [], listener: [] };
  const caughtUp = [];
  await load(bare.url);
  await load(durable.url);
  let accepted = answered(await load(listener.url));
  await catchUp(listener, accepted);
  for (let round = 0; round < ROUNDS; round += 1) {
    runs.bare.push(await load(bare.url));
    runs.durable.push(await load(durable.url));
    const run = await load(listener.url);
    runs.listener.push(run);
    accepted += answered(run);
    caughtUp.push(await catchUp(listener, accepted));
  }
  const rate = (name) => median(runs[name].map((run) => run.requests.average));
  const p99 = (name) => median(runs[name].map((run) => run.latency.p99));
  console.log(`Node ${process.version}, 1 KB, 50 connections, ${ROUNDS} × ${SECONDS} s, medians`);
  console.log(
    `rate      ${(rate("listener") / rate("bare")).toFixed(2)} × bare   (limit 0.40)   ${Math.round(rate("listener"))}/s against ${Math.round(rate("bare"))}/s`,
  );
  console.log(
    `p99       ${(p99("listener") / p99("bare")).toFixed(2)} × bare   (limit 4)      ${p99("listener")} ms against ${p99("bare")} ms`,
  );
  console.log(
    `durable   ${(rate("listener") / rate("durable")).toFixed(2)} × a server that only writes to the disk: rate ${(rate("durable") / rate("bare")).toFixed(2)} × bare, p99 ${p99("durable")} ms`,
  );
  console.log(`told      all ${accepted}, the last ${median(caughtUp).toFixed(1)} s after ${SECONDS} s of load`);
  bare.child.kill("SIGKILL");
  durable.child.kill("SIGKILL");
  listener.child.kill("SIGINT");

  if (process.argv.includes("--memory")) {
    const fresh = await start(listenServer);
    const pid = fresh.child.pid ?? 0;
    const send = (/** @type {number} */ amount) =>
      autocannon({
        url: fresh.url,
        method: "POST",
        connections: 50,
        amount,
        requests: [{ setupRequest: (request) => ({ ...request, ...(pool[used++ % pool.length] ?? next()) }) }],
      });
    await send(10_000);
    await catchUp(fresh, 10_000);
    const early = rss(pid);
    await send(490_000);
    const loaded = rss(pid);
    await catchUp(fresh, 500_000);
    const late = Math.max(loaded, rss(pid));
    console.log(
      `memory    ${(late / early).toFixed(2)} × after 500,000 deliveries against 10,000   (limit 1.5)   ${Math.round(late)} MB against ${Math.round(early)} MB`,
    );
    fresh.child.kill("SIGINT");
  }
} finally {
  setTimeout(() => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(); // oxlint-disable-line unicorn/no-process-exit -- a standalone script
  }, 1_000);
}
