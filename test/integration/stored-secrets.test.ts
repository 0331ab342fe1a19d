import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { Context } from "../../src/context.ts";
import { runInProcess } from "../support/in-process.ts";
import { tempFolder } from "../support/temp.ts";
import { answered, seedHome } from "./events/seed.ts";

const KEY = "key-of-the-tenant";
const SECRET = '5ecret/of+the="tenant"';
const escapes = (text: string) =>
  text
    .split("")
    .map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");

/** An API that echoes the secret of the key pair, and a home whose config contains the pair. */
async function echoing() {
  let url = `https://app.invalid/${encodeURIComponent(SECRET)}`;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const sent = Buffer.concat(chunks).toString();
      if (request.method === "PATCH") url = (JSON.parse(sent) as { url?: string }).url ?? url;
      const webhook = JSON.stringify({
        id: "wh_1",
        name: `w ${SECRET}`,
        url,
        eventTypeNames: ["order.*"],
        status: "ACTIVE",
      });
      const { pathname } = new URL(request.url ?? "/", "http://api");
      const data = pathname.endsWith("event-types") ? "[]" : pathname.endsWith("webhooks") ? `[${webhook}]` : webhook;
      response.setHeader("content-type", "application/json");
      response.end(`{"object":"list","has_more":false,"data":${data}}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const env = {
    BLUUM_HOOKS_HOME: tempFolder(),
    BLUUM_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
  };
  const login = await runInProcess(["login", "--stdin"], env, {
    readStdin: async () => Buffer.from(`BLUUM_API_KEY=${KEY}\nBLUUM_API_SECRET='${SECRET}'\n`),
  });
  expect([login.code, login.stdout + login.stderr]).toEqual([0, expect.not.stringContaining(SECRET)]);
  return env;
}

const FORMS = [SECRET, encodeURIComponent(SECRET), JSON.stringify(SECRET).slice(1, -1), "5ecret"];

it.each([
  [["doctor"]],
  [["listen", "--webhook", "wh_1", "--tunnel", "none", "--port", "0", "--timeout", "1s", "--yes", "--verbose"]],
  [["listen", "--webhook", "wh_1", "--tunnel", "none", "--port", "0", "--timeout", "1s"]],
  [["register", "https://b.example/", "--webhook", "wh_1"]],
  [["promote", "https://b.invalid/hooks", "--env", "sandbox"]],
])("the secret of a saved key pair that the API returns in a webhook's name is not printed by %j", async (args) => {
  const env = await echoing();
  for (const flags of [[], ["--json"], ["--debug"]]) {
    const { stdout, stderr } = await runInProcess([...args, ...flags], env);
    for (const form of FORMS) expect(stdout + stderr).not.toContain(form);
  }
});

it("nor in a question at the terminal", async () => {
  const env = await echoing();
  const questions: string[] = [];
  const terminal: Partial<Context> = {
    isInteractive: true,
    confirm: async (question) => {
      questions.push(question);
      return false;
    },
  };
  await runInProcess(["listen", "--webhook", "wh_1", "--tunnel", "none", "--port", "0"], env, terminal);
  expect(questions.join("\n")).toContain("••••");
  for (const form of FORMS) expect(questions.join("\n")).not.toContain(form);
});

it.each([
  ["events", "show", "last"],
  ["events", "show", "last", "--json"],
  ["events", "list", "--json"],
  ["events", "tail", "--last", "1", "--count", "1", "--verbose"],
  ["events", "export"],
  ["events", "export", "--format", "har"],
  ["events", "export", "--format", "curl"],
])("nor in a delivery: %s %s %s %s %s %s %s", async (...args) => {
  const secret = "the-secret-of-the-app";
  const body = `{"event":"order.filled","data":{"id":"ord_1","note":"${secret}","other":"${escapes(secret)}"}}`;
  const { env } = await seedHome([
    { body: Buffer.from(body), headers: [["X-Echo", secret]], app: [answered(200, `{"you":"${escapes(secret)}"}`)] },
  ]);
  const end = await runInProcess(args.filter(Boolean), { ...env, BLUUM_WEBHOOK_SECRET: secret });
  expect(end.code).toBe(0);
  expect(end.stdout).toContain("••••");
  expect(end.stdout).not.toContain(secret);
  expect(end.stdout).not.toContain(escapes(secret));
  expect(end.stdout).not.toContain(JSON.stringify(escapes(secret)).slice(1, -1));
  if (args.includes("--json")) expect(() => JSON.parse(end.stdout) as unknown).not.toThrow();
});

it("nor in an error that quotes a variable of an env file", async () => {
  const folder = tempFolder();
  const file = join(folder, ".env");
  writeFileSync(file, "BLUUM_WEBHOOK_SECRET=secret-of-the-file\nBLUUM_INVESTOR_ID='x secret-of-the-file'\n");
  const { stderr } = await runInProcess(["trigger", "order", "--dry-run", "--env-file", file], {
    BLUUM_HOOKS_HOME: folder,
  });
  expect(stderr).toContain("investor");
  expect(stderr).not.toContain("secret-of-the-file");
});

const QUERY = "/webhooks/bluum?token=tok-1&api_key=tok-2&signature=tok-3&order=7";

it.each([
  ["events", "show", "last"],
  ["events", "show", "last", "--json"],
  ["events", "tail", "--last", "1", "--count", "1", "--verbose"],
  ["events", "tail", "--last", "1", "--count", "1", "--json"],
  ["events", "export"],
  ["events", "export", "--format", "har"],
  ["events", "export", "--format", "curl"],
])("secret parameters of a query are masked, and the others are shown: %s %s %s %s %s %s %s", async (...args) => {
  const { env } = await seedHome([
    {
      path: QUERY,
      appUrl: `http://localhost:3000${QUERY}`,
      headers: [["Referer", `https://x.example${QUERY}`]],
      app: [answered(302, "", [["Location", `https://y.example${QUERY}`]])],
    },
  ]);
  const end = await runInProcess(args.filter(Boolean), env);
  expect(end.code).toBe(0);
  expect(end.stdout).toContain("order=7");
  expect(end.stdout).not.toMatch(/tok-\d/);
});
