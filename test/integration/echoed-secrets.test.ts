import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { runInProcess } from "../support/in-process.ts";
import { tempFolder } from "../support/temp.ts";

const KEY = "key-of-the-tenant";
const SECRET = "5ecret/of+the=tenant";
const SIGNING = "whsec_c2lnbmluZyBzZWNyZXQ=";

/** An API that echoes its input wherever it can. */
async function echoing(credentials: { key: string; secret: string } = { key: KEY, secret: SECRET }) {
  const { key, secret } = credentials;
  const webhook = {
    id: "wh_1",
    name: `w ${secret}`,
    url: `https://app.example/${encodeURIComponent(secret)}`,
    eventTypeNames: ["order.*", `${secret}.*`],
    status: "ACTIVE",
    description: `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`,
    metadata: { key, signed: SIGNING },
  };
  const server = createServer((request, response) => {
    const data = request.url?.endsWith("event-types") === true ? [{ name: secret, description: key }] : [webhook];
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ object: "list", has_more: false, data }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const env = {
    BLUUM_HOOKS_HOME: tempFolder(),
    BLUUM_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    BLUUM_API_KEY: key,
    BLUUM_API_SECRET: secret,
    BLUUM_WEBHOOK_SECRET: SIGNING,
  };
  return (...args: string[]) => runInProcess(args, env);
}

it.each([
  ["webhooks", "list"],
  ["webhooks", "show", "wh_1"],
  ["register", "https://b.example/", "--webhook", "wh_1", "--dry-run"],
  ["event-types"],
])("%s %s prints no secret that the API returns", async (...args) => {
  const run = await echoing();
  for (const flags of [[], ["--json"]]) {
    const { code, stdout, stderr } = await run(...args, ...flags);
    expect(code).toBe(0);
    expect(stdout + stderr).toContain("••••");
    for (const hidden of [KEY, SECRET, encodeURIComponent(SECRET), SIGNING, btoa(`${KEY}:${SECRET}`)]) {
      expect(stdout + stderr).not.toContain(hidden);
    }
    if (flags.length > 0) expect(() => JSON.parse(stdout) as unknown).not.toThrow();
  }
});

it("a secret of one letter masks nothing", async () => {
  const run = await echoing({ key: "k", secret: "s" });
  expect((await run("webhooks", "list")).stdout).toContain("https://app.example/s");
});
