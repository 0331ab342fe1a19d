// Forwarding to an app on this machine: added latency and throughput, compared with a direct POST, a bare streaming
// proxy on `node:http`, and smee-client fed by a local event stream. Each server is a separate process; this one
// generates the load.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Pool } from "undici";

const BIN = fileURLToPath(new URL("../bin/bluum-hooks.js", import.meta.url));
const SMEE = import.meta.resolve("smee-client");
const ROUNDS = Number(process.argv[2] ?? 9);
const ONE_BY_ONE = 200;
/**
 * Pause between two deliveries that are sent one by one. Without it each server is measured in the state after the
 * previous response: the proxy at full speed, and a server that waits for the disk after a rest.
 */
const PAUSE_MS = 3;
const BURST = 4_000;
const CONNECTIONS = 50;
const SECRET = "bench-secret";
const folder = mkdtempSync(join(tmpdir(), "bluum-hooks-bench-"));

const READY = `require("node:fs").writeFileSync(process.argv[1], JSON.stringify({ localUrl: "http://127.0.0.1:" + this.address().port + "/hooks" }));`;

/**
 * The app: reads the body, answers 200, and reports how often it was called, or when it had each complete delivery.
 * The clock is the machine's, the same in every process. It keeps connections between rounds: closing one while it is
 * used again would end the bare proxy.
 */
const APP = `
  let count = 0;
  let arrivals = {};
  require("node:http").createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    if (request.url === "/arrivals") { response.end(JSON.stringify(arrivals)); arrivals = {}; return; }
    if (request.method === "GET") return response.end(String(count));
    request.on("data", () => {});
    request.on("end", () => {
      arrivals[request.headers["x-serial"]] = Number(process.hrtime.bigint()) / 1e6;
      count += 1;
      response.writeHead(200, { "content-length": 0 });
      response.end();
    });
  }).listen(0, "127.0.0.1", function () { ${READY} });
`;

/** A bare proxy: both bodies are piped in chunks, over connections that are kept open. */
const PROXY = `
  const http = require("node:http");
  const target = new URL(process.argv[2]);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  http.createServer((request, response) => {
    const { host, ...headers } = request.headers;
    const onward = http.request(target, { method: request.method, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  }).listen(0, "127.0.0.1", function () { ${READY} });
`;

/** A substitute for smee.io: POSTs are republished as an event stream in its format. */
const CHANNEL = `
  const readers = new Set();
  require("node:http").createServer((request, response) => {
    if (request.method === "GET") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
      response.write("event: ready\\ndata: {}\\n\\n");
      readers.add(response);
      return;
    }
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const { host, "content-length": _, ...headers } = request.headers;
      const event = JSON.stringify({ ...headers, body: JSON.parse(Buffer.concat(chunks)), query: {}, timestamp: Date.now() });
      for (const reader of readers) reader.write("data: " + event + "\\n\\n");
      response.end();
    });
  }).listen(0, "127.0.0.1", function () { ${READY} });
`;

const SMEE_CLIENT = `
  import("${SMEE}").then(async ({ default: SmeeClient }) => {
    const client = new SmeeClient({ source: process.argv[2], target: process.argv[3], logger: { info() {}, error() {} } });
    await client.start();
    require("node:fs").writeFileSync(process.argv[1], JSON.stringify({ localUrl: process.argv[2] }));
  });
`;

let servers = 0;
const children = [];
/** Starts a server and waits for the file with its URL. Its output is discarded. */
async function start(/** @type {(readyFile: string) => string[]} */ args) {
  const readyFile = join(folder, `ready-${(servers += 1)}`);
  const child = spawn(process.execPath, args(readyFile), {
    env: { PATH: process.env.PATH, BLUUM_HOOKS_HOME: folder, BLUUM_WEBHOOK_SECRET: SECRET },
    stdio: ["ignore", "ignore", "inherit"],
  });
  children.push(child);
  while (!existsSync(readyFile)) await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, 100));
  return JSON.parse(readFileSync(readyFile, "utf8")).localUrl;
}

let serial = 0;
/** A signed delivery of 1 KB that differs every time. */
function next() {
  serial += 1;
  const head = `{"event":"order.filled","timestamp":"2025-06-15T14:30:15Z","data":{"id":"ord_${serial}","pad":"`;
  const body = `${head}${"x".repeat(1024 - head.length - 3)}"}}`;
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  const headers = { "content-type": "application/json", "x-bluum-signature": `sha256=${signature}` };
  return { body, headers: { ...headers, "x-serial": String(serial) } };
}

/** Resolves when the condition holds. Rejects after 30 s, because a lost delivery would never arrive. */
async function until(/** @type {() => Promise<boolean>} */ holds, /** @type {string} */ what) {
  const deadline = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what} did not reach the app within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

async function post(/** @type {Pool} */ pool, /** @type {string} */ url, delivery = next()) {
  const answer = await pool.request({ path: new URL(url).pathname, method: "POST", ...delivery });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`${url} answered ${answer.statusCode}`);
}

