import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The bundled parts of the program. @typedef {typeof import("./program.js")} Program */
/** @typedef {Awaited<ReturnType<Program["startPostgres"]>>} Server */

export const BIN = fileURLToPath(new URL("../../bin/bluum-hooks.js", import.meta.url));
export const BATCH = 500;

export const at = (/** @type {number[]} */ values, /** @type {number} */ part) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0;
export const median = (/** @type {number[]} */ values) => at(values, 0.5);

/** A line of the report. The limit is a smallest value if it begins with ≥. */
export function report(
  /** @type {string} */ name,
  /** @type {number} */ value,
  /** @type {`${"≥" | "≤"} ${number}`} */ limit,
  about = "",
) {
  const bound = Number(limit.slice(2));
  const isMet = limit.startsWith("≥") ? value >= bound : value <= bound;
  console.log(
    `${name.padEnd(44)} ${value.toFixed(2).padStart(6)} ×  (limit ${limit}: ${isMet ? "ok" : "MISSED"})  ${about}`,
  );
}

/** Seconds. */
export async function timed(/** @type {() => Promise<unknown>} */ work) {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

let serial = 0;
/** A body of 1 KB that differs every time, and does not compress to nothing. */
export function nextBody() {
  serial += 1;
  const head = `{"event":"order.filled","timestamp":"2025-06-15T14:30:15Z","data":{"id":"ord_${serial}","pad":"`;
  return `${head}${randomBytes(450)
    .toString("hex")
    .slice(0, 1024 - head.length - 3)}"}}`;
}

/** Sealed deliveries, as a member ships them. */
export function sealed(
  /** @type {Program} */ { encodeRecord, seal },
  /** @type {number} */ count,
  /** @type {import("../../src/team/seal.ts").TeamKey} */ key,
  /** @type {string} */ log,
) {
  return Array.from({ length: count }, () => {
    const body = Buffer.from(nextBody());
    const hash = createHash("sha256").update(body).digest("hex");
    const id = `dlv_${hash.slice(0, 16)}`;
    const record = encodeRecord({
      receivedAt: Date.now(),
      environment: "sandbox",
      method: "POST",
      path: "/webhooks/bluum",
      headers: [
        ["Content-Type", "application/json"],
        ["X-Bluum-Signature", `sha256=${hash}`],
      ],
      event: "order.filled",
      resourceId: `ord_${serial}`,
      identity: { source: "bytes", key: hash },
      verification: { verdict: "verified" },
      answer: { status: 200, durationMs: 1.5 },
      member: "ana@laptop",
      body,
    });
    return { id, sealed: seal(record, key, { log, id }) };
  });
}

/** Removed at the end. */
export const folder = mkdtempSync(join(tmpdir(), "bluum-hooks-bench-"));
export const newFolder = () => mkdtempSync(join(folder, "home-"));

export function run(/** @type {string} */ home, /** @type {string[]} */ args, input = "") {
  const cwd = join(home, "project");
  mkdirSync(cwd, { recursive: true });
  const env = { PATH: process.env.PATH, BLUUM_HOOKS_HOME: home };
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { cwd, env, input, encoding: "utf8" });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
  return stdout.trim();
}

/** Starts a command with `--json`; `record` waits for one that the test accepts. */
export function start(
  /** @type {string} */ home,
  /** @type {string[]} */ args,
  /** @type {Record<string, string>} */ more = {},
) {
  const env = { PATH: process.env.PATH, BLUUM_HOOKS_HOME: home, ...more };
  const cwd = join(home, "project");
  mkdirSync(cwd, { recursive: true });
  const child = spawn(process.execPath, [BIN, ...args, "--json"], { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  /** @type {Set<(line: string) => void>} */
  const watchers = new Set();
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (watchers.size > 0) for (const line of lines) for (const watch of watchers) watch(line);
  });
  return {
    pid: child.pid ?? 0,
    /** @returns {Promise<any>} */
    record: (/** @type {string} */ words) =>
      new Promise((resolve, reject) => {
        const watch = (/** @type {string} */ line) => {
          if (!line.includes(words)) return;
          watchers.delete(watch);
          resolve(JSON.parse(line));
        };
        watchers.add(watch);
        void ended.then((code) => reject(new Error(`${args[0]} ended with ${code} before ${words}`)));
      }),
    async stop() {
      child.kill("SIGINT");
      await ended;
    },
  };
}

/** The home of a member that has created the team, its invite, and a connection to the log. */
export async function newTeam(/** @type {Program} */ program, /** @type {Server} */ server, environment = "sandbox") {
  const url = await server.database();
  const home = newFolder();
  run(home, ["team", "init", "acme", "--stdin", "--env", environment], url);
  const text = run(home, ["team", "status", "--print-secret"]);
  const invite = program.parseInvite(text);
  const connect = () =>
    program.TeamLog.open(
      new program.TeamDatabase({ address: program.parseDatabaseUrl(url), applicationName: "bench" }),
      invite,
    );
  return { url, home, text, invite, connect };
}
