import { readFileSync, statSync, writeFileSync, mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startInspect, type Inspected } from "../../support/inspector.ts";
import { tempFolder } from "../../support/temp.ts";
import { seedHome } from "../events/seed.ts";

const SAME_ORIGIN = { "sec-fetch-site": "same-origin" };
const JSON_TYPE = { "content-type": "application/json" };

/** The response to raw bytes. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let received = "";
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => (received += chunk));
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
  });
}

async function signIn(inspector: Inspected): Promise<string> {
  const { status, headers } = await inspector.ask("/_inspector/session", {
    method: "POST",
    headers: { ...SAME_ORIGIN, ...JSON_TYPE, origin: `http://127.0.0.1:${inspector.port}` },
    body: JSON.stringify({ token: inspector.token }),
  });
  expect(status).toBe(204);
  return String(headers["set-cookie"]);
}

describe("the target of a request", () => {
  it.each([
    ["another name", (port: number) => `GET / HTTP/1.1\r\nHost: evil.test:${port}\r\nConnection: close\r\n\r\n`],
    ["another port", () => "GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\nConnection: close\r\n\r\n"],
    ["no port", () => "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"],
    ["no Host", () => "GET / HTTP/1.0\r\n\r\n"],
    [
      "two Host lines",
      (port: number) => `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil.test\r\nConnection: close\r\n\r\n`,
    ],
    [
      "a whole URL",
      (port: number) => `GET http://evil.test/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`,
    ],
    [
      "a URL without a scheme",
      (port: number) => `GET //evil.test/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`,
    ],
    [
      "another name, for a file of the page",
      (port: number) => `GET /assets/app-1.js HTTP/1.1\r\nHost: evil.test:${port}\r\nConnection: close\r\n\r\n`,
    ],
  ])("is refused with 403 if it has %s", async (_what, request) => {
    const { port } = await startInspect((await seedHome([])).env);
    const answer = await raw(port, request(port));
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain("request_refused");
  });

  it("may name localhost", async () => {
    const { ask, port, token } = await startInspect((await seedHome([])).env);
    const headers = { host: `localhost:${port}`, authorization: `Bearer ${token}` };
    expect((await ask("/_inspector/session", { headers })).status).toBe(200);
  });
});

describe("data", () => {
  it.each([
    ["a browser that says nothing", {}],
    ["another port of this machine", { "sec-fetch-site": "same-site" }],
    ["another site", { "sec-fetch-site": "cross-site" }],
    ["the address bar", { "sec-fetch-site": "none" }],
  ])("cannot be read by %s, even with a session", async (_who, headers) => {
    const inspector = await startInspect((await seedHome([{}])).env);
    const cookie = await signIn(inspector);
    const answer = await inspector.ask("/_inspector/deliveries", { headers: { ...headers, cookie } });
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain("dlv_");
  });

  it("can be read by the page with a session, and by a script with the token", async () => {
    const inspector = await startInspect((await seedHome([{}])).env);
    const cookie = await signIn(inspector);
    const answer = await inspector.ask("/_inspector/deliveries", { headers: { ...SAME_ORIGIN, cookie } });
    expect([answer.status, answer.json()["total"]]).toEqual([200, 1]);
    expect((await inspector.get("deliveries")).status).toBe(200);
  });

  it.each([
    ["no cookie", undefined],
    ["a forged one", "99999999999999.abc.def"],
  ])("cannot be read with %s", async (_what, value) => {
    const { ask, port } = await startInspect((await seedHome([])).env);
    const cookie = value === undefined ? {} : { cookie: `bluum_inspector_${port}=${value}` };
    const answer = await ask("/_inspector/session", { headers: { ...SAME_ORIGIN, ...cookie } });
    expect([answer.status, answer.json()["code"]]).toEqual([401, "session_ended"]);
  });

  it("cannot be changed by another method", async () => {
    const { ask, token } = await startInspect((await seedHome([])).env);
    const headers = { authorization: `Bearer ${token}` };
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS"]) {
      expect((await ask("/_inspector/session", { method, headers })).status).toBe(405);
    }
  });
});

describe("a request that changes something", () => {
  it.each([
    ["text", "http://127.0.0.1:PORT", "text/plain", 415],
    ["a form", "http://127.0.0.1:PORT", "application/x-www-form-urlencoded", 415],
    ["another port's page", "http://127.0.0.1:1", "application/json", 403],
    ["a page without an origin", "null", "application/json", 403],
    ["no page", undefined, "application/json", 403],
    ["this page by another name", "http://localhost:PORT", "application/json", 403],
  ])("is refused if it is sent as or from %s", async (_what, origin, type, status) => {
    const inspector = await startInspect((await seedHome([{}])).env);
    const headers = {
      ...SAME_ORIGIN,
      cookie: await signIn(inspector),
      "content-type": type,
      ...(origin === undefined ? {} : { origin: origin.replace("PORT", String(inspector.port)) }),
    };
    const answer = await inspector.ask("/_inspector/deliveries/last/replay", { method: "POST", headers, body: "{}" });
    expect(answer.status).toBe(status);
  });

  it("has a body of at most 16 MB", async () => {
    const { post } = await startInspect((await seedHome([{}])).env);
    const answer = await post("deliveries/last/preview", { bodyBase64: "A".repeat(17 * 1024 * 1024) });
    expect(answer.status).toBe(413);
  });
});

describe("the session", () => {
  it("is a cookie of this port, which no script and no other site gets, for the data only", async () => {
    const inspector = await startInspect((await seedHome([])).env);
    const cookie = await signIn(inspector);
    expect(cookie).toMatch(new RegExp(`^bluum_inspector_${inspector.port}=`));
    expect(cookie.split("; ").slice(1)).toEqual(["HttpOnly", "SameSite=Strict", "Path=/_inspector/", "Max-Age=43200"]);
  });

  it("lasts over a restart on the same port, with a key that only the owner can read", async () => {
    const { env } = await seedHome([]);
    const first = await startInspect(env);
    const cookie = (await signIn(first)).split(";")[0] ?? "";
    await first.stop();
    expect(statSync(join(env["BLUUM_HOOKS_HOME"] ?? "", "inspector.key")).mode & 0o777).toBe(0o600);
    const again = await startInspect(env, {}, ["--port", String(first.port)]);
    const answer = await again.ask("/_inspector/session", { headers: { ...SAME_ORIGIN, cookie } });
    expect(answer.status).toBe(200);
    const moved = await startInspect(env);
    const renamed = cookie.replace(String(first.port), String(moved.port));
    const refused = await moved.ask("/_inspector/session", { headers: { ...SAME_ORIGIN, cookie: renamed } });
    expect(refused.status).toBe(401);
  });

  it("ends after twelve hours", async () => {
    let now = Date.now();
    const { env } = await seedHome([]);
    const inspector = await startInspect(env, { clock: { now: () => now, sleep: async () => {} } });
    const cookie = await signIn(inspector);
    now += 12 * 60 * 60 * 1000;
    const answer = await inspector.ask("/_inspector/session", { headers: { ...SAME_ORIGIN, cookie } });
    expect(answer.status).toBe(401);
  });

  it("cannot be opened by the token of an earlier run, nor by any after ten wrong ones in a minute", async () => {
    const inspector = await startInspect((await seedHome([])).env);
    const open = (token: string) =>
      inspector.ask("/_inspector/session", {
        method: "POST",
        headers: { ...SAME_ORIGIN, ...JSON_TYPE, origin: `http://127.0.0.1:${inspector.port}` },
        body: JSON.stringify({ token }),
      });
    for (let tries = 0; tries < 10; tries += 1) expect((await open("of-an-earlier-run")).status).toBe(401);
    expect((await open(inspector.token)).status).toBe(429);
    expect((await inspector.get("session")).status).toBe(429);
  });
});

describe("every response", () => {
  it("forbids everything but this server's own files, and cannot be read by another page", async () => {
    const { ask, get } = await startInspect((await seedHome([{}])).env);
    const answers = [await ask("/"), await ask("/nothing"), await get("deliveries"), await get("deliveries/last/body")];
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        "content-security-policy":
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
          "trusted-types 'none'",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cache-control": "no-store",
      });
      expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });
});

describe("the page", () => {
  function builtPage(): string {
    const folder = tempFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "index.html"), "<!doctype html>");
    writeFileSync(join(folder, "app-1a2b.js"), "export {};");
    writeFileSync(join(folder, "not-listed.js"), "secret");
    writeFileSync(join(folder, "manifest.json"), JSON.stringify({ files: ["index.html", "app-1a2b.js"] }));
    return folder;
  }

  it.each(["/", "/d/dlv_1", "/r/ord_1", "/compare/dlv_1/dlv_2", "/?q=status:failed"])(
    "is the same for every client at %s",
    async (path) => {
      const { ask } = await startInspect((await seedHome([])).env, { inspectorFolder: builtPage() });
      const answer = await ask(path, { headers: { "sec-fetch-site": "cross-site" } });
      expect([answer.status, answer.text]).toEqual([200, "<!doctype html>"]);
      expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
    },
  );

  it("loads the files listed by the build, which may be cached, and no others", async () => {
    const { ask } = await startInspect((await seedHome([])).env, { inspectorFolder: builtPage() });
    const script = await ask("/assets/app-1a2b.js");
    expect(script.headers).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
    });
    for (const path of [
      "/assets/not-listed.js",
      "/assets/manifest.json",
      "/assets/../manifest.json",
      "/assets/%2e%2e/x",
    ]) {
      expect((await ask(path)).status).toBe(404);
    }
  });

  it("says so if it is not built", async () => {
    const { ask } = await startInspect((await seedHome([])).env, { inspectorFolder: tempFolder() });
    const answer = await ask("/");
    expect([answer.status, answer.json()["hint"]]).toEqual([503, "Build it with: npm run build"]);
  });
});

it("the stored key is random", async () => {
  const { env } = await seedHome([]);
  const inspector = await startInspect(env);
  await signIn(inspector);
  expect(readFileSync(join(env["BLUUM_HOOKS_HOME"] ?? "", "inspector.key"))).toHaveLength(32);
});
