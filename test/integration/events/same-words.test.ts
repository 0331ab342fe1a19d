import { expect, it, onTestFinished } from "vitest";
import type { Fact } from "../../../src/core/facts.ts";
import { createSummary } from "../../../src/delivery/summary.ts";
import { runInProcess } from "../../support/in-process.ts";
import { answered, AT, seedHome, type Seed } from "./seed.ts";

const again = { resourceId: "ord_1", timestamp: "2025-06-15T14:30:15Z" };
const SEEDS: Seed[] = [
  { ...again, status: 500, app: [answered(500)] },
  { ...again, app: [answered(200)] },
  { ...again, app: [answered(200)] },
  { resourceId: "ord_2", app: [answered(500)], edited: answered(200), verdict: "mismatch" },
];

it("a session's summary and events stats count retries, duplicates, replays and failures in the same terms", async () => {
  const { env, deliveries } = await seedHome(SEEDS);
  const { stdout } = await runInProcess(["events", "stats", "--json"], env);
  const stats = JSON.parse(stdout) as { app: object; events: { badSignatures: number }[] };

  const summary = createSummary();
  const records = (await runInProcess(["events", "list", "--json"], env)).stdout.trim().split("\n").toReversed();
  for (const [index, delivery] of deliveries.entries()) {
    const { recurrence: kind, attempt } = JSON.parse(records[index] ?? "") as { recurrence: "first"; attempt: number };
    const verification = { verdict: SEEDS[index]?.verdict ?? "verified" } as const;
    const recorded = {
      ...delivery,
      verification,
      recurrence: { kind, attempt },
      environment: "sandbox",
      seq: index + 1,
    };
    const about = { deliveryId: delivery.id, event: delivery.event, resourceId: delivery.resourceId, url: "x" };
    const forward = (cause: "live" | "edited", status: number): Fact => ({
      type: "forward",
      at: AT,
      ...about,
      cause,
      status,
      durationMs: 12,
      outcome: answered(status),
    });
    const { app = [], edited, status = 200 } = SEEDS[index] ?? {};
    const facts: Fact[] = [
      { type: "delivery", at: AT, delivery: recorded },
      ...app.map((outcome) => forward("live", outcome.kind === "answered" ? outcome.status : 0)),
      { type: "answer", at: AT, deliveryId: delivery.id, status, durationMs: 2 },
      ...(edited === undefined ? [] : [forward("edited", 200)]),
    ];
    facts.forEach((fact) => summary.count(fact));
  }
  const { received, distinct, retries, duplicates, forwarded, failed, replays, badSignatures } = summary.read();
  expect(stats).toMatchObject({ received, distinct, retries, duplicates, app: { forwarded, failed, replays } });
  expect(stats.events.reduce((sum, each) => sum + each.badSignatures, 0)).toBe(badSignatures);
  expect({ distinct, retries, duplicates, forwarded, failed, replays, badSignatures }).toEqual({
    distinct: 2,
    retries: 1,
    duplicates: 1,
    forwarded: 2,
    failed: 2,
    replays: 1,
    badSignatures: 1,
  });
});

it("milliseconds have at most one decimal, in every record and document", async () => {
  const noisy = { ...answered(200), durationMs: 13.502886000000217 };
  const { env } = await seedHome([{ app: [noisy] }, { app: [{ ...noisy, durationMs: 0.04 }] }]);
  for (const args of [
    ["stats", "--json"],
    ["show", "last", "--json"],
    ["list", "--json"],
    ["tail", "--last", "2", "--count", "2", "--json"],
    ["export"],
    ["export", "--format", "har"],
  ]) {
    const { code, stdout } = await runInProcess(["events", ...args], env);
    expect(code).toBe(0);
    expect(stdout).toMatch(/(?:Ms|time|wait)":/);
    expect(stdout).not.toMatch(/(?:Ms|time|wait)":\d+\.\d\d/);
  }
});

it("text output has local times with a zone, and JSON output has UTC", async () => {
  const { env } = await seedHome([{ app: [answered(500)] }, { ...again, resourceId: "ord_2" }]);
  const zone = process.env["TZ"];
  process.env["TZ"] = "Asia/Kolkata";
  onTestFinished(() => {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  });
  const utc = /T?\d\d:\d\d:\d\d(?:\.\d+)?Z/;
  const terminal = (write: (text: string) => void) => ({ stdout: { write, isTTY: true, columns: 100 } });
  for (const args of [
    ["show", "last"],
    ["list"],
    ["timeline", "ord_1"],
    ["stats"],
    ["tail", "--last", "1", "--count", "1"],
  ]) {
    const piped = await runInProcess(["events", ...args], env);
    let shown = "";
    const seen = await runInProcess(
      ["events", ...args],
      env,
      terminal((text) => void (shown += text)),
    );
    for (const text of [piped.stdout + piped.stderr, shown + seen.stderr]) {
      // The payload and the headers have their own times.
      expect(text.replace(/"timestamp".*/g, "")).not.toMatch(utc);
      expect(text).toContain("+05:30");
    }
    const json = await runInProcess(["events", ...args, "--json"], env);
    expect(json.stdout).toMatch(utc);
    expect(json.stdout).not.toContain("+05:30");
  }
  const { stdout } = await runInProcess(["events", "show", "last"], env);
  expect(stdout).toContain("2025-06-15 20:00:16+05:30");
});
