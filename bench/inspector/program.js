import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../bin/bluum-hooks.js", import.meta.url));

export const SECRET = "bench";

export const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
export const p95 = (/** @type {number[]} */ values) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? 0;
export const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A line of the report. */
export function report(
  /** @type {string} */ name,
  /** @type {number} */ value,
  /** @type {number} */ limit,
  /** @type {string} */ unit,
  about = "",
) {
  const verdict = value <= limit ? "ok" : "OVER";
  const shown = value < 10 ? value.toFixed(2) : Math.round(value);
  console.log(`${name.padEnd(46)} ${String(shown).padStart(7)} ${unit}  (limit ${limit}: ${verdict})  ${about}`);
}

/** Starts the program with a home folder, and waits for the record that has the URLs. */
export async function start(/** @type {string} */ home, /** @type {string[]} */ args) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [BIN, ...args, "--json"], {
    env: { PATH: process.env.PATH, BLUUM_HOOKS_HOME: home, BLUUM_WEBHOOK_SECRET: SECRET },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let text = "";
  const ready = await new Promise((resolve, reject) => {
    child.stdout.on("data", (/** @type {Buffer} */ chunk) => {
      if (text === "done") return;
      text += chunk;
      const record = text.split("\n").find((line) => line.includes("Url"));
      if (record === undefined || !text.includes("\n")) return;
      text = "done";
      resolve(JSON.parse(record));
    });
    child.once("exit", (code) => reject(new Error(`${args[0]} ended with ${code}`)));
  });
  const url = new URL(ready.inspectorUrl ?? "http://127.0.0.1/");
  return {
    startedMs: performance.now() - startedAt,
    localUrl: String(ready.localUrl),
    inspectorUrl: url.href,
    /** Resident memory in megabytes. */
    rss: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024,
    /** Asks the inspector, as a script does. */
    async get(/** @type {string} */ path) {
      const response = await fetch(`${url.origin}/_inspector/${path}`, {
        headers: { authorization: `Bearer ${url.hash.slice(1)}` },
      });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return response.json();
    },
    async stop() {
      child.kill("SIGINT");
      await ended;
    },
  };
}
