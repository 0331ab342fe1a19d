// Start-up of commands and memory once `listen` is ready, as ratios to an empty program on the same Node, interleaved
// in one run. `node bench/startup.js 15 ../other/bin/bluum-hooks.js` measures another build as well.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROUNDS = Number(process.argv[2] ?? 15);
const WARM_UP = 2;
const BUILDS = [fileURLToPath(new URL("../bin/bluum-hooks.js", import.meta.url)), ...process.argv.slice(3)];
const IS_NODE_20 = process.version.startsWith("v20.");

// Certificates that Node 20 parses at each start triple the base, and cached code would distort the result.
const NOT_HANDED_ON = ["NODE_EXTRA_CA_CERTS", "NODE_OPTIONS", "NODE_COMPILE_CACHE", "NODE_DISABLE_COMPILE_CACHE"];
const home = mkdtempSync(join(tmpdir(), "bluum-startup-"));
const env = /** @type {NodeJS.ProcessEnv} */ ({ ...process.env, BLUUM_HOOKS_HOME: join(home, "stored") });
for (const name of NOT_HANDED_ON) delete env[name];

/** Highest ratio to an empty program: Node 20, later versions. */
const SUBJECTS = [
  { args: ["--version"], limits: [1.25, 1.3] },
  { args: ["--help"], limits: [1.25, 1.3] },
  { args: ["listen", "--help"], limits: [1.3, 1.35] },
  { args: ["trigger", "order", "--dry-run", "--env", "emulator"], limits: [4, 4] },
  { args: ["events", "list", "--env", "emulator"], limits: [4.5, 4.5] },
  { args: ["doctor", "--env", "emulator"], limits: [5.5, 5.5] },
];
/** Until the first answer to an agent. */
const MCP_LIMITS = [5, 4];
const READY_LIMITS = [7.7, 6.6];
const MEMORY_LIMITS = [71, 76];

/** Milliseconds until the process has ended. */
function run(/** @type {string[]} */ args) {
  const start = performance.now();
  const { error } = spawnSync(process.execPath, args, { stdio: "ignore", env });
  if (error) throw error;
  return performance.now() - start;
}

/** Milliseconds until `mcp` answers an agent's first message; not a number for a build without it. */
async function firstAnswer(/** @type {string} */ bin) {
  const start = performance.now();
  const child = spawn(process.execPath, [bin, "mcp"], { stdio: ["pipe", "pipe", "ignore"], env });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "bench", version: "0" } };
  child.stdin.on("error", () => {});
  child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n`);
  const answered = new Promise((resolve) => child.stdout.once("data", () => resolve(performance.now() - start)));
  const ms = await Promise.race([answered, ended.then(() => Number.NaN)]);
  child.stdin.end();
  await ended;
  return ms;
}

/** Milliseconds until `listen` is ready in a new folder, and its memory in megabytes. */
async function listen(/** @type {string} */ bin) {
  const folder = mkdtempSync(join(home, "new-"));
  const start = performance.now();
  const args = [bin, "listen", "--env", "emulator", "--port", "0", "--forward-to", "1", "--json"];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...env, BLUUM_HOOKS_HOME: folder },
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let text = "";
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.includes('"type":"ready"')) break;
  }
  const ms = performance.now() - start;
  const mb = residentMegabytes(child.pid ?? 0);
  child.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true });
  return { ms, mb };
}

function residentMegabytes(/** @type {number} */ pid) {
  if (process.platform === "linux") {
    return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
  }
  return Number(spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).stdout) / 1024;
}

const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
/** @type {Map<string, number[]>} */
const measured = new Map();
const add = (/** @type {string} */ name, /** @type {number} */ value) =>
  measured.set(name, [...(measured.get(name) ?? []), value]);

try {
  // Creates a store to list.
  run([BUILDS[0] ?? "", "listen", "--env", "emulator", "--port", "0", "--trigger", "order", "--count", "1"]);
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    if (round === WARM_UP) measured.clear();
    add("node", run(["-e", "0"]));
    for (const [build, bin] of BUILDS.entries()) {
      for (const { args } of SUBJECTS) add(`${args.join(" ")} ${build}`, run([bin, ...args]));
      add(`mcp ${build}`, await firstAnswer(bin));
      const { ms, mb } = await listen(bin);
      add(`ready ${build}`, ms);
      add(`memory ${build}`, mb);
    }
  }
} finally {
  rmSync(home, { recursive: true });
}

const bare = median(measured.get("node") ?? []);
const limitOf = (/** @type {number[]} */ limits) => limits[IS_NODE_20 ? 0 : 1] ?? 0;
const row = (/** @type {string} */ title, /** @type {string} */ name, limit = 0, unit = "×", divisor = bare) => {
  const cells = BUILDS.map((_bin, build) => median(measured.get(`${name} ${build}`) ?? []) / divisor);
  const verdict = (cells[0] ?? 0) <= limit ? "ok" : "OVER";
  const figures = cells.map((cell) => `${cell.toFixed(unit === "×" ? 2 : 0).padStart(6)} ${unit}`).join("  ");
  console.log(`${title.padEnd(42)} ${figures}  (limit ${limit}: ${verdict})`);
};
console.log(`Node ${process.version}, ${ROUNDS} rounds, medians; bare ${bare.toFixed(0)} ms`);
for (const { args, limits } of SUBJECTS) row(args.join(" "), args.join(" "), limitOf(limits));
row("mcp until its first answer", "mcp", limitOf(MCP_LIMITS));
row("listen until ready", "ready", limitOf(READY_LIMITS));
row("memory when ready", "memory", limitOf(MEMORY_LIMITS), "MB", 1);
