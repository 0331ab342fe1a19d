import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import type { HeaderPair } from "../../../src/core/delivery.ts";
import { cleanBlock } from "../../../src/output/privacy/clean.ts";
import { startApp } from "../../support/app.ts";
import { runInProcess } from "../../support/in-process.ts";
import { answered, APP_URL, seedHome } from "./seed.ts";

interface Har {
  readonly log: {
    readonly version: string;
    readonly creator: { readonly name: string; readonly version: string };
    readonly comment?: string;
    readonly entries: Record<string, any>[]; // oxlint-disable-line typescript/no-explicit-any -- examined field by field
  };
}

/** Checks every field that HAR 1.2 requires, with its type. */
function expectValidHar({ log }: Har): void {
  expect(log.version).toBe("1.2");
  expect(log.creator).toEqual({ name: "bluum-hooks", version: expect.any(String) as string });
  for (const entry of log.entries) {
    expect(new Date(entry["startedDateTime"] as string).toISOString()).toBe(entry["startedDateTime"]);
    const { send, wait, receive } = entry["timings"] as Record<string, number>;
    expect((send ?? -1) + (wait ?? -1) + (receive ?? -1)).toBeCloseTo(entry["time"] as number);
    expect(entry["cache"]).toEqual({});
    const list = expect.any(Array) as unknown[];
    const [text, number] = [expect.any(String) as string, expect.any(Number) as number];
    const message = { httpVersion: text, cookies: list, headers: list, headersSize: number, bodySize: number };
    expect(entry["request"]).toMatchObject({ ...message, method: text, url: text, queryString: list });
    expect(URL.canParse(entry["request"].url as string)).toBe(true);
    if (entry["request"].postData) expect(entry["request"].postData).toMatchObject({ mimeType: text, text });
    const content = { size: number, mimeType: text };
    expect(entry["response"]).toMatchObject({
      ...message,
      status: number,
      statusText: text,
      redirectURL: text,
      content,
    });
    for (const { name, value } of [...entry["request"].headers, ...entry["response"].headers]) {
      expect([typeof name, typeof value]).toEqual(["string", "string"]);
    }
  }
}

const exported = async (env: Record<string, string>, ...flags: string[]) => {
  const end = await runInProcess(["events", "export", ...flags], env);
  expect(end.code).toBe(0);
  return end.stdout;
};

describe("har", () => {
  it("has an entry for each delivery and for each attempt to forward it", async () => {
    const { env } = await seedHome([
      {
        headers: [
          ["Host", "x.example"],
          ["Authorization", "Basic s3cret"],
        ],
        app: [answered(500), answered(200, Buffer.from([255]))],
      },
      { body: Buffer.from([0xff, 0x00]), headers: [["Host", "not a host"]] },
    ]);
    const text = await exported(env, "--format", "har");
    const har = JSON.parse(text) as Har;
    expectValidHar(har);
    expect(har.log.entries.map((entry) => [entry["request"].url, entry["response"].status])).toEqual([
      ["http://x.example/webhooks/bluum?x=1", 200],
      [APP_URL, 500],
      [APP_URL, 200],
      ["http://localhost/webhooks/bluum?x=1", 200],
    ]);
    expect(text).not.toContain("s3cret");
  });

  it("is valid without entries", async () => {
    const { env } = await seedHome([]);
    const har = JSON.parse(await exported(env, "--format", "har")) as Har;
    expectValidHar(har);
    expect(har.log.entries).toEqual([]);
  });
});

describe("ndjson", () => {
  it("is one record for each delivery, the oldest first, from which its bytes can be restored", async () => {
    const { env, deliveries } = await seedHome([{ app: [answered(200)] }, { body: Buffer.from([0xff, 0x00]) }]);
    const records = (await exported(env))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { id: string; body?: string; bodyBase64?: string; forwards: unknown[] });
    expect(records.map(({ id }) => id)).toEqual(deliveries.map(({ id }) => id));
    expect(records[0]?.forwards).toMatchObject([{ status: 200, body: "ok" }]);
    const bytes = records.map(({ body, bodyBase64 }) =>
      Buffer.from(body ?? bodyBase64 ?? "", body === undefined ? "base64" : "utf8"),
    );
    expect(bytes).toEqual(deliveries.map(({ body }) => body));
  });

  it("exports more than a page, and with a limit the newest, none twice", async () => {
    const at = Date.now();
    const { env, deliveries } = await seedHome(
      Array.from({ length: 250 }, (_, index) => ({ resourceId: `ord_${index}`, at: at + Math.floor(index / 7) })),
    );
    const ids = async (...flags: string[]) =>
      (await exported(env, ...flags))
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { id: string }).id);
    const all = deliveries.map(({ id }) => id);
    expect(await ids()).toEqual(all);
    expect(await ids("--event", "order.*")).toEqual(all);
    expect(await ids("--limit", "130")).toEqual(all.slice(-130));
  });
});

