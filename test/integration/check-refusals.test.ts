import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { CheckReport } from "../../src/core/check-report.ts";
import { createApp, GOOD, isFresh, isSigned } from "../support/handlers/app.ts";
import { serve } from "../support/handlers/server.ts";
import { runInProcess } from "../support/in-process.ts";
import { tempFolder } from "../support/temp.ts";

const SECRET = "whsec_YSBmb3VydGggc2VjcmV0";
const env = () => ({ PATH: process.env["PATH"] ?? "", BLUUM_HOOKS_HOME: tempFolder(), BLUUM_WEBHOOK_SECRET: SECRET });

/** Enough for each kind of result. */
const PART = "events.unknown-name,signature,robustness.empty-body";

async function check(url: string, ...flags: string[]): Promise<CheckReport> {
  const { stdout } = await runInProcess(["check", url, "--json", "--only", PART, ...flags], env());
  return JSON.parse(stdout) as CheckReport;
}

/** The one note of a report about an endpoint that refuses everything; no check may pass because of that. */
function refusalIn({ notes, results }: CheckReport): string {
  expect(notes).toHaveLength(1);
  expect(results.filter(({ group }) => group === "signature").map(({ result }) => result)).toStrictEqual([
    "unproven",
    "unproven",
    "unproven",
    "unproven",
    "failed",
  ]);
  expect(results.find(({ id }) => id === "events.unknown-name")).toMatchObject({ result: "failed", explained: true });
  return notes[0] ?? "";
}

const serveApp = (isAuthentic: typeof GOOD.isAuthentic) => serve(createApp({ ...GOOD, isAuthentic }, SECRET));