const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/**
 * Milliseconds for each of many deliveries, one after the other, with a pause between them or back to back: until the
 * app had it, and until the sender had its response.
 */
async function oneByOne(/** @type {string} */ url, /** @type {string} */ app, pauseMs = PAUSE_MS) {
  const pool = new Pool(new URL(url).origin, { connections: 1 });
  const deliveries = Array.from({ length: ONE_BY_ONE }, next);
  await fetch(new URL("/arrivals", app));
  const sent = [];
  for (const delivery of deliveries) {
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const at = nowMs();
    await post(pool, url, delivery);
    sent.push({ serial: delivery.headers["x-serial"], at, answered: nowMs() });
  }
  await pool.destroy();
  // An event stream answers before the app has the delivery.
  const arrivals = {};
  await until(async () => {
    Object.assign(arrivals, await (await fetch(new URL("/arrivals", app))).json());
    return Object.keys(arrivals).length >= ONE_BY_ONE;
  }, `all that was sent to ${url}`);
  return {
    arrived: sent.map(({ serial: each, at }) => arrivals[each] - at),
    answered: sent.map(({ at, answered }) => answered - at),
  };
}

/** Deliveries per second that reach the app, out of many that are sent over fifty connections. */
async function burst(/** @type {string} */ url, /** @type {string} */ app) {
  const pool = new Pool(new URL(url).origin, { connections: CONNECTIONS });
  const deliveries = Array.from({ length: BURST }, next);
  const count = async () => Number(await (await fetch(app)).text());
  const before = await count();
  const at = performance.now();
  const work = Array.from({ length: CONNECTIONS }, async () => {
    for (let each = deliveries.pop(); each !== undefined; each = deliveries.pop()) await post(pool, url, each);
  });
  await Promise.all(work);
  await until(async () => (await count()) - before >= BURST, `all that was sent to ${url}`);
  const seconds = (performance.now() - at) / 1000;
  await pool.destroy();
  return BURST / seconds;
}

try {
  const app = await start((ready) => ["-e", APP, ready]);
  const bare = await start((ready) => ["-e", PROXY, ready, app]);
  const ours = await start((ready) => [
    BIN,
    "listen",
    "--no-register",
    "--port",
    "0",
    "--path",
    "/hooks",
    "--json",
    "--forward-to",
    app,
    "--ready-file",
    ready,
  ]);
  const channel = await start((ready) => ["-e", CHANNEL, ready]);
  const smee = await start((ready) => ["-e", SMEE_CLIENT, ready, channel, app]);
  const single = { direct: app, bare, ours, smee };
  const backToBack = { direct: app, bare, ours };
  const bursts = { bare, ours, smee };
  const latencies = { direct: [], bare: [], ours: [], smee: [] };
  const answers = { direct: [], bare: [], ours: [], smee: [] };
  const hurried = { direct: [], bare: [], ours: [] };
  const rates = { bare: [], ours: [], smee: [] };
  for (const url of Object.values(single)) await oneByOne(url, app);
  for (const url of Object.values(bursts)) await burst(url, app);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, url] of Object.entries(single)) {
      const { arrived, answered } = await oneByOne(url, app);
      latencies[name].push(...arrived);
      answers[name].push(...answered);
    }
    for (const [name, url] of Object.entries(backToBack)) hurried[name].push(...(await oneByOne(url, app, 0)).arrived);
    for (const [name, url] of Object.entries(bursts)) rates[name].push(await burst(url, app));
  }
  const added = (times, name) => median(times[name]) - median(times.direct);
  const rate = (name) => median(rates[name]);
  const ms = (value) => `${value.toFixed(2)} ms`;
  console.log(`Node ${process.version}, 1 KB, ${ROUNDS} rounds, medians`);
  console.log(
    `until the app has it        ${(added(latencies, "ours") / added(latencies, "bare")).toFixed(2)} × what the bare proxy adds   (limit 1.5)   ${ms(added(latencies, "ours"))} against ${ms(added(latencies, "bare"))}; smee-client adds ${ms(added(latencies, "smee"))}; direct ${ms(median(latencies.direct))}`,
  );
  console.log(
    `until the sender is told    ${(added(answers, "ours") / added(answers, "bare")).toFixed(2)} × what the bare proxy adds                 ${ms(added(answers, "ours"))} against ${ms(added(answers, "bare"))}, with the delivery on the disk`,
  );
  console.log(
    `the same, back to back      ${(added(hurried, "ours") / added(hurried, "bare")).toFixed(2)} × what the bare proxy adds                 ${ms(added(hurried, "ours"))} against ${ms(added(hurried, "bare"))}, until the app has it`,
  );
  console.log(
    `throughput     ${(rate("ours") / rate("bare")).toFixed(2)} × the bare proxy's   (limit 0.6)   ${Math.round(rate("ours"))}/s against ${Math.round(rate("bare"))}/s`,
  );
  console.log(
    `throughput     ${(rate("ours") / rate("smee")).toFixed(2)} × smee-client's      (limit 1)     ${Math.round(rate("ours"))}/s against ${Math.round(rate("smee"))}/s`,
  );
} finally {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
