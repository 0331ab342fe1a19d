import { statSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { cleanBlock } from "../../../src/output/privacy/clean.ts";
import { runInProcess } from "../../support/in-process.ts";
import { answered, AT, seedHome } from "./seed.ts";

type Document = Record<string, unknown>;
const lines = (stdout: string) =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Document);
const LIFE = [
  { event: "order.accepted", app: [answered(200)] },
  { event: "order.filled", timestamp: "t", app: [answered(500)], status: 500 },
  { event: "order.filled", timestamp: "t", app: [answered(500), answered(200)] },
  { event: "transfer.deposit.completed", resourceId: "trf_1", verdict: "mismatch" },
] as const;

describe("events list", () => {
  it.each([
    [["--status", "failed"], ["order.filled"]],
    [
      ["--status", "ok", "--event", "order.*"],
      ["order.filled", "order.accepted"],
    ],
    [["--signature", "bad"], ["transfer.deposit.completed"]],
    [["--event", "deposit.completed"], ["transfer.deposit.completed"]],
    [["--event", "deposit.*"], ["transfer.deposit.completed"]],
    [["--duplicates"], ["order.filled"]],
    [["--resource", "trf_1"], ["transfer.deposit.completed"]],
    [["--since", "2025-06-15T14:30:16Z", "--until", "2025-06-15T14:30:17Z"], ["order.filled"]],
    [["--limit", "1"], ["transfer.deposit.completed"]],
    [["--env", "production"], []],
    [["--search", "TRF_"], ["transfer.deposit.completed"]],
    [["--search", '"id":"ord_1"', "--search", "accepted"], ["order.accepted"]],
    [["--search", "100%"], []],
  ])("with %j shows the matching deliveries", async (flags, events) => {
    const { env } = await seedHome(LIFE);
    const { code, stdout } = await runInProcess(["events", "list", ...flags, "--json"], env);
    expect([code, lines(stdout).map(({ event }) => event)]).toEqual([0, events]);
  });

  it.each([
    ["list", "ordr.*", "order.*"],
    ["list", "ORDER.*", "order.*"],
    ["stats", "order.fill", "order.filled"],
    ["export", "ordr.*", "order.*"],
    ["replay", "ordr.*", "order.*"],
  ])("%s --event %s warns of an unknown name, and suggests a known one", async (command, pattern, meant) => {
    const { env } = await seedHome(LIFE);
    const { stderr } = await runInProcess(["events", command, "--event", pattern, "--json"], env);
    const warning = { code: "unknown_event", hint: `Did you mean ${meant}? See bluum-hooks event-types.` };
    expect(lines(stderr)[0]).toMatchObject({ warning });
  });

  it("finds the other name of a transfer's event: one edition leaves the prefix out", async () => {
    const { env } = await seedHome([{ event: "deposit.completed" }, { event: "order.filled" }]);
    const { stdout } = await runInProcess(["events", "list", "--event", "transfer.*", "--json"], env);
    expect(lines(stdout).map(({ event }) => event)).toEqual(["deposit.completed"]);
  });

  it("does not warn of a name that has been received, or that a domain of Bluum's may have", async () => {
    const { env } = await seedHome([{ event: "my.own" }]);
    for (const event of ["my.*", "kyc.*", "compliance.review", "deposit.completed", "*"]) {
      const { code, stderr } = await runInProcess(["events", "list", "--event", event, "--json"], env);
      expect([code, stderr]).toEqual([0, ""]);
    }
  });

  it("is one line for each delivery with --json, and empty without a match", async () => {
    const { env } = await seedHome(LIFE);
    expect((await runInProcess(["events", "list", "--json"], env)).stdout).toMatch(/^(\{.*\}\n){4}$/);
    expect((await runInProcess(["events", "list", "--env", "production", "--json"], env)).stdout).toBe("");
  });

  it("refuses an empty period", async () => {
    const { env } = await seedHome([]);
    const { code, error } = await runInProcess(["events", "--since", "1h", "--until", "2h", "--json"], env);
    expect([code, error?.code]).toEqual([2, "invalid_usage"]);
  });

  it.each([60, 80, 120])("fits a terminal of %i columns, with complete ids and the app's response", async (columns) => {
    const { env } = await seedHome([...LIFE, { app: [answered(500)] }]);
    let stdout = "";
    await runInProcess(["events", "--color", "never"], env, {
      stdout: { write: (text) => void (stdout += text), isTTY: true, columns },
    });
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
    expect(stdout).toMatch(columns === 60 ? /200→500/ : /200 → app 500/);
    expect(stdout).not.toMatch(/…$/m);
    expect(stdout.startsWith("WHEN ")).toBe(columns === 120);
  });
});

