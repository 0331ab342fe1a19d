import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { sign } from "../../src/core/signature.ts";
import { runCli, startCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp.ts";

const SECRET = "whsec_c2VjcmV0LXNlY3JldA==";
const MB = 1_000_000;

async function post(url: string, body: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
  return response.status;
}

function postSigned(url: string, serial: number): Promise<number> {
  const body = JSON.stringify({ event: "order.filled", data: { id: `ord_${serial}` } });
  const pairs = sign({
    scheme: "standard-webhooks",
    body: Buffer.from(body),
    secret: SECRET,
    id: `msg_${serial}`,
    now: Date.now(),
  });
  return post(url, body, Object.fromEntries(pairs));
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
    (sum, each) => sum + (statSync(join(each.parentPath, each.name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

it.each([
  ["where they are accepted", []],
  ["where they are refused", ["--require-signature"]],
])(
  "60 MB without a signature use less disk space than that, and delete no verified delivery: %s",
  async (_where, flags) => {
    const home = tempFolder();
    const env = { BLUUM_HOOKS_HOME: home, BLUUM_WEBHOOK_SECRET: SECRET };
    const cli = startCli(["listen", "--no-register", "--port", "0", "--json", ...flags], env);
    const { localUrl } = await cli.record("ready");
    const url = String(localUrl);
    let peak = 0;
    const timer = setInterval(() => (peak = Math.max(peak, bytesIn(home))), 50);
    onTestFinished(() => clearInterval(timer));
    for (let serial = 0; serial < 10; serial += 1) expect(await postSigned(url, serial)).toBe(200);
    const note = "x".repeat(MB - 100);
    for (let sent = 0; sent < 60; sent += 4) {
      const bodies = [0, 1, 2, 3].map((each) => JSON.stringify({ event: "order.filled", serial: sent + each, note }));
      const statuses = await Promise.all(bodies.map((body) => post(url, body)));
      expect(new Set(statuses)).toEqual(new Set([flags.length === 0 ? 200 : 401]));
    }
    for (let serial = 10; serial < 20; serial += 1) expect(await postSigned(url, serial)).toBe(200);
    cli.kill("SIGINT");
    const end = await cli.ended;
    clearInterval(timer);
    expect(end.code).toBe(130);
    expect(bytesIn(home)).toBeLessThan(flags.length === 0 ? 40 * MB : 5 * MB);
    expect(peak).toBeLessThan(100 * MB);
    const warnings = end.records().filter(({ code }) => code === "unverified_quota");
    expect(warnings.length > 0).toBe(flags.length === 0);
    const listed = await runCli(["events", "list", "--signature", "verified", "--limit", "100", "--json"], env);
    expect(listed.stdout.split("\n").filter(Boolean)).toHaveLength(20);
  },
);
