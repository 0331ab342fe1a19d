import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Detail, DeliveryPage, Stats, Timeline } from "../../../src/inspector/contract.ts";
import { runInProcess } from "../../support/in-process.ts";
import { startInspect } from "../../support/inspector.ts";
import { tempFolder } from "../../support/temp.ts";
import { answered, AT, seedHome } from "../events/seed.ts";

const LIFE = [
  { event: "order.accepted", app: [answered(200)] },
  { event: "order.filled", timestamp: "t", app: [answered(500)], status: 500 },
  { event: "order.filled", timestamp: "t", app: [answered(500), answered(200)] },
  { event: "transfer.deposit.completed", resourceId: "trf_1", verdict: "mismatch" },
] as const;

async function opened(seeds: Parameters<typeof seedHome>[0]) {
  const { env, deliveries } = await seedHome(seeds);
  const inspector = await startInspect(env);
  const page = async (query: string) => (await inspector.get(`deliveries?${query}`)).json() as unknown as DeliveryPage;
  const detail = async (id: string) => (await inspector.get(`deliveries/${id}`)).json() as unknown as Detail;
  return { ...inspector, env, deliveries, page, detail };
}

describe("the list", () => {
  it("shows the newest first, with the result of each", async () => {
    const { page } = await opened(LIFE);
    const { total, rows } = await page("");
    expect(total).toBe(4);
    expect(
      rows.map(({ event, verdict, recurrence, answer, forward }) => [
        event,
        verdict,
        recurrence.kind,
        answer?.status,
        forward?.status,
      ]),
    ).toEqual([
      ["transfer.deposit.completed", "mismatch", "first", 200, undefined],
      ["order.filled", "verified", "retry", 200, 200],
      ["order.filled", "verified", "first", 500, 500],
      ["order.accepted", "verified", "first", 200, 200],
    ]);
  });

  it.each([
    ["event:order.*", ["--event", "order.*"]],
    ["event:order.accepted,transfer.*", ["--event", "order.accepted,transfer.*"]],
    ["status:failed", ["--status", "failed"]],
    ["status:ok event:order.*", ["--status", "ok", "--event", "order.*"]],
    ["signature:bad", ["--signature", "bad"]],
    ["is:repeated", ["--duplicates"]],
    ["resource:trf_1", ["--resource", "trf_1"]],
    ["env:production", ["--env", "production"]],
    [
      "since:2025-06-15T14:30:16Z until:2025-06-15T14:30:17Z",
      ["--since", "2025-06-15T14:30:16Z", "--until", "2025-06-15T14:30:17Z"],
    ],
  ])("shows the same for %s as events list", async (q, flags) => {
    const { page, env } = await opened(LIFE);
    const { stdout } = await runInProcess(["events", "list", ...flags, "--json"], env);
    const listed = stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { id: string }).id);
    const { total, rows } = await page(`q=${encodeURIComponent(q)}`);
    expect(rows.map(({ id }) => id)).toEqual(listed);
    expect(total).toBe(listed.length);
  });

  it.each([
    ["TRF_1", 1],
    ['"order.filled"', 2],
    ["order.filled ord_1", 2],
    ["100%", 0],
    ["_", 4],
    ["a_cepted", 0],
  ])("finds %s in payloads", async (text, count) => {
    const { page } = await opened(LIFE);
    expect((await page(`q=${encodeURIComponent(text)}`)).total).toBe(count);
  });

  it.each(["status:perhaps", "signature:good", "env:mars", "is:odd", "since:tomorrow", "since:10", "event:,"])(
    "refuses %s with the valid words",
    async (q) => {
      const { get } = await opened([]);
      const answer = await get(`deliveries?q=${q}`);
      expect([answer.status, answer.json()["code"]]).toEqual([400, "invalid_usage"]);
      expect(answer.json()["message"]).toContain(`invalid filter ${q}: must`);
    },
  );

  it("has consistent pages, in any order of requests, that do not move when more arrives", async () => {
    const { page, deliveries } = await opened(
      Array.from({ length: 25 }, (_, index) => ({ resourceId: `ord_${index}` })),
    );
    const first = await page("limit=10");
    const after = await page(`limit=10&upTo=${first.upTo}&before=${first.rows.at(-1)?.seq}`);
    const last = await page(`limit=10&upTo=${first.upTo}&offset=20`);
    const joined = [first, after, last].flatMap(({ rows }) => rows.map(({ id }) => id));
    expect(joined).toEqual(deliveries.map(({ id }) => id).toReversed());
    const early = await page(`limit=10&upTo=${first.rows[4]?.seq}`);
    expect([early.total, early.rows[0]?.id]).toEqual([21, first.rows[4]?.id]);
  });

  it.each(["status:failed", "signature:bad", "is:repeated"])(
    "has the same pages for %s before and after the counts were asked for",
    async (q) => {
      const seeds = Array.from({ length: 30 }, (_, index) => LIFE[index % LIFE.length] ?? {});
      const { page, get } = await opened(seeds);
      const all = async () => {
        const first = await page(`q=${q}&limit=4`);
        const next = await page(`q=${q}&limit=4&upTo=${first.upTo}&before=${first.rows.at(-1)?.seq}`);
        const jump = await page(`q=${q}&limit=4&upTo=${first.upTo}&offset=5`);
        return [first, next, jump];
      };
      const before = await all();
      await get("counts");
      expect(await all()).toEqual(before);
      expect(before[0]?.rows).toHaveLength(4);
    },
  );

  it("of a home without a store is empty, and nothing is created", async () => {
    const home = tempFolder();
    const { get } = await startInspect({ BLUUM_HOOKS_HOME: home });
    expect((await get("deliveries")).json()).toMatchObject({ total: 0, rows: [] });
  });
});