describe("events show", () => {
  it.each([
    [[answered(200), answered(500)], true],
    [[answered(500), answered(200)], false],
    [[], false],
  ])("names the command that resends what the app did not accept at last", async (app, isNamed) => {
    const { env, deliveries } = await seedHome([{ app }]);
    const terminal = { stdout: { write: () => {}, isTTY: true, columns: 80 } };
    const command = `Resend it with: bluum-hooks events replay ${deliveries[0]?.id}\n`;
    expect((await runInProcess(["events", "show", "last"], env, terminal)).stderr.includes(command)).toBe(isNamed);
    expect((await runInProcess(["events", "show", "last"], env)).stderr).toBe("");
  });

  it("names the delivery that is repeated, in the words of the lines", async () => {
    const { env, deliveries } = await seedHome([LIFE[1], LIFE[2]]);
    const { stdout } = await runInProcess(["events", "show", "last"], env);
    expect(stdout).toContain(`retry 2 of ${deliveries[0]?.id}\n`);
  });

  it("explains an invalid signature", async () => {
    const header = `t=1750000000123,v1=${"0".repeat(64)}`;
    const { env } = await seedHome([
      {
        headers: [["x-signature", header]],
        verification: { verdict: "stale", scheme: "timestamped", header: "x-signature" },
      },
      { verification: { verdict: "unsigned" } },
      { verdict: "verified" },
    ]);
    const shown = async (id: string) => (await runInProcess(["events", "show", id], env)).stdout;
    const { stdout } = await runInProcess(["events", "list", "--json"], env);
    const ids = lines(stdout).map(({ id }) => String(id));
    expect(await shown(ids[2] ?? "")).toContain("The signature time 1750000000123 is in milliseconds");
    expect(await shown(ids[1] ?? "")).toContain("No header name suggests a signature");
    expect(await shown("last")).not.toContain("signature.");
  });

  const JSON_TEXT = '{"ok":true,"list":[1]}';
  it.each([
    ["gzip", gzipSync(JSON_TEXT)],
    ["deflate", deflateSync(JSON_TEXT)],
    ["deflate", deflateRawSync(JSON_TEXT)],
    ["br", brotliCompressSync(JSON_TEXT)],
  ])("decodes an app's response with the encoding %s", async (coding, body) => {
    const { env } = await seedHome([{ app: [answered(200, body, [["Content-Encoding", coding]])] }]);
    const { stdout } = await runInProcess(["events", "show", "last"], env);
    expect(stdout).toContain('  "ok": true,');
  });

  it("decodes the available part of a truncated response", async () => {
    const long = gzipSync(Buffer.from(Array.from({ length: 2000 }, (_, at) => `line ${at * 7919}`).join("\n")));
    const { env } = await seedHome([{ app: [answered(200, long.subarray(0, 2000), [["content-encoding", "gzip"]])] }]);
    const { stdout } = await runInProcess(["events", "show", "last"], env);
    expect(stdout).toContain("line 7919\n");
  });

  it("shows every attempt, masks secrets and shows no control character", async () => {
    const { env } = await seedHome([
      {
        headers: [["Authorization", "Basic c2VjcmV0"]],
        app: [
          { kind: "failed", reason: "refused", message: "nothing\u001b[31m listens", startedAt: AT, durationMs: 1 },
          answered(500, "<b>\u001b]0;boom\u0007</b>", [["Set-Cookie", "session=secret"]]),
          answered(200, Buffer.from([0, 255, 254, 1])),
        ],
      },
    ]);
    const { stdout } = await runInProcess(["events", "show", "last", "--color", "never"], env);
    expect(stdout).toMatch(
      /attempt 1 · live.*\n {2}→ http:\/\/localhost:3000\/hooks\n {2}refused after 1 ms: nothing listens/,
    );
    expect(stdout).toMatch(/attempt 2 · live.*\n.*\n {2}500 after 12 ms/);
    expect(stdout).toContain("00 ff fe 01");
    expect(stdout).toBe(cleanBlock(stdout));
    expect(stdout).not.toMatch(/secret|c2VjcmV0/);
    const { stdout: document } = await runInProcess(["events", "show", "last", "--json"], env);
    const [shown] = lines(document);
    expect(shown?.["forwards"]).toMatchObject([
      { error: { reason: "refused" } },
      { status: 500, headers: [["Set-Cookie", "••••"]] },
      { status: 200, bodyBase64: "AP/+AQ==" },
    ]);
    expect(document).not.toMatch(/session=secret|c2VjcmV0/);
  });

  it("does not decode a body to gigabytes", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 97));
    const { env } = await seedHome([{ app: [answered(200, bomb, [["content-encoding", "gzip"]])] }]);
    const { stdout } = await runInProcess(["events", "show", "last"], env);
    expect(stdout.length).toBeLessThan(200_000);
  });
});

