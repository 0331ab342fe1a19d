import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readDelivery } from "../../src/core/delivery.ts";
import { checklist } from "../../src/checks/check-table.ts";
import { sign, verify } from "../../src/core/signature.ts";
import { openStore } from "../../src/store/store.ts";
import type { CheckReport } from "../../src/core/check-report.ts";
import { createApp, GOOD, type Habits } from "../support/handlers/app.ts";
import * as bad from "../support/handlers/bad.ts";
import { serve, type Endpoint } from "../support/handlers/server.ts";
import { runInProcess } from "../support/in-process.ts";
import { makeLoopbackCertificate } from "../support/ngrok-server/certificate.ts";
import { tempFolder } from "../support/temp.ts";

const SECRET = "whsec_YSB0aGlyZCBzZWNyZXQ=";
const env = (more: Record<string, string> = {}) => ({
  PATH: process.env["PATH"] ?? "",
  BLUUM_HOOKS_HOME: tempFolder(),
  BLUUM_WEBHOOK_SECRET: SECRET,
  ...more,
});
const handler = (habits: Habits = GOOD) => serve(createApp(habits, SECRET));
const runCheck = ({ url }: Pick<Endpoint, "url">, ...flags: string[]) => runInProcess(["check", url, ...flags], env());
const reportOf = ({ stdout }: { stdout: string }) => JSON.parse(stdout) as CheckReport;