describe("a handler that refuses signed and unsigned events alike", () => {
  it.each([400, 401, 403, 422])(
    "with %d gets one note about its secret, scheme, header and raw body",
    async (status) => {
      const { url } = await serve((_request, response) => response.writeHead(status).end("no, no"));
      const note = refusalIn(await check(url));
      expect(note).toMatch(new RegExp(`^The handler refuses everything: .* \\(${status} in \\d+ ms: no, no\\)\\.`));
      expect(note).toContain("Check that BLUUM_WEBHOOK_SECRET is the endpoint's secret");
      expect(note).toContain("the scheme standard-webhooks in the header webhook-signature");
      expect(note).toContain("raw body");
      // Rails' guard answers 422, and those of others 403, without a word of what they are.
      expect(note.includes("Or a CSRF guard refuses every delivery.")).toBe(status === 403 || status === 422);
    },
  );

  it("with 422, as the guard of Rails does without a word, gets the remedy of its framework", async () => {
    const { url } = await serve((_request, response) => response.writeHead(422).end());
    const note = refusalIn(await check(url, "--framework", "rails"));
    expect(note).toContain("Or a CSRF guard refuses every delivery. Rails: Add skip_forgery_protection to");
  });

  it.each<[what: string, rewritten: (raw: Buffer) => string]>([
    ['the text "undefined"', () => "undefined"],
    ['the text "[object Object]"', () => "[object Object]"],
    ["an empty body", () => ""],
    ["the JSON re-serialized with spaces, as Python does", (raw) => withSpaces(JSON.parse(raw.toString()))],
    ["the JSON re-serialized with sorted keys, as Go does", (raw) => sorted(JSON.parse(raw.toString()))],
    [
      "the JSON re-serialized with spaces and sorted keys, as Flask does",
      (raw) => withSpaces(JSON.parse(sorted(JSON.parse(raw.toString())))),
    ],
  ])("because it verifies %s gets a note about the raw body", async (what, rewritten) => {
    const { url } = await serveApp(
      (raw, headers, secret) => isSigned(rewritten(raw), headers, secret) && isFresh(headers),
    );
    const { notes } = await check(url);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(`it does not verify the raw body, but ${what}`);
    expect(notes[0]).not.toContain("BLUUM_WEBHOOK_SECRET");
  });

  it("because its body is lost, and cannot be parsed either, is said to lack the raw body", async () => {
    const nothing = Buffer.alloc(0);
    const { url } = await serve(({ headers }, response) =>
      response.writeHead(isSigned(nothing, headers, SECRET) && isFresh(headers) ? 400 : 401).end(),
    );
    expect(refusalIn(await check(url))).toContain("it does not verify the raw body, but an empty body");
  });

  it("because it expects another scheme gets a note with that scheme", async () => {
    const { url } = await serveApp((raw, headers, secret) => {
      const hex = createHmac("sha256", secret).update(raw).digest("hex");
      return headers["x-bluum-signature"] === `sha256=${hex}`;
    });
    expect(refusalIn(await check(url))).toContain("it expects the scheme hex in the header x-bluum-signature");
    expect((await check(url, "--scheme", "hex")).notes).toStrictEqual([]);
  });

  it("because it does not decode its secret gets a note about it", async () => {
    const { url } = await serveApp(
      (raw, headers, secret) => isSigned(raw, headers, Buffer.from(secret).toString("base64")) && isFresh(headers),
    );
    expect(refusalIn(await check(url))).toContain("it uses the text of the secret as the key");
  });

  it("because of a CSRF guard gets a note about it, wherever its response mentions it", async () => {
    const page = `<!DOCTYPE html><html><head><style>${"p{}".repeat(200)}</style></head><body>${"<p>x".repeat(2_000)}<p>CSRF verification failed.</body></html>`;
    const { url } = await serve((_request, response) =>
      response.writeHead(403, { "content-type": "text/html" }).end(page),
    );
    const note = refusalIn(await check(url));
    expect(note).toMatch(/^A CSRF guard refuses every delivery \(403 /);
    expect(note).not.toMatch(/<|p\{|BLUUM_WEBHOOK_SECRET/);
  });

  it("gets no such note if an unsigned one is refused differently", async () => {
    const { url } = await serve(({ headers }, response) =>
      response.writeHead(headers["webhook-signature"] === undefined ? 401 : 422).end("unknown investor"),
    );
    const { notes, results } = await check(url);
    expect(notes).toStrictEqual([
      expect.stringMatching(/^A correctly signed event was refused \(422 .*unknown investor/),
    ]);
    expect(results.find(({ id }) => id === "signature.missing")).toMatchObject({ result: "passed" });
  });
});

it("an endpoint that answers 500 to everything gets one note, with the readable part of its response", async () => {
  const page = `<!DOCTYPE html><html><head><style>${"p{}".repeat(200)}</style></head><body><h1>RuntimeError at /webhooks/bluum</h1><pre>You called this URL via POST, but the URL doesn&#039;t end in a slash</pre><p>${"frame ".repeat(200)}</body></html>`;
  const { url } = await serve((_request, response) =>
    response.writeHead(500, { "content-type": "text/html" }).end(page),
  );
  const { stdout } = await runInProcess(["check", url], env());
  const text = stdout.replace(/\s+/g, " ");
  expect(text).toMatch(/✗ The endpoint answers with a server error \(500 in [^)]*RuntimeError at \/webhooks\/bluum /);
  expect(text).toContain("but the URL doesn't end in a slash");
  expect(text).toMatch(/frame…\)/);
  expect(text).not.toContain("p{}");
  expect(stdout.match(/^ +fix /gm)).toBeNull();
  expect(stdout.match(/RuntimeError/g)).toHaveLength(1);
});

it("with --safe only harmless events are sent to find the reason", async () => {
  const names = new Set<unknown>();
  const { url } = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      names.add((JSON.parse(Buffer.concat(chunks).toString()) as { event: unknown }).event);
      response.writeHead(401).end();
    });
  });
  const { stdout } = await runInProcess(["check", url, "--safe", "--only", "signature.missing", "--json"], env());
  expect((JSON.parse(stdout) as CheckReport).notes).toHaveLength(1);
  expect([...names]).toStrictEqual(["bluum_hooks.check"]);
});

/** The format of Python's `json.dumps`. */
function withSpaces(value: unknown): string {
  return JSON.stringify(value, null, 1)
    .replaceAll(/\n\s*(?=[}\]])|(?<=[{[])\n\s*/g, "")
    .replaceAll(/\n\s*/g, " ");
}

/** The format of Go's `json.Marshal` for a map. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
}