describe("events timeline", () => {
  it("shows a history in order, and what a dedup on data.id would discard", async () => {
    const { env } = await seedHome(LIFE);
    const { stdout } = await runInProcess(["events", "timeline", "ord", "--color", "never"], env);
    const marked = stdout.split("\n").findIndex((line) => line.includes("would be dropped by a dedup on data.id"));
    expect(stdout.split("\n")[marked - 1]).toMatch(/\+1\.0 s +order\.filled .* app 500/);
    expect(stdout.match(/would be dropped/g)).toHaveLength(1);
    expect(stdout).toContain("2 events · 3 deliveries");
    expect(stdout).toContain("would process order.accepted only, and drop order.filled");
    const { stdout: document } = await runInProcess(["events", "timeline", "ord_1", "--json"], env);
    expect(lines(document)[0]).toMatchObject({ distinct: 2, notes: [{ code: "shared_data_id" }] });
  });

  it("names the field that events of the other form share, and reads Unix times", async () => {
    const form = (event: string, created: number) =>
      Buffer.from(JSON.stringify({ event_type: event, created, data: { order_id: "ord_1", filled_qty: "10" } }));
    const { env } = await seedHome([
      { body: form("order.filled", 1_750_000_002) },
      { body: form("order.accepted", 1_750_000_001) },
    ]);
    const { stdout } = await runInProcess(["events", "timeline", "ord_1"], env);
    expect(stdout).toContain("would be dropped by a dedup on data.order_id");
    expect(stdout).toContain("order.filled arrived before order.accepted, which happened first by 1.0 s");
    const shown = await runInProcess(["events", "show", "last"], env);
    expect(shown.stdout).toMatch(/^read from +event_type · data\.order_id · created$/m);
    const document = await runInProcess(["events", "show", "last", "--json"], env);
    expect(lines(document.stdout)[0]).toMatchObject({
      event: "order.accepted",
      resourceId: "ord_1",
      readFrom: { event: "event_type", resourceId: "data.order_id", timestamp: "created" },
    });
  });

  it("reports that an order was filled before it was accepted", async () => {
    const { env } = await seedHome([
      { event: "order.filled", timestamp: "2025-06-15T14:30:15Z" },
      { event: "order.accepted", timestamp: "2025-06-15T14:30:14Z" },
    ]);
    const { stdout } = await runInProcess(["events", "timeline", "ord_1"], env);
    expect(stdout).toContain("order.filled arrived before order.accepted, which happened first by 1.0 s");
  });

  it.each([
    ["an unknown one", "nope", "events list"],
    ["an ambiguous beginning", "ord_", "ord_1, ord_12"],
  ])("refuses %s with a next step", async (_what, id, hint) => {
    const { env } = await seedHome([{ resourceId: "ord_1" }, { resourceId: "ord_12" }]);
    const { code, error } = await runInProcess(["events", "timeline", id, "--json"], env);
    expect([code, error?.code]).toEqual([1, "resource_not_found"]);
    expect(error?.hint).toContain(hint);
    expect((await runInProcess(["events", "timeline", "ord_1", "--json"], env)).code).toBe(0);
  });
});

describe("events stats", () => {
  it("counts events, verdicts, repetitions, responses and the app's failures", async () => {
    const { env } = await seedHome(LIFE);
    const { stdout } = await runInProcess(["events", "stats", "--json"], env);
    expect(lines(stdout)[0]).toMatchObject({
      received: 4,
      distinct: 3,
      retries: 1,
      duplicates: 0,
      signatures: { verified: 3, mismatch: 1 },
      answers: { "2xx": 3, "5xx": 1 },
      app: {
        forwarded: 2,
        failed: 2,
        replays: 0,
        undelivered: 0,
        attempts: 4,
        outcomes: { "2xx": 2, "5xx": 2 },
        medianMs: 12,
        p95Ms: 12,
      },
      firstAt: "2025-06-15T14:30:15.000Z",
      lastAt: "2025-06-15T14:30:18.000Z",
    });
    const filtered = await runInProcess(["events", "stats", "--event", "transfer.*", "--json"], env);
    expect(lines(filtered.stdout)[0]).toMatchObject({ received: 1, app: { attempts: 0, medianMs: null } });
    expect((await runInProcess(["events", "stats"], env)).stdout).toMatch(/order\.filled +2 +1/);
  });
});