describe("the report", () => {
  it("is text that explains each failure, without a redrawn line in a pipe, and the run ends with 6", async () => {
    const { code, stdout, stderr } = await runCheck(await handler(bad.acceptsStale), "--only", "signature");
    expect(code).toBe(6);
    expect(stdout).toContain("✗ refuses a signature that is an hour old");
    expect(stdout).toMatch(
      /✗ signature\.stale .*\n +sent +an order\.filled, signed correctly with a time one hour ago\n/,
    );
    expect(stdout).toMatch(/\n +got +200 in \d+ ms\n/);
    expect(stdout).toMatch(/\n +fix +Compare the signed time with the clock/);
    expect(stdout).toMatch(/seed \d+\n$/);
    expect(stderr).toMatch(
      /^error: the endpoint failed a required check\n  next: Fix it, then run: bluum-hooks check http:\S+ --only signature\.stale\n$/,
    );
  });

  it("names the group where several of its checks failed", async () => {
    const { stderr } = await runCheck(await handler(bad.neverVerifies), "--skip", "speed,idempotency,order");
    expect(stderr).toMatch(/^error: the endpoint failed 4 required checks\n.* --only signature\n$/);
  });

  it("ends with a command that can be copied unchanged, and runs the failed checks again", async () => {
    const endpoint = await handler(bad.acceptsStale);
    const given = ["check", endpoint.url, "--only=signature", "--timeout", "7s", "--state", "echo 'a b'"];
    const { stderr } = await runInProcess(given, env());
    const command = /next: Fix it, then run: (.*)\n/.exec(stderr)?.[1] ?? "";
    expect(command).toBe(
      `bluum-hooks check ${endpoint.url} --timeout 7s --state 'echo '\\''a b'\\''' --only signature.stale`,
    );
  });

  it("accepts a port instead of a URL, with the default path", async () => {
    const { url } = await handler();
    const { stdout } = await runInProcess(
      ["check", new URL(url).port, "--only", "transport.reachable", "--json"],
      env(),
    );
    expect(JSON.parse(stdout)).toMatchObject({
      url: `http://localhost:${new URL(url).port}/webhooks/bluum`,
      passed: true,
    });
  });

  it("prints each result at once, in one piece", async () => {
    const pieces: string[] = [];
    const stdout = { write: (text: string) => void pieces.push(text), isTTY: false, columns: 80 };
    const { url } = await handler();
    await runInProcess(["check", url, "--only", "signature"], env(), { stdout });
    expect(pieces.slice(0, 2)).toEqual([
      expect.stringMatching(/^signature\n  ✓ refuses an event without a signature.*\n$/),
      expect.stringMatching(/^  ✓ refuses a signature made with another secret.*\n$/),
    ]);
    expect(pieces).toHaveLength(6);
  });

  it("of a wrong path names the cause once, and lists what failed because of it", async () => {
    const endpoint = await serve((_request, response) => response.writeHead(404).end("Cannot POST /webhook"));
    const { code, stdout, stderr } = await runCheck(endpoint, "--max-time", "60s");
    expect(code).toBe(6);
    expect(stdout.match(/Cannot\s+POST/g)).toHaveLength(1);
    expect(stdout).toContain("✗ The endpoint does not accept events at this URL (404 in ");
    expect(stdout).toContain("Failed for this reason: ");
    expect(stdout.split("\n").length).toBeLessThan(55);
    expect(stderr).toContain(`Fix them, then run: bluum-hooks check ${endpoint.url} --max-time 60s\n`);
  });

  it.each(["signature", "transport,events"])("never calls a part of the checklist ready (--only %s)", async (part) => {
    const end = await runCheck(await handler(), "--only", part);
    expect(end.code).toBe(0);
    expect(end.stdout).toMatch(/✓ \d of \d selected checks passed\n/);
    expect(end.stdout).not.toMatch(/ready for production/i);
  });

  it("does not call an endpoint ready without reading its state", async () => {
    const { stdout } = await runCheck(await handler(), "--json");
    expect(JSON.parse(stdout)).toMatchObject({ passed: true, complete: true, ready: false });
  });

  it("does not count a refusal if a valid event is refused in the same way", async () => {
    const { url } = await serve((_request, response) => response.writeHead(401).end());
    const { stdout } = await runInProcess(["check", url, "--safe", "--only", "signature", "--json"], env());
    const report = JSON.parse(stdout) as CheckReport;
    expect(report.results.map(({ result }) => result)).toEqual(["unproven", "unproven", "unproven", "unproven"]);
  });

  it("is a failure if nothing could be checked", async () => {
    const end = await runCheck(await handler(), "--only", "signature.stale", "--scheme", "hex", "--json");
    expect(end).toMatchObject({ code: 6, error: { code: "check_failed" } });
    expect(end.error?.message).toContain("this scheme does not sign the time");
  });

  it("shows its progress on a terminal, and removes it at the end", async () => {
    let shown = "";
    const stderr = {
      write: (text: string) => void (shown += text),
      erase: (what: string) => void (shown += `<erase ${what}>`),
      isTTY: true,
      columns: 80,
    };
    const { url } = await handler();
    await runInProcess(["check", url, "--only", "signature"], env(), { stderr });
    expect(shown).toContain("1/5  refuses an event without a signature …");
    expect(shown.endsWith("<erase line>")).toBe(true);
    shown = "";
    await runInProcess(["check", url, "--only", "signature", "--quiet"], env(), { stderr });
    expect(shown).toBe("");
  });

  it("is one JSON document with --json, whose seed repeats it", async () => {
    const endpoint = await handler(bad.failsOnUnknown);
    const end = await runCheck(endpoint, "--json", "--only", "events", "--seed", "99");
    expect(end).toMatchObject({ code: 6, error: { code: "check_failed" } });
    expect(reportOf(end)).toMatchObject({ url: endpoint.url, seed: 99, passed: false, reachable: true, stopped: null });
    expect(reportOf(end).results.map(({ id, result }) => [id, result])).toEqual([
      ["events.documented", "passed"],
      ["events.unknown-name", "failed"],
      ["events.unknown-fields", "passed"],
    ]);
  });

  it("is written for a CI system with --junit, as valid XML for any response of the endpoint", async () => {
    const path = join(tempFolder(), "report.xml");
    const endpoint = await serve((_request, response) =>
      response.writeHead(500).end('<&"]]>\u0001\u001b[2J\uffff\ud83d\ude00'),
    );
    const end = await runCheck(endpoint, "--junit", path, "--skip", "speed", "--state", "echo 1");
    expect(end.code).toBe(6);
    const xml = readFileSync(path, "utf8");
    const count = checklist().filter(({ id }) => !id.startsWith("speed.")).length;
    expect(xml).toContain(
      `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="bluum-hooks check" tests="${count}"`,
    );
    expect(xml).toMatch(
      /<testcase classname="bluum-hooks.events" name="events.unknown-name: [^"]+" time="\d+\.\d{3}">/,
    );
    expect(xml).toMatch(/<failure type="check" message="500 in \d+ ms: &lt;&amp;&quot;]]>/);
    // oxlint-disable-next-line no-control-regex -- control characters are searched for
    expect(xml).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/);
    expect(xml.match(/<failure /g)).toHaveLength(Number(/failures="(\d+)"/.exec(xml)?.[1]));
  });

  it("never shows the secret", async () => {
    const path = join(tempFolder(), "report.xml");
    const end = await runCheck(await handler(bad.neverVerifies), "--json", "--junit", path, "--debug");
    for (const text of [end.stdout, end.stderr, readFileSync(path, "utf8")])
      expect(text).not.toContain(SECRET.slice(6));
  });
});

