import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../src/platform/clock.ts";
import { tempFolder } from "../temp.ts";

/** A program in a folder of its own that stands in for cloudflared or tailscale. */
export interface FakeProgram {
  /** The variables with which it is found. */
  readonly env: Record<string, string>;
  /** The arguments of each start so far. */
  starts(): string[][];
  /** The process ID of the newest start. */
  pid(): number;
  /** The signals that it has received. */
  signals(): string[];
}

/**
 * Writes an executable `name` that runs `body`, in which `out` and `err` print a line, `nth` counts the starts from 1,
 * `port` is the listener's port, and `hold` keeps it running.
 */
export function writeFakeProgram(name: string, body: string): FakeProgram {
  const folder = tempFolder();
  const at = (file: string) => join(folder, file);
  const file = at(name);
  writeFileSync(
    file,
    `#!${process.execPath}
const { appendFileSync, readFileSync, existsSync } = require("node:fs");
const log = ${JSON.stringify(at("starts.ndjson"))};
appendFileSync(log, JSON.stringify({ args: process.argv.slice(2), pid: process.pid, secret: process.env.BLUUM_API_SECRET }) + "\\n");
const nth = readFileSync(log, "utf8").trim().split("\\n").length;
const out = (line) => process.stdout.write(line + "\\n");
const err = (line) => process.stderr.write(line + "\\n");
const port = /:(\\d+)\\b/.exec(process.argv.at(-1))?.[1] ?? process.argv.at(-1);
const hold = () => setInterval(() => {}, 60_000);
for (const name of ["SIGINT", "SIGTERM"]) {
  process.on(name, () => { appendFileSync(${JSON.stringify(at("signals"))}, name + "\\n"); process.exit(0); });
}
${body}
`,
  );
  chmodSync(file, 0o755);
  const read = (name_: string) => (existsSync(at(name_)) ? readFileSync(at(name_), "utf8").trim().split("\n") : []);
  const starts = () => read("starts.ndjson").map((line) => JSON.parse(line) as { args: string[]; pid: number });
  return {
    env: { PATH: `${folder}:/usr/bin:/bin` },
    starts: () => starts().map(({ args }) => args),
    pid: () => starts().at(-1)?.pid ?? 0,
    signals: () => read("signals"),
  };
}

/** Waits until a process has ended. Its entry may remain until its new parent reads it. */
export async function untilEnded(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
      if (existsSync(`/proc/${pid}/stat`) && / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))) return;
    } catch {
      return;
    }
    await systemClock.sleep(20);
  }
}

/** What cloudflared prints for a quick tunnel, on stderr (cmd/cloudflared/tunnel/quick_tunnel.go). */
export function cloudflaredBox(url: string): string {
  return [
    "2026-11-30T10:00:00Z INF Thank you for trying Cloudflare Tunnel. (https://www.cloudflare.com/website-terms/)",
    "2026-11-30T10:00:00Z INF Requesting new quick Tunnel on trycloudflare.com...",
    "2026-11-30T10:00:02Z INF +--------------------------------------------------------------------------------+",
    "2026-11-30T10:00:02Z INF |  Your quick Tunnel has been created! Visit it at (it may take some time to be   |",
    `2026-11-30T10:00:02Z INF |  ${url.padEnd(76)}  |`,
    "2026-11-30T10:00:02Z INF +--------------------------------------------------------------------------------+",
  ].join("\n");
}
