// Memory while an app does not answer: 900 deliveries of 100 KB, each on a connection of its own, whose senders wait
// for the app. Compared with a bare `node:http` server that discards the bodies and does not answer either.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const BIN = process.argv[2] ?? fileURLToPath(new URL("../bin/bluum-hooks.js", import.meta.url));
const DELIVERIES = 900;
const BYTES = 100_000;
/** Pause between two deliveries: 50 MB a second. */
const PAUSE_MS = 2;
const SECRET = "bench-secret";
const folder = mkdtempSync(join(tmpdir(), "bluum-hooks-bench-"));

const LIMIT_MB = 220;

const BARE = `
  require("node:http").createServer((request) => {
    request.resume();
    request.on("end", () => console.log(JSON.stringify({ type: "delivery" })));
  }).listen(0, "127.0.0.1", function () {
    require("node:fs").writeFileSync(process.argv[1], JSON.stringify({ localUrl: "http://127.0.0.1:" + this.address().port + "/" }));
  });
`;

let serial = 0;
/** A signed delivery of 100 KB, as bytes of HTTP. */
function next(/** @type {URL} */ url) {
  serial += 1;
  const head = `{"event":"order.filled","timestamp":"2025-06-15T14:30:15Z","data":{"id":"ord_${serial}","pad":"`;
  const body = `${head}${"x".repeat(BYTES - head.length - 3)}"}}`;
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  return `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\nX-Bluum-Signature: sha256=${signature}\r\nContent-Length: ${BYTES}\r\n\r\n${body}`;
}

const memory = (/** @type {number} */ pid, field = "VmRSS") =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

/** Megabytes before the deliveries, at most while they come, and when all of them wait; how many were answered. */
async function measure(/** @type {string} */ name, /** @type {(readyFile: string) => string[]} */ args) {
  const readyFile = join(folder, `ready-${name}`);
  const output = `${readyFile}.out`;
  const child = spawn(process.execPath, args(readyFile), {
    env: { PATH: process.env.PATH, BLUUM_HOOKS_HOME: join(folder, name), BLUUM_WEBHOOK_SECRET: SECRET },
    stdio: ["ignore", openSync(output, "w"), "inherit"],
  });
  const pid = child.pid ?? 0;
  while (!existsSync(readyFile)) await delay(20);
  const url = new URL(JSON.parse(readFileSync(readyFile, "utf8")).localUrl);
  await delay(500);
  const before = memory(pid);
  let answers = 0;
  const senders = [];
  for (let sent = 0; sent < DELIVERIES; sent += 1) {
    const sender = connect(Number(url.port), url.hostname);
    sender.on("data", () => (answers += 1)).on("error", () => {});
    sender.write(next(url));
    senders.push(sender);
    await delay(PAUSE_MS);
  }
  const told = () => readFileSync(output, "latin1").split('"type":"delivery"').length - 1;
  for (const end = Date.now() + 60_000; told() < DELIVERIES && Date.now() < end;) await delay(50);
  const result = { before, most: memory(pid, "VmHWM"), after: memory(pid), answers };
  const isOver = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await isOver;
  for (const sender of senders) sender.destroy();
  return result;
}

const app = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
try {
  await new Promise((resolve) => app.once("listening", resolve));
  const { port } = /** @type {import("node:net").AddressInfo} */ (app.address());
  const bare = await measure("bare", (readyFile) => ["-e", BARE, readyFile]);
  const ours = await measure("ours", (readyFile) => [
    BIN,
    "listen",
    "--no-register",
    "--port",
    "0",
    "--json",
    "--forward-to",
    String(port),
    "--ready-file",
    readyFile,
  ]);
  const mb = (/** @type {number} */ value) => `${Math.round(value)} MB`;
  console.log(`Node ${process.version}, ${DELIVERIES} deliveries of ${BYTES / 1000} KB, an app that does not answer`);
  console.log(
    `memory         ${mb(ours.most)} at most   (limit ${LIMIT_MB} MB)   ${mb(ours.before)} before, ${mb(ours.after)} after; the bare server ${mb(bare.most)}, ${mb(bare.before)} before`,
  );
  console.log(`answered       ${ours.answers}   (limit 0)`);
} finally {
  app.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(); // oxlint-disable-line unicorn/no-process-exit -- the connections to the app are still open
}