// Bluum's example application allows 5 s, its webhook guide 30 s.
it("events stats counts answers that took longer than 5 s", async () => {
  const { env } = await seedHome([{ answeredAfterMs: 5_000 }, { answeredAfterMs: 5_001 }, { answeredAfterMs: 9_000 }]);
  const { stdout } = await runInProcess(["events", "stats", "--json"], env);
  expect(lines(stdout)[0]).toMatchObject({ slowAnswers: 2 });
  expect((await runInProcess(["events", "stats"], env)).stdout).toMatch(/^slow answers +2 after more than 5 s$/m);
  const { env: quick } = await seedHome([{ answeredAfterMs: 5_000 }]);
  expect((await runInProcess(["events", "stats"], quick)).stdout).not.toContain("slow");
});

it("an event that the app accepted from one delivery does not count as undelivered for the others", async () => {
  const again = { resourceId: "ord_1", timestamp: "2025-06-15T14:30:15Z", status: 502 };
  const down = { ...again, app: [answered(500)] };
  const { env } = await seedHome([down, down, { ...again, app: [answered(500), answered(200)] }]);
  const run = async (...args: string[]) => (await runInProcess(["events", ...args], env)).stdout;
  expect(lines(await run("stats", "--json"))[0]).toMatchObject({ app: { forwarded: 1, failed: 3, undelivered: 0 } });
  expect(await run("stats")).toMatch(/app +1 forwarded · 3 failed\n/);
  expect(lines(await run("list", "--status", "failed", "--json"))).toHaveLength(2);
  expect((await runInProcess(["events", "replay", "--failed"], env)).stderr).toContain("Nothing to resend");
});

it("an event that the app accepted only after an edit is undelivered", async () => {
  const { env } = await seedHome([{ app: [answered(500)] }, { edited: answered(200) }]);
  const { stdout } = await runInProcess(["events", "stats", "--json"], env);
  expect(lines(stdout)[0]).toMatchObject({ app: { forwarded: 0, failed: 1, replays: 1, undelivered: 1 } });
});

describe("events prune", () => {
  const count = async (env: Record<string, string>) =>
    lines((await runInProcess(["events", "list", "--json"], env)).stdout).length;

  it("shows how many, asks, and deletes only those", async () => {
    const { env } = await seedHome([{ at: AT }, { at: Date.now() - 1000 }]);
    const prune = (...flags: string[]) =>
      runInProcess(["events", "prune", "--older-than", "30d", ...flags, "--json"], env);
    expect(lines((await prune("--dry-run")).stdout)[0]).toMatchObject({ matched: 1, deleted: 0, dryRun: true });
    expect((await prune()).error?.code).toBe("confirmation_required");
    expect(lines((await prune("--yes", "--env", "production")).stdout)[0]).toMatchObject({ matched: 0, deleted: 0 });
    expect(await count(env)).toBe(2);
    expect(lines((await prune("--yes")).stdout)[0]).toMatchObject({ matched: 1, deleted: 1 });
    expect(await count(env)).toBe(1);
    expect((await prune()).code).toBe(0);
  });

  it("returns the disk space, and prints how much", async () => {
    const body = Buffer.alloc(200_000, "x");
    const { env } = await seedHome(Array.from({ length: 20 }, () => ({ at: AT, body })));
    const { stdout } = await runInProcess(["events", "prune", "--older-than", "30d", "--yes"], env);
    expect(Number(/The store is ([\d.]+) MB smaller/.exec(stdout)?.[1])).toBeGreaterThan(3);
    expect(statSync(join(env["BLUUM_HOOKS_HOME"] ?? "", "store.db")).size).toBeLessThan(500_000);
  });

  it("never deletes without an age", async () => {
    const { env } = await seedHome([{}]);
    expect((await runInProcess(["events", "prune", "--yes", "--json"], env)).error?.code).toBe("invalid_usage");
    expect((await runInProcess(["events", "prune", "--older-than", "99999999d", "--json"], env)).code).toBe(2);
  });
});