it.each(["ndjson", "har", "curl"])("%s with --redact contains only harmless data, and says so", async (format) => {
  const personal = {
    email: "jane@example.com",
    name: "Jane Roe",
    ssn: "123-45-6789",
    memo: "call 555-123-4567",
    swift_code: "DEUTDEFF",
    addr: "12 Main Street",
    counterparty: "Richard Miles",
    documents: [{ content: "SmFuZSBSb2U=" }],
    reason: "not Jane Roe, born 1980-02-03",
    gender: "female",
    dob: 19800203,
  };
  const order = { id: "ord_x9y8z7a6", symbol: "AAPL", amount: "178.50", status: "filled" };
  const body = Buffer.from(
    JSON.stringify({ event: "order.filled", timestamp: "2025-06-15T14:30:15Z", data: { ...order, ...personal } }),
  );
  const { env } = await seedHome([
    {
      body,
      path: "/webhooks/bluum/jane-roe?who=jane-roe",
      headers: [
        ["X-Contact", "jane@example.com"],
        ["X-Forwarded-For", "203.0.113.7"],
        ["X-Client-Cert", "MIIBclient"],
        ["X-Jane", "1"],
      ],
      app: [answered(200, JSON.stringify(personal), [["Set-Cookie", "jane-roe"]])],
      appUrl: "https://jane-roe.example/hooks",
    },
  ]);
  // A random ID may contain any digits.
  const text = (await exported(env, "--format", format, "--redact")).replaceAll(/dlv_\w+/g, "dlv_");
  const secrets = Object.values(personal).map((value) => (typeof value === "object" ? "SmFuZSBSb2U=" : String(value)));
  for (const secret of [...secrets, "jane-roe", "Jane Roe", "1980", "203.0.113.7", "MIIBclient"]) {
    expect(text).not.toContain(secret);
  }
  expect(text).toContain("signatures are no longer valid");
  for (const kept of ["order.filled", "2025-06-15T14:30:15Z", ...Object.values(order)]) expect(text).toContain(kept);
});

it("--redact replaces equal values equally, so that a person can be followed but not identified", async () => {
  const body = (name: string) => Buffer.from(`{"event":"x","data":{"id":"acc_1","holder":"${name}"}}`);
  const { env } = await seedHome([{ body: body("Jane") }, { body: body("Joe") }, { body: body("Jane") }]);
  const holders = (await exported(env, "--redact"))
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { payload: { data: { holder: string } } }).payload.data.holder);
  expect(holders[0]).toBe(holders[2]);
  expect(holders[0]).not.toBe(holders[1]);
});

describe("curl", () => {
  it("sends the same bytes and headers again", async () => {
    const received: { headers: string[]; body: Buffer }[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        received.push({ headers: request.rawHeaders, body: Buffer.concat(chunks) });
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const headers: HeaderPair[] = [
      ["X-Quote", `it's "$(touch /tmp/never)" \`id\` \\ %s 100%`],
      ["X-Bytes", "caf\u00e9 \u00ff"],
      ["X-Empty", ""],
      ["Content-Type", "application/json"],
    ];
    const bodies = [
      Buffer.from(`{"a":"it's $(id) \`id\` \\\\n %s"}\n\n`),
      Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
      Buffer.from("line\r\nline\u001b[31m ünïcode \u{1f600}"),
      Buffer.alloc(0),
      Buffer.from("-n @file"),
      Buffer.alloc(300_000, "x"),
    ];
    const { env } = await seedHome(bodies.map((body) => ({ body, headers })));
    const script = await exported(env, "--format", "curl");
    expect(script).toBe(cleanBlock(script));
    expect(script).toContain("--max-time 30 ");
    const { port } = server.address() as AddressInfo;
    const running = promisify(execFile)("sh", ["-s"], {
      env: { PATH: process.env["PATH"] ?? "", URL: `http://127.0.0.1:${port}/hooks` },
    });
    running.child.stdin?.end(script);
    const { stdout } = await running;
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.slice(-3)),
    ).toEqual(bodies.map(() => "200"));
    expect(received.map(({ body }) => body)).toEqual(bodies);
    for (const { headers: raw } of received) {
      const names = raw.filter((_, index) => index % 2 === 0);
      expect(names).not.toContain("User-Agent");
      for (const [name, value] of headers) expect(raw[raw.indexOf(name) + 1]).toBe(value);
    }
  });

  it("ends with 1 if a response is not 2xx, and still sends the others", async () => {
    let count = 0;
    const app = await startApp((_request, response) => response.writeHead((count += 1) === 1 ? 500 : 200).end());
    const { env } = await seedHome([{}, {}]);
    const script = await exported(env, "--format", "curl");
    const running = promisify(execFile)("sh", ["-s"], { env: { PATH: process.env["PATH"] ?? "", URL: app.url } });
    running.child.stdin?.end(script);
    await expect(running).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/500\n.* 200\n$/s) as string,
    });
    expect(app.requests).toHaveLength(2);
  });

  it("fails if a delivery has no target", async () => {
    const { env } = await seedHome([{}]);
    const script = await exported(env, "--format", "curl");
    const running = promisify(execFile)("sh", ["-s"], { env: { PATH: process.env["PATH"] ?? "" } });
    running.child.stdin?.end(script);
    await expect(running).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("URL=") as string });
  });

  it("is not JSON, and is refused together with --json", async () => {
    const { env } = await seedHome([]);
    const { code, error } = await runInProcess(["events", "export", "--format", "curl", "--json"], env);
    expect([code, error?.code]).toEqual([2, "invalid_usage"]);
  });
});