describe("--state", () => {
  it("uses the output of a shell command", async () => {
    const endpoint = await handler();
    const command = `curl -s ${endpoint.stateUrl} | tr -d ' '`;
    const end = await runCheck(endpoint, "--json", "--only", "order.accepted-then-filled", "--state", command);
    expect(reportOf(end).results).toMatchObject([{ result: "passed" }]);
  });

  it.each<[what: string, state: string, message: RegExp]>([
    ["fails", "echo 'no \u001b[31mtable' >&2; exit 3", /ended with 3:\nno table$/],
    ["cannot be found", "no-such-program-anywhere", /ended with 127:\n.*not found/],
    ["never ends", "sleep 60 | sleep 60", /did not end within 0.5 s/],
    ["never stops printing", "yes", /printed more than/],
    ["is a URL where nobody listens", "http://127.0.0.1:1/state", /cannot be read/],
  ])("that %s is an error, and quotes its message", async (_what, state, message) => {
    const end = await runCheck(await handler(), "--json", "--only", "order", "--timeout", "0.5", "--state", state);
    expect(end).toMatchObject({ code: 1, stdout: "", error: { code: "state_unreadable" } });
    expect(end.error?.message).toMatch(message);
  });

  it("that answers 500 is an error", async () => {
    const { url } = await serve((_request, response) => response.writeHead(500).end());
    const end = await runCheck(await handler(), "--json", "--only", "order", "--state", url);
    expect(end.error).toMatchObject({ code: "state_unreadable", message: "--state answered 500" });
  });

  it("is not read if no check needs it", async () => {
    const end = await runCheck(await handler(), "--only", "signature", "--state", "exit 1");
    expect(end.code).toBe(0);
  });
});

describe("a live endpoint", () => {
  it("is checked without a secret, except for checks that sign", async () => {
    const { url } = await handler();
    const end = await runInProcess(["check", url, "--safe", "--json"], env({ BLUUM_WEBHOOK_SECRET: "" }));
    expect(end.code).toBe(0);
    const results = Object.fromEntries(reportOf(end).results.map(({ id, result }) => [id, result]));
    expect(results).toMatchObject({ "signature.missing": "passed", "signature.stale": "skipped" });
  });
});

it("a user's own authority is trusted with --ca", async () => {
  const certificate = makeLoopbackCertificate();
  const path = join(tempFolder(), "ca.pem");
  writeFileSync(path, certificate.certPem);
  const endpoint = await serve(createApp(GOOD, SECRET), certificate);
  const end = await runCheck(endpoint, "--json", "--only", "transport", "--ca", path);
  expect(reportOf(end).results.map(({ result }) => result)).toEqual(["passed", "passed", "passed"]);
});

