import type { IncomingHttpHeaders, RequestListener } from "node:http";
import { createRequire } from "node:module";
import { expect, it } from "vitest";
import type { CheckReport } from "../../src/core/check-report.ts";
import { isFresh, isSigned } from "../support/handlers/app.ts";
import { serve } from "../support/handlers/server.ts";
import { runInProcess } from "../support/in-process.ts";
import { tempFolder } from "../support/temp.ts";

/** What this test uses of Express, which comes without types. */
interface App extends RequestListener {
  use(middleware: object): App;
  post(path: string, handler: typeof receive): App;
}
const express = createRequire(import.meta.url)("express") as (() => App) & { json(): object };

const SECRET = "whsec_YSBmaWZ0aCBzZWNyZXQ=";
const env = () => ({ PATH: process.env["PATH"] ?? "", BLUUM_HOOKS_HOME: tempFolder(), BLUUM_WEBHOOK_SECRET: SECRET });

async function fixesOf(url: string, ...flags: string[]): Promise<Record<string, string>> {
  const part = "robustness,signature.raw-bytes";
  const { stdout } = await runInProcess(["check", url, "--json", "--only", part, ...flags], env());
  const { results } = JSON.parse(stdout) as CheckReport;
  return Object.fromEntries(results.filter(({ result }) => result === "failed").map(({ id, fix }) => [id, fix]));
}

/** Verifies JSON that it has written again, within the parser's default limit, and accepts whatever has a type. */
function receive(
  { headers, body }: { readonly headers: IncomingHttpHeaders; readonly body?: unknown },
  response: { sendStatus(status: number): void },
): void {
  const isValid = isSigned(JSON.stringify(body ?? null), headers, SECRET) && isFresh(headers);
  const isForm = headers["content-type"] !== "application/json";
  response.sendStatus(isValid || isForm || Object.keys(body ?? {}).length === 0 ? 200 : 401);
}

function expressApp() {
  const app = express();
  app.use(express.json());
  return app.post("/webhooks/bluum", receive);
}

it("the remedies for an Express app are Express's own, recognised from its answers", async () => {
  const { url } = await serve(expressApp());
  const fixes = await fixesOf(url);
  expect(fixes["robustness.large-body"]).toBe(
    "Express: Set the parser's limit for this route: express.raw({ type: () => true, limit: '1mb' }).",
  );
  expect(fixes["robustness.empty-body"]).toContain("Express: Answer 400 if request.body is not a Buffer");
  expect(fixes["signature.raw-bytes"]).toContain("Express: Use express.raw(");
});

it("the remedies for an app that is not recognised name no framework", async () => {
  const { url } = await serve((request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(200).end());
  });
  const fixes = await fixesOf(url);
  expect(Object.keys(fixes)).toHaveLength(3);
  for (const fix of Object.values(fixes)) expect(fix).not.toMatch(/express|JSON\.parse/i);
});

it("--framework names the framework of an app that is not recognised, or is recognised wrongly", async () => {
  const { url } = await serve(expressApp());
  const fixes = await fixesOf(url, "--framework", "django");
  expect(fixes["robustness.large-body"]).toMatch(/^Django: Set DATA_UPLOAD_MAX_MEMORY_SIZE /);
});

it("an app whose endpoint shows only what two frameworks share is recognised by its answer to another path", async () => {
  const paths: string[] = [];
  const { url } = await serve(({ url: path = "" }, response) => {
    paths.push(path);
    response.setHeader("X-Powered-By", "Express");
    if (path === "/webhooks/bluum") response.writeHead(401).end("Unauthorized");
    else response.writeHead(404).end(`{"message":"Cannot POST ${path}","error":"Not Found","statusCode":404}`);
  });
  const { stdout } = await runInProcess(["check", url, "--only", "events,signature"], env());
  expect(stdout.replace(/\s+/g, " ")).toContain("NestJS: Create the app with NestFactory.create(AppModule, { rawBody");
  expect(stdout).not.toContain("Express:");
  expect(paths.filter((path) => path !== "/webhooks/bluum")).toStrictEqual(["/webhooks/bluum/bluum-hooks-check"]);
});

it("no other path is requested where no remedy is needed, or the framework is named", async () => {
  const paths = new Set<string>();
  const answering = (status: number) =>
    serve(({ url: path = "" }, response) => {
      paths.add(path);
      response.writeHead(status).end();
    });
  const [refusing, accepting] = [await answering(401), await answering(200)];
  await fixesOf(refusing.url, "--framework", "go");
  await runInProcess(["check", accepting.url, "--only", "events,signature"], env());
  expect([...paths]).toStrictEqual(["/webhooks/bluum"]);
});

it("a CSRF guard's remedy is that of the framework", async () => {
  const { url } = await serve((_request, response) => response.writeHead(403).end("CSRF verification failed"));
  const { stdout } = await runInProcess(["check", url, "--framework", "django", "--only", "events"], env());
  expect(stdout.replace(/\s+/g, " ")).toContain("Django: Decorate the view with @csrf_exempt");
});

it("an unknown --framework is an error that names the known ones", async () => {
  const { code, stderr } = await runInProcess(["check", "3000", "--framework", "cobol"], env());
  expect(code).toBe(2);
  expect(stderr).toContain('invalid --framework "cobol": must be express, fastify, koa, ');
});
