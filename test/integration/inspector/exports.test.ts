import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { startApp } from "../../support/app.ts";
import { startInspect } from "../../support/inspector.ts";
import { answered, seedHome } from "../events/seed.ts";

async function opened(seeds: Parameters<typeof seedHome>[0]) {
  const { env, deliveries } = await seedHome(seeds);
  return { ...(await startInspect(env)), deliveries };
}

describe("an export", () => {
  it("is redacted unless the original is requested", async () => {
    const body = Buffer.from('{"event":"kyc.approved","data":{"id":"ord_1","name":"Ada Lovelace"}}');
    const { get } = await opened([{ body }]);
    for (const format of ["ndjson", "har", "curl"]) {
      const redacted = await get(`export?format=${format}`);
      expect([format, redacted.status, redacted.text.includes("Lovelace")]).toEqual([format, 200, false]);
      expect(redacted.headers["content-disposition"]).toContain("attachment");
    }
    expect((await get("export?format=ndjson&redact=0")).text).toContain("Lovelace");
    expect((await get("export?format=xml")).status).toBe(400);
  });

  it("contains what the filter shows, or one delivery", async () => {
    const { get, deliveries } = await opened([{}, { status: 500 }]);
    const lines = async (query: string) => (await get(`export?${query}`)).text.split("\n").filter(Boolean);
    expect(await lines("q=status:failed")).toHaveLength(1);
    const one = await lines(`id=${deliveries[0]?.id}`);
    expect(one.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual([deliveries[0]?.id]);
    expect((await get("export?id=dlv_nothing")).status).toBe(404);
  });
});

describe("one delivery as curl", () => {
  const HEADERS: [string, string][] = [
    ["content-type", "application/json"],
    ["webhook-signature", "v1,c2lnbmF0dXJl"],
    ["x-quote", "it's $(id)"],
  ];

  it("is one line that sends the same bytes with their signature to the app", async () => {
    const app = await startApp();
    const body = Buffer.from('{"event":"order.filled","data":{"id":"ord_1","symbol":"AAPL","side":"buy"}}');
    const { get } = await opened([{ body, headers: HEADERS, appUrl: `${app.url}/hooks?a=1`, app: [answered(200)] }]);
    const command = (await get("export?format=curl&id=last")).text;
    expect(command).toMatch(/^curl -i .*$/);
    const { stdout } = await promisify(execFile)("sh", ["-c", command]);
    expect(stdout).toMatch(/^HTTP\/1.1 200 OK[^]*ok$/);
    const [request] = app.requests;
    expect([request?.path, request?.body]).toEqual(["/hooks?a=1", body]);
    const raw = request?.rawHeaders ?? [];
    expect(raw[raw.indexOf("webhook-signature") + 1]).toBe("v1,c2lnbmF0dXJl");
  });

  it("has no signature over data that was replaced, unless the original is requested", async () => {
    const body = Buffer.from('{"event":"kyc.approved","data":{"id":"ord_1","name":"Ada"}}');
    const { get } = await opened([{ body, headers: HEADERS }]);
    const redacted = (await get("export?format=curl&id=last")).text;
    expect(redacted).not.toContain("Ada");
    expect(redacted).not.toContain("c2lnbmF0dXJl");
    const original = (await get("export?format=curl&id=last&redact=0")).text;
    expect(original).toContain("Ada");
    expect(original).toContain(String.raw`'x-quote: it'\''s $(id)'`);
  });

  it("is a script if one line cannot have its bytes", async () => {
    const { get } = await opened([{ body: Buffer.from([0, 255]) }]);
    expect((await get("export?format=curl&id=last&redact=0")).text).toMatch(/^#!\/bin\/sh/);
  });
});
