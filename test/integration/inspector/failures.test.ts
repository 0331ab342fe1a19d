import { describe, expect, it } from "vitest";
import type { Counts, DeliveryPage, FailedPlace, Stats } from "../../../src/inspector/contract.ts";
import { startApp } from "../../support/app.ts";
import { runInProcess } from "../../support/in-process.ts";
import { startInspect } from "../../support/inspector.ts";
import { answered, seedHome } from "../events/seed.ts";

const SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGlzIHRlc3Q=";

async function opened(...seeds: Parameters<typeof seedHome>[0]) {
  const { env } = await seedHome(seeds);
  const inspector = await startInspect({ ...env, BLUUM_WEBHOOK_SECRET: SECRET });
  const page = async (query: string) => (await inspector.get(`deliveries?${query}`)).json() as unknown as DeliveryPage;
  return { ...inspector, env, page };
}

describe("whether a delivery failed", () => {
  /** What each part of the inspector and of the command line says. */
  async function failures({ get, env }: Pick<Awaited<ReturnType<typeof opened>>, "get" | "env">) {
    const page = (await get("deliveries")).json() as unknown as DeliveryPage;
    const filtered = (await get("deliveries?q=status:failed")).json() as unknown as DeliveryPage;
    const { failed } = (await get("counts")).json() as unknown as Counts;
    const stats = (await get("stats")).json() as unknown as Stats;
    const next = (await get(`failed?upTo=${page.upTo}&seq=${page.upTo + 1}`)).json() as unknown as FailedPlace;
    const listed = (await runInProcess(["events", "list", "--status", "failed", "--json"], env)).stdout;
    return {
      rows: page.rows.filter(({ outcome }) => outcome === "failed").length,
      filtered: filtered.total,
      counts: failed,
      events: stats.events.reduce((sum, event) => sum + event.failed, 0),
      bars: stats.buckets.reduce((sum, bucket) => sum + bucket.failed, 0),
      hasNext: next.place !== null,
      listed: listed.split("\n").filter(Boolean).length,
    };
  }
  const all = (count: number) => ({
    rows: count,
    filtered: count,
    counts: count,
    events: count,
    bars: count,
    hasNext: count > 0,
    listed: count,
  });

  it("depends on the last answer of the app to what was received, and everything says the same", async () => {
    const other = await startApp();
    const app = await startApp();
    const appUrl = `${app.url}/hooks`;
    const inspected = await opened({ appUrl, status: 500, app: [answered(500)] });
    const { post } = inspected;
    expect(await failures(inspected)).toEqual(all(1));
    await post("deliveries/last/replay", { to: `${other.url}/hooks` });
    await post("deliveries/last/replay", { bodyBase64: Buffer.from("{}").toString("base64") });
    expect([other.requests.length, app.requests.length]).toEqual([1, 1]);
    expect(await failures(inspected)).toEqual(all(1));
    await post("deliveries/last/replay", {});
    expect(await failures(inspected)).toEqual(all(0));
  });

  it("is not changed by a failure elsewhere", async () => {
    const inspected = await opened({ app: [answered(200)] });
    await inspected.post("deliveries/last/replay", { to: "http://127.0.0.1:1/" });
    expect(await failures(inspected)).toEqual(all(0));
  });
});

describe("the next failed delivery", () => {
  it("is found in both directions, wherever it is in the list", async () => {
    const seeds = Array.from({ length: 260 }, (_, index) => ({ status: [0, 130, 259].includes(index) ? 500 : 200 }));
    const { get, page } = await opened(...seeds);
    const { upTo, rows } = await page("");
    const find = async (seq: number, side: string, q = "") =>
      (await get(`failed?upTo=${upTo}&seq=${seq}&side=${side}&q=${q}`)).json()["place"];
    const seqOf = async (place: number) => (await page(`upTo=${upTo}&offset=${259 - place}&limit=1`)).rows[0]?.seq ?? 0;
    expect(rows[0]?.outcome).toBe("failed");
    expect(await find(upTo + 1, "older")).toBe(259);
    expect(await find(await seqOf(259), "older")).toBe(130);
    expect(await find(await seqOf(131), "older")).toBe(130);
    expect(await find(await seqOf(130), "older")).toBe(0);
    expect(await find(await seqOf(0), "older")).toBeNull();
    expect(await find(await seqOf(0), "newer")).toBe(130);
    expect(await find(await seqOf(130), "newer")).toBe(259);
    expect(await find(await seqOf(259), "newer")).toBeNull();
    expect(await find(await seqOf(259), "older", "status:failed")).toBe(1);
    expect(await find(await seqOf(259), "older", "status:ok")).toBeNull();
  });
});
