import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadDriver } from "../../src/store/driver.ts";
import { openStore } from "../../src/store/store.ts";
import { startApp } from "../support/app.ts";
import { runCli, startCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp.ts";

/** More than are kept in memory until they are reported. */
const DELIVERIES = 3_000;
const CONNECTIONS = 20;

/** Delivers numbered events over a few connections; returns the statuses. */
async function flood(url: string): Promise<Set<number | undefined>> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const statuses = new Set<number | undefined>();
  const post = (serial: number) =>
    new Promise<void>((resolve, reject) => {
      const body = JSON.stringify({ event: "order.filled", timestamp: "t", data: { id: `ord_${serial}` } });
      const outgoing = request(url, { method: "POST", agent, headers: { "content-length": body.length } }, (answer) => {
        statuses.add(answer.statusCode);
        answer.resume().on("end", resolve);
      });
      outgoing.on("error", reject).end(body);
    });
  const serials = Array.from({ length: DELIVERIES }, (_, at) => at).values();
  const connections = Array.from({ length: CONNECTIONS }, async () => {
    for (const serial of serials) await post(serial);
  });
  await Promise.all(connections);
  agent.destroy();
  return statuses;
}

/** A listener that got a burst while its tables could not be written. `release` makes them writable. */
async function startFlooded(args: readonly string[] = []) {
  const home = tempFolder();
  const cli = startCli(["listen", "--no-register", "--port", "0", "--json", ...args], { BLUUM_HOOKS_HOME: home });
  const { localUrl } = await cli.record("ready");
  const hog = loadDriver().open(join(home, "store.db"));
  hog.exec("BEGIN IMMEDIATE");
  const statuses = await flood(String(localUrl));
  const toldAfter = cli.stdout;
  return {
    cli,
    home,
    statuses,
    wasTold: toldAfter.includes('"type":"delivery"'),
    url: String(localUrl),
    release: () => {
      hog.exec("ROLLBACK");
      hog.close();
    },
  };
}

/** The records of each delivery, in the order in which they were published. */
function toldOf(records: readonly { readonly type: string; readonly [field: string]: unknown }[]): string[] {
  const told = new Map<string, string[]>();
  for (const { type, id, deliveryId } of records) {
    if (!["delivery", "forward", "answer"].includes(type)) continue;
    const of = String(type === "delivery" ? id : deliveryId);
    told.set(of, [...(told.get(of) ?? []), type]);
  }
  return [...told.values()].map(String);
}

it.each([
  ["listener alone", "delivery,answer"],
  ["listener with an app", "delivery,forward,answer"],
])(
  "a %s answers more deliveries than fit in memory, and reports each once when the tables can be written",
  async (which, told) => {
    const app = which === "listener alone" ? undefined : await startApp();
    const { cli, statuses, wasTold, release } = await startFlooded(app && ["--forward-to", String(app.port)]);
    expect([statuses, wasTold]).toEqual([new Set([200]), false]);
    expect(app?.requests.length ?? DELIVERIES).toBe(DELIVERIES);
    release();
    const answers = () => cli.stdout.split('"type":"answer"').length - 1;
    await cli.until(() => (answers() === DELIVERIES ? true : undefined));
    cli.kill("SIGINT");
    const end = await cli.ended;
    expect(end.stderr).not.toContain("store_unavailable");
    expect(toldOf(end.records())).toEqual(Array.from({ length: DELIVERIES }, () => told));
    expect(end.records().at(-1)).toMatchObject({ type: "stopped", summary: { received: DELIVERIES, duplicates: 0 } });
  },
);

it("an end right after a burst reports everything first", async () => {
  const { cli, release } = await startFlooded();
  release();
  cli.kill("SIGINT");
  const end = await cli.ended;
  expect(end.code).toBe(130);
  expect(toldOf(end.records())).toHaveLength(DELIVERIES);
});

it("what could not be indexed before the end is in the tables after the next start", async () => {
  const { cli, home, release } = await startFlooded();
  cli.kill("SIGINT");
  const end = await cli.ended;
  expect(end.error()).toMatchObject({ code: "store_unavailable", message: expect.stringContaining("kept busy") });
  const warnings = end.records().filter(({ type }) => type === "warning");
  // That the tables are stuck, and at the end, at most twice, how many deliveries were not reported.
  const [stuck, ...untold] = warnings.map(({ message }) => String(message));
  expect(stuck).toMatch(/^new deliveries are stored, but cannot be shown or listed yet/);
  expect(untold.length).toBeLessThan(3);
  const counts = untold.map((message) => Number(/^(\d+) deliveries are stored/.exec(message)?.[1]));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(DELIVERIES);
  release();
  await using store = await openStore({ folder: home });
  expect(await store.list({ limit: 2 * DELIVERIES })).toHaveLength(DELIVERIES);
});

it("four flipped bits in the log of a killed process cost four deliveries at most, and are reported", async () => {
  const { cli, home, release } = await startFlooded();
  cli.kill("SIGKILL");
  await cli.ended;
  release();
  const log = join(home, "log");
  const [file = ""] = readdirSync(log);
  const bytes = readFileSync(join(log, file));
  const written = bytes.findLastIndex((byte) => byte !== 0) + 1;
  const places = Array.from({ length: 4 }, () => Math.floor(Math.random() * written));
  for (const place of places) bytes[place] = (bytes[place] ?? 0) ^ (1 << Math.floor(Math.random() * 8));
  writeFileSync(join(log, file), bytes);

  const env = { BLUUM_HOOKS_HOME: home };
  const listed = await runCli(["events", "list", "--limit", "100000", "--json"], env);
  const deliveries = listed.stdout.split("\n").filter(Boolean);
  expect(deliveries.length, `bits flipped at ${String(places)}`).toBeGreaterThanOrEqual(DELIVERIES - 4);
  const { warning } = JSON.parse(listed.stderr) as { warning: { code: string; message: string } };
  expect(warning.code).toBe("log_damaged");
  expect(warning.message).toContain(join(log, `${file}.damaged`));
  const kept = readFileSync(join(log, `${file}.damaged`));
  expect(kept.equals(bytes)).toBe(true);
  const doctor = await runCli(["doctor", "--env", "emulator", "--json"], env);
  const { findings } = JSON.parse(doctor.stdout) as { findings: { check: string; level: string; message: string }[] };
  expect(findings.filter(({ check, level }) => check === "store" && level === "warning")).toMatchObject([
    { message: expect.stringContaining(`${file}.damaged`) },
  ]);
}, 60_000);