describe("the counts", () => {
  it("include all deliveries, also after some were deleted", async () => {
    const { get, env } = await opened(LIFE);
    expect((await get("counts")).json()).toEqual({ all: 4, failed: 1, badSignature: 1, repeated: 1, searched: 1 });
    await runInProcess(["events", "prune", "--older-than", "1d", "--yes"], env);
    expect((await get("counts")).json()).toEqual({ all: 0, failed: 0, badSignature: 0, repeated: 0, searched: 1 });
  });
});

describe("a delivery", () => {
  it("is shown completely, with its headers in order and each attempt", async () => {
    const headers: [string, string][] = [
      ["X-Two", "1"],
      ["Content-Type", "application/json"],
      ["X-Two", "2"],
      ["Authorization", "Bearer abc"],
    ];
    const { detail } = await opened([
      { headers, app: [answered(500, "no", [["X-App", "1"]])], path: "/hooks?token=abc&x=1" },
    ]);
    const shown = await detail("last");
    expect(shown).toMatchObject({
      method: "POST",
      path: "/hooks?token=••••&x=1",
      headers: [...headers.slice(0, 3), ["Authorization", "••••"]],
      truncated: false,
      notJson: null,
      keptBytes: null,
      attempts: [{ n: 1, cause: "live", status: 500, headers: [["X-App", "1"]], body: { text: "no" }, error: null }],
    });
    expect(JSON.parse(shown.body.text ?? "")).toMatchObject({ event: "order.filled" });
  });

  it("is found by a prefix; an unknown one is an error with a hint", async () => {
    const { detail, get, deliveries } = await opened([{}]);
    const id = deliveries[0]?.id ?? "";
    expect((await detail(id.slice(0, 8))).row.id).toBe(id);
    const missing = await get("deliveries/dlv_nothing");
    expect([missing.status, missing.json()["code"]]).toEqual([404, "delivery_not_found"]);
    expect(missing.json()["hint"]).toContain("events list");
  });

  it("keeps its bytes: a number as written, a binary body, an encoded one", async () => {
    const exact = '{"a":1152921506151679042,"b":136.0,"a":1E5}';
    const binary = Buffer.from([0, 255, 254, 13, 10]);
    const encoded = gzipSync(exact);
    const { detail, get, deliveries } = await opened([
      { body: Buffer.from(exact) },
      { body: binary },
      { body: encoded, headers: [["Content-Encoding", "gzip"]] },
    ]);
    const [first, second, third] = deliveries.map(({ id }) => id);
    expect((await detail(first ?? "")).body).toEqual({ text: exact });
    expect((await detail(second ?? "")).body).toEqual({ base64: binary.toString("base64") });
    expect(await detail(third ?? "")).toMatchObject({
      body: { text: exact },
      decodedFrom: "gzip",
      bodyBytes: encoded.length,
    });
    expect((await get(`deliveries/${second}/body`)).body).toEqual(binary);
    expect((await get(`deliveries/${third}/body`)).body).toEqual(encoded);
  });

  it("that is large is cut between two characters, and is completely available as a download", async () => {
    const body = Buffer.from(`{"text":"${"日本".repeat(100_000)}"}`);
    const { detail, get } = await opened([{ body }]);
    const shown = await detail("last");
    expect([shown.truncated, shown.bodyBytes]).toEqual([true, body.length]);
    expect(shown.body.text?.length).toBeGreaterThan(80_000);
    expect(shown.body.text).not.toContain("\ufffd");
    const { headers, body: whole } = await get("deliveries/last/body");
    expect(whole.equals(body)).toBe(true);
    expect(headers["content-type"]).toBe("application/octet-stream");
    expect(headers["content-disposition"]).toMatch(
      /^attachment; filename="dlv_\w+\.body"; filename\*=UTF-8''dlv_\w+\.body$/,
    );
  });

  it("has the response of each attempt as a download", async () => {
    const { get } = await opened([{ app: [answered(200, "first"), answered(200, "second")] }]);
    expect((await get("deliveries/last/attempts/2/body")).text).toBe("second");
    expect((await get("deliveries/last/attempts/3/body")).status).toBe(404);
    expect((await get("deliveries/last/attempts/x/body")).status).toBe(400);
  });
});

it("the timeline of an order is that of events timeline", async () => {
  const { get, env } = await opened(LIFE);
  const { stdout } = await runInProcess(["events", "timeline", "ord_1", "--json"], env);
  const shown = (await get("resources/ord_1")).json() as unknown as Timeline;
  expect(shown).toEqual(JSON.parse(stdout));
  expect((await get("resources/ord_9")).status).toBe(404);
});

it("the numbers equal those of events stats, with the deliveries over time", async () => {
  const { get, env } = await opened(LIFE);
  const { stdout } = await runInProcess(["events", "stats", "--json"], env);
  const { isOfNewest, bucketMs, buckets, firstAt, lastAt, ...sums } = (await get("stats")).json() as unknown as Stats;
  expect(JSON.parse(stdout)).toMatchObject(sums);
  expect(isOfNewest).toBe(false);
  expect([firstAt, lastAt, bucketMs]).toEqual([AT, AT + 3000, 1000]);
  expect(buckets).toEqual([
    { at: AT, ok: 1, failed: 0 },
    { at: AT + 1000, ok: 0, failed: 1 },
    { at: AT + 2000, ok: 1, failed: 0 },
    { at: AT + 3000, ok: 1, failed: 0 },
  ]);
});