it("deliveries received here determine the signature scheme", async () => {
  const [folder, at] = [tempFolder(), Date.now()];
  const body = Buffer.from("{}");
  const headers = sign({ scheme: "hex", body, secret: SECRET, id: "evt_1", now: at, header: "x-own-signature" });
  const store = await openStore({ folder });
  const delivery = readDelivery("dlv_1", { method: "POST", path: "/", headers, body, receivedAt: at });
  await store.append(delivery, verify({ headers, body, secrets: [SECRET], now: at }), "sandbox");
  await store[Symbol.asyncDispose]();
  let signature: unknown;
  const { url } = await serve((request, response) => {
    signature = request.headers["x-own-signature"];
    response.end();
  });
  const end = await runInProcess(["check", url, "--only", "events.unknown-name"], env({ BLUUM_HOOKS_HOME: folder }));
  expect(end).toMatchObject({ code: 0, stderr: "Signature scheme of the last delivery: hex, in x-own-signature.\n" });
  expect(signature).toMatch(/^sha256=/);
});

it("the checks can be listed, with their reasons, without an endpoint", async () => {
  const end = await runInProcess(["check", "--list", "--json"], env());
  const checks = JSON.parse(end.stdout) as Record<string, unknown>[];
  expect(checks.map(({ id }) => id)).toEqual(checklist().map(({ id }) => id));
  for (const check of checks) {
    for (const text of ["id", "title", "why", "sent", "expected", "fix"]) expect(check[text]).toMatch(/\w/);
  }
  const text = await runInProcess(["check", "--list"], env());
  for (const { id } of checks) expect(text.stdout).toContain(String(id));
});

it.each<[what: string, args: string[], code: number, error: string]>([
  ["no URL", [], 2, "invalid_usage"],
  ["what is no URL", ["localhost"], 2, "invalid_url"],
  ["a URL with a password", ["http://me:hunter22@127.0.0.1:1/"], 2, "invalid_url"],
  ["a URL with a password that is none", ["http://me:hunter22@127.0.0.1:99999/"], 2, "invalid_url"],
  ["an unknown check", ["http://127.0.0.1:1/", "--only", "signature,spelling"], 2, "invalid_usage"],
  ["nothing left to run", ["http://127.0.0.1:1/", "--safe", "--only", "speed"], 2, "invalid_usage"],
  ["an unknown scheme", ["http://127.0.0.1:1/", "--scheme", "md5"], 2, "invalid_usage"],
  ["a header that no header can have", ["http://127.0.0.1:1/", "--signature-header", "a b"], 2, "invalid_usage"],
  ["a header where the scheme has its own", ["http://127.0.0.1:1/", "--signature-header", "x"], 2, "invalid_usage"],
  ["a seed that is no number", ["http://127.0.0.1:1/", "--seed", "x"], 2, "invalid_usage"],
  ["no time at all", ["http://127.0.0.1:1/", "--timeout", "0"], 2, "invalid_usage"],
  ["a file of certificates that is not there", ["http://127.0.0.1:1/", "--ca", "/nowhere.pem"], 1, "file_unusable"],
])("%s is refused with a next step", async (_what, args, code, error) => {
  const end = await runInProcess(["check", ...args, "--json"], env());
  expect(end).toMatchObject({ code, stdout: "", error: { code: error } });
  expect(end.stderr).not.toContain("hunter22");
  expect(end.error?.hint).toMatch(/\w/);
});

it("without a secret there is no output about it", async () => {
  const end = await runInProcess(["check", "http://127.0.0.1:1/"], env({ BLUUM_WEBHOOK_SECRET: "" }));
  expect(end.code).toBe(3);
  expect(end.stderr).toContain("BLUUM_WEBHOOK_SECRET");
});

it("a report that cannot be written is an error before anything is sent", async () => {
  let requests = 0;
  const endpoint = await serve((_request, response) => {
    requests += 1;
    response.end();
  });
  const end = await runCheck(endpoint, "--only", "signature", "--junit", join(tempFolder(), "no", "folder.xml"));
  expect([end.code, end.stdout, requests]).toStrictEqual([1, "", 0]);
  expect(end.stderr).toContain("cannot be written");
});
