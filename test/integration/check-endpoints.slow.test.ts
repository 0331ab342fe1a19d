import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { runChecks, type CheckDeps } from "../../src/checks/checks.ts";
import { Interrupted } from "../../src/core/errors.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { serve } from "../support/handlers/server.ts";
import { runInProcess } from "../support/in-process.ts";
import { tempFolder } from "../support/temp.ts";
import { withSlack } from "../support/slack.ts";
import type { CheckOptions } from "../../src/checks/check-options.ts";

const SECRET = "whsec_YW5vdGhlciBzZWNyZXQ=";
const env = () => ({ PATH: process.env["PATH"] ?? "", BLUUM_HOOKS_HOME: tempFolder(), BLUUM_WEBHOOK_SECRET: SECRET });

/** A server that gets each connection once a whole request has been received on it. */
async function startRaw(onRequest: (socket: Socket, count: number) => void) {
  const open = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => {});
    socket.on("data", () => onRequest(socket, (count += 1)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`, open, server };
}

const ENOUGH_MS = 8_000;

async function checkBriefly(url: string, ...flags: string[]) {
  const startedAt = performance.now();
  const end = await runInProcess(["check", url, "--json", "--timeout", "0.2", "--max-time", "2", ...flags], env());
  expect(performance.now() - startedAt).toBeLessThan(withSlack(ENOUGH_MS));
  return {
    ...end,
    report: JSON.parse(end.stdout) as { reachable: boolean; stopped: string | null; results: object[] },
  };
}

describe("an unreachable endpoint ends the run with 1, in limited time, with nothing left open", () => {
  it.each<[what: string, onRequest: (socket: Socket) => void]>([
    ["resets the connection", (socket) => void socket.resetAndDestroy()],
    ["closes it without an answer", (socket) => void socket.end()],
    ["answers what is not HTTP", (socket) => void socket.end("SSH-2.0-OpenSSH_9.2\r\n")],
    ["never answers", () => {}],
    ["never ends its answer", (socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nd")],
    ["drips its headers", (socket) => drip(socket)],
  ])("one that %s", async (_what, onRequest) => {
    const { url, open } = await startRaw(onRequest);
    const { code, error, report } = await checkBriefly(url);
    expect([code, error?.code]).toEqual([1, "endpoint_unreachable"]);
    expect(report).toMatchObject({ reachable: false, passed: false, stopped: "the endpoint cannot be reached" });
    expect(report.results[0]).toMatchObject({ id: "transport.reachable", result: "failed" });
    expect(report.results.slice(1).every((each) => "result" in each && each.result === "skipped")).toBe(true);
    await expect.poll(() => open.size).toBe(0);
  });

  it("one that does not exist", async () => {
    const { url, server } = await startRaw(() => {});
    await new Promise((resolve) => server.close(resolve));
    const { code, error } = await checkBriefly(url);
    expect([code, error?.code]).toEqual([1, "endpoint_unreachable"]);
    expect(error?.message).toContain("connection refused");
  });

  it("one with plain HTTP at an https URL", async () => {
    const { url } = await startRaw((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const { code, error } = await checkBriefly(url.replace("http:", "https:"));
    expect([code, error?.code]).toEqual([1, "endpoint_unreachable"]);
  });
});

function drip(socket: Socket): void {
  socket.write("HTTP/1.1 200 OK\r\n");
  const timer = setInterval(() => socket.write("X: y\r\n"), 20);
  socket.on("close", () => clearInterval(timer));
}

it.each([404, 405, 410, 429])("a response %d to everything does not count as a refused signature", async (status) => {
  const { url } = await serve((_request, response) => response.writeHead(status).end());
  const safe = ["check", url, "--safe", "--json"];
  const { code, stdout } = await runInProcess(safe, { BLUUM_HOOKS_HOME: tempFolder() });
  expect(code).toBe(6);
  const { results } = JSON.parse(stdout) as { results: { id: string; result: string; fix: string }[] };
  const refusals = results.filter(({ id }) => id === "signature.missing" || id === "signature.wrong");
  expect(refusals.map(({ result }) => result)).toEqual(["failed", "failed"]);
  expect(refusals[0]?.fix).toMatch(status === 429 ? /rate limiting/ : /Check the path/);
});

it("a redirect is not followed, and is not a 2xx", async () => {
  let followed = 0;
  const target = await serve((_request, response) => {
    followed += 1;
    response.end();
  });
  const { url } = await serve((_request, response) => response.writeHead(307, { location: target.url }).end());
  const { code, error, stdout } = await checkBriefly(url, "--only", "transport,events,signature");
  expect([code, error?.code]).toEqual([6, "check_failed"]);
  expect(stdout).toContain("The endpoint redirects (307 to");
  expect(stdout).toContain("register the target URL");
  expect(followed).toBe(0);
});

it.each([
  ["/hooks/", "with a slash at the end"],
  ["https://other.example/x", "https://other.example/x"],
])("a redirect to %s is reported with its target", async (location, expected) => {
  const { url } = await serve((_request, response) => response.writeHead(308, { location }).end());
  const { stdout } = await checkBriefly(new URL("/hooks", url).href, "--only", "transport,events");
  expect(stdout).toContain(`It leads to ${new URL(location, url).href}`);
  expect(stdout.replace(/\s+/g, " ")).toContain(expected);
});

it("a wrong secret is named once as the cause", async () => {
  const { url } = await serve((_request, response) => response.writeHead(401).end());
  const { report } = await checkBriefly(url, "--only", "events,signature");
  expect(report).toMatchObject({
    notes: [expect.stringContaining("Check that BLUUM_WEBHOOK_SECRET is the endpoint's secret")],
  });
  const positive = report.results.filter((each) => "result" in each && each.result === "failed");
  expect(positive).toHaveLength(4);
  for (const each of positive) expect(each).toMatchObject({ explained: true });
});

it("an endpoint that crashes on real events and refuses others is not reported as having another secret", async () => {
  const { url } = await serve((request, response) => {
    if (request.headers["webhook-signature"] === undefined) response.writeHead(401).end();
    else response.destroy();
  });
  const { code, report } = await checkBriefly(url, "--only", "transport,events.unknown-name,signature.missing");
  expect(code).toBe(6);
  expect(report).toMatchObject({ reachable: true, notes: [], stopped: null });
  expect(report.results.slice(-2)).toMatchObject([{ result: "failed" }, { result: "passed" }]);
});

it("an endless response is cut off, and its status counts", async () => {
  const chunk = Buffer.alloc(256 * 1024, "x");
  const endpoint = await serve((_request, response) => {
    response.on("error", () => {});
    const write = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", write);
    write();
  });
  const flags = ["--only", "events.unknown-name,signature.missing", "--timeout", "5", "--max-time", "20"];
  const { code, report } = await checkBriefly(endpoint.url, ...flags);
  expect(code).toBe(6);
  expect(report.results).toMatchObject([
    { id: "events.unknown-name", result: "passed" },
    { id: "signature.missing", result: "failed" },
  ]);
  await expect.poll(() => endpoint.connections()).toBe(0);
});

it("one that hangs after the first response has failed, and takes no longer than the time limit of the run", async () => {
  const { url, open } = await startRaw((socket, count) => {
    if (count === 1) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  const { code, report } = await checkBriefly(url);
  expect(code).toBe(6);
  expect(report).toMatchObject({ reachable: true, passed: false, stopped: "the whole run took longer than 2.0 s" });
  expect(report.results).toContainEqual(expect.objectContaining({ id: "speed.answer", result: "failed" }));
  await expect.poll(() => open.size).toBe(0);
});

describe("the time limit of the run", () => {
  const cutOff = ["--timeout", "60", "--max-time", "1"];

  it("counts from the start: an endpoint that never answers ends it", async () => {
    const { url } = await startRaw(() => {});
    const { code, error, report } = await checkBriefly(url, ...cutOff);
    expect([code, error?.code]).toEqual([1, "endpoint_unreachable"]);
    expect(report.reachable).toBe(false);
  });

  it("ends the run with 5 if nothing has failed by then, and the CI report is not a success", async () => {
    const { url } = await startRaw((socket, count) => {
      if (count === 1) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    const junit = join(tempFolder(), "report.xml");
    const { code, error, report } = await checkBriefly(url, ...cutOff, "--junit", junit);
    expect([code, error?.code]).toEqual([5, "timed_out"]);
    expect(error?.hint).toContain("--max-time");
    expect(report).toMatchObject({ passed: false, timedOut: true, stopped: "the whole run took longer than 1.0 s" });
    const results = report.results.map((each) => ("result" in each ? each.result : ""));
    expect(new Set(results.slice(3))).toEqual(new Set(["skipped"]));
    expect(report.results[3]).toMatchObject({ got: expect.stringContaining("not finished") as string });
    const xml = readFileSync(junit, "utf8");
    expect(xml).toMatch(/^<\?xml[^>]+>\n<testsuites [^>]*failures="0" errors="1"/);
    expect(xml).toContain('<error type="check" message="the whole run took longer than 1.0 s"/>');
    const human = await runInProcess(["check", url.replace("/hooks", "/"), ...cutOff], env());
    expect(human.stdout).not.toContain("Not ready");
  });

  it("is not extended by a state that is slow to read", async () => {
    const { url } = await serve((_request, response) => response.end());
    const state = await startRaw(() => {});
    for (const source of ["sleep 60", state.url]) {
      const { code } = await checkBriefly(url, ...cutOff, "--only", "order.accepted-then-filled", "--state", source);
      expect(code).toBe(5);
    }
    await expect.poll(() => state.open.size).toBe(0);
  });
});

it("one that restarts after a crash is checked to the end", async () => {
  let isDown = false;
  const { url } = await startRaw((socket, count) => {
    if (count === 2) {
      isDown = true;
      setTimeout(() => (isDown = false), 300);
    }
    if (isDown) socket.resetAndDestroy();
    else socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  const { report } = await checkBriefly(url, "--only", "events.unknown-name,events.unknown-fields", "--max-time", "20");
  expect(report.stopped).toBeNull();
  expect(report.results).toMatchObject([
    { result: "failed", got: expect.stringContaining("the connection was reset") as string },
    { result: "passed" },
  ]);
});

it("an interrupt ends the run at once", async () => {
  const stop = new AbortController();
  const { url, open } = await startRaw(() => stop.abort(new Interrupted("SIGINT", 130)));
  const end = await runInProcess(["check", url], env(), { signal: stop.signal });
  expect(end).toMatchObject({ code: 130, stdout: "" });
  await expect.poll(() => open.size).toBe(0);
});

interface Recorded {
  readonly check: string;
  readonly headers: readonly string[];
  readonly body: string;
}

/** Runs the checks against an endpoint that accepts everything, and returns its requests for each check. */
async function record(more: Partial<CheckOptions>, deps: Partial<CheckDeps> = {}): Promise<Recorded[]> {
  const seen: Recorded[] = [];
  const { url } = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const connection = new Set(["host", "connection"]);
      const headers = request.rawHeaders
        .flatMap((name, at) => (at % 2 === 0 ? [`${name.toLowerCase()}: ${request.rawHeaders[at + 1]}`] : []))
        .filter((line) => !connection.has(line.split(":", 1)[0] ?? ""));
      const check = /\((.*?);/.exec(request.headers["user-agent"] ?? "")?.[1] ?? "";
      seen.push({ check, headers, body: Buffer.concat(chunks).toString("latin1") });
      response.end();
    });
  });
  await runChecks(
    {
      url,
      secret: SECRET,
      scheme: "standard-webhooks",
      generation: "current",
      safe: false,
      only: [],
      skip: [],
      seed: 42,
      timeoutMs: 5_000,
      ...more,
    },
    { clock: systemClock, signal: new AbortController().signal, ...deps },
  );
  return seen;
}

/** Requests sent at the same time may arrive in any order. */
const AT_ONCE = new Set(["speed.burst", "idempotency.simultaneous", "events.documented"]);

function inOrder(seen: readonly Recorded[]): Recorded[] {
  return [
    ...seen.filter(({ check }) => !AT_ONCE.has(check)),
    ...seen.filter(({ check }) => AT_ONCE.has(check)).toSorted((one, other) => (one.body < other.body ? -1 : 1)),
  ];
}

describe("what is sent", () => {
  const frozen = { clock: { ...systemClock, now: () => Date.UTC(2026, 0, 2, 3, 4, 5) } };

  it("is the same, byte for byte and in the same order, for one seed and one time", async () => {
    const [one, other] = [await record({}, frozen), await record({}, frozen)];
    expect(one.length).toBeGreaterThan(80);
    expect(inOrder(other)).toEqual(inOrder(one));
  });

  it("is the same for one check, with any other checks", async () => {
    const all = await record({}, frozen);
    const alone = await record({ only: ["order.filled-first"] }, frozen);
    const isMeant = ({ check }: Recorded) => check === "order.filled-first";
    expect(alone.filter(isMeant)).toEqual(all.filter(isMeant));
    expect(alone.filter(isMeant)).toHaveLength(2);
  });

  it("has other ids and another order for another seed", async () => {
    const [one, other] = [
      await record({ only: ["events"] }, frozen),
      await record({ only: ["events"], seed: 43 }, frozen),
    ];
    const names = (seen: Recorded[]) => seen.map(({ body }) => (JSON.parse(body) as { event: string }).event);
    expect(names(other)).not.toEqual(names(one));
    expect(names(other).toSorted()).toEqual(names(one).toSorted());
    expect(one.filter(({ body }) => other.some((each) => each.body === body))).toEqual([]);
  });

  it.each(["current", "legacy"] as const)("never uses one resource in two checks (%s)", async (generation) => {
    const owners = new Map<string, Set<string>>();
    for (const { check, body } of await record({ generation })) {
      const id = /"id"\s*:\s*"(.*?)"/.exec(body)?.[1];
      if (id !== undefined) owners.set(id, new Set([...(owners.get(id) ?? []), check]));
    }
    expect(owners.size).toBeGreaterThan(70);
    expect([...owners.values()].filter((checks) => checks.size > 1)).toEqual([]);
  });

  it("with --safe consists of events without effects, and of requests that must be refused", async () => {
    const seen = await record({ safe: true });
    expect(new Set(seen.map(({ body }) => (JSON.parse(body) as { event: string }).event))).toEqual(
      new Set(["bluum_hooks.check"]),
    );
    expect([...new Set(seen.map(({ check }) => check))]).toEqual([
      "transport.reachable",
      "events.unknown-name",
      "signature.missing",
      "signature.wrong",
      "signature.tampered",
      "signature.stale",
    ]);
  });

  it("with --safe is reported as sent", async () => {
    const { url } = await serve((_request, response) => response.end());
    const { report } = await checkBriefly(url, "--safe");
    const texts = report.results.map((each) => ("sent" in each ? String(each.sent) : ""));
    expect(texts).toContain("an event named bluum_hooks.check without any signature header");
    expect(texts.filter((text) => text.includes("order."))).toEqual([]);
  });
});
