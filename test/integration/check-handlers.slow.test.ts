import { describe, expect, it } from "vitest";
import { runChecks } from "../../src/checks/checks.ts";
import { createStateReader } from "../../src/checks/state-source.ts";
import type { CheckReport } from "../../src/core/check-report.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { createApp, GOOD, type Habits } from "../support/handlers/app.ts";
import * as bad from "../support/handlers/bad.ts";
import { serve, type Endpoint } from "../support/handlers/server.ts";
import { makeLoopbackCertificate, type LoopbackCertificate } from "../support/ngrok-server/certificate.ts";
import type { CheckOptions } from "../../src/checks/check-options.ts";

const SECRET = `whsec_${Buffer.from("a secret of the endpoint's own").toString("base64")}`;

const OPTIONS: Omit<CheckOptions, "url"> = {
  secret: SECRET,
  scheme: "standard-webhooks",
  generation: "current",
  safe: false,
  only: [],
  skip: [],
  seed: 7,
  timeoutMs: 10_000,
  limits: {
    quickMs: 5_000,
    settleMs: 600,
    quietMs: 60,
    idleMs: 60,
    pollMs: 10,
    // Several attempts, also if the machine stalls during one.
    restartMs: 1_000,
    lastLookMs: 50,
    samples: 2,
  },
};

/** Fifty TLS handshakes at once take longer than a connection may, if the machine does other work as well. */
const OVER_TLS = { skip: ["speed.burst"] };

async function check(
  endpoint: Endpoint,
  more: Partial<CheckOptions> = {},
  state: string | undefined = endpoint.stateUrl,
): Promise<CheckReport> {
  const { signal } = new AbortController();
  const options = { ...OPTIONS, url: endpoint.url, ...more };
  const readState =
    state === ""
      ? undefined
      : createStateReader(state, {
          deadlineMs: 5_000,
          ca: options.ca,
          runShell: () => Promise.reject(new Error("it is a URL")),
          clean: (text) => text,
        });
  return runChecks(options, { clock: systemClock, signal, readState });
}

const handler = (habits: Habits, certificate?: LoopbackCertificate) => serve(createApp(habits, SECRET), certificate);

const failedIds = (report: CheckReport) =>
  report.results
    .filter(({ result, requirement }) => result === "failed" && requirement === "required")
    .map(({ id }) => id);
const resultOf = (report: CheckReport, id: string) => report.results.find((each) => each.id === id);

describe("a correct handler", () => {
  it("passes every required check, with nothing inconclusive", async () => {
    const endpoint = await handler(GOOD);
    const report = await check(endpoint);
    expect(failedIds(report)).toEqual([]);
    expect(report).toMatchObject({ passed: true, reachable: true, stopped: null, notes: [] });
    const open = report.results.filter(({ result }) => result !== "passed").map(({ id }) => id);
    expect(open).toEqual(["transport.https"]);
    await expect.poll(() => endpoint.connections()).toBe(0);
  });

  it("gets a list of inconclusive checks if its state is not read", async () => {
    const report = await check(await handler(GOOD), {}, "");
    expect(report.passed).toBe(true);
    const unproven = report.results.filter(({ result }) => result === "unproven");
    expect(unproven.map(({ id }) => id)).toEqual([
      "idempotency.duplicate",
      "idempotency.simultaneous",
      "order.accepted-then-filled",
    ]);
    expect(unproven.every(({ fix }) => fix.includes("--state"))).toBe(true);
  });

  it("passes over HTTPS with its own authority, and fails only that check if the authority is not trusted", async () => {
    const certificate = makeLoopbackCertificate();
    const endpoint = await handler(GOOD, certificate);
    const trusted = await check(endpoint, { ca: certificate.certPem, ...OVER_TLS });
    expect(trusted.results.filter(({ result }) => result !== "passed")).toEqual([]);
    const untrusted = await check(endpoint, { only: ["transport", "signature"] }, "");
    expect(untrusted.results.filter(({ result }) => result === "failed")).toMatchObject([
      { id: "transport.https", requirement: "advisory", got: expect.stringContaining("certificate") as string },
    ]);
  });

  it.each(["timestamped", "hex", "base64"] as const)("is also checked with the scheme %s", async (scheme) => {
    const { verify } = await import("../../src/core/signature.ts");
    const listener = createApp(
      {
        ...GOOD,
        isAuthentic: (body, headers) =>
          verify({
            headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
            body,
            secrets: [SECRET],
            now: Date.now(),
            header: "x-own",
          }).verdict === "verified",
      },
      SECRET,
    );
    const report = await check(await serve(listener), { scheme, signatureHeader: "x-own", only: ["signature"] }, "");
    expect(report.results.filter(({ result }) => result === "failed")).toEqual([]);
    expect(resultOf(report, "signature.stale")?.result).toBe(scheme === "timestamped" ? "passed" : "skipped");
  });
});

// Bluum's example application allows 5 s, its webhook guide 30 s.
it.each(["speed.answer", "speed.burst"])(
  "a handler that blocks before it answers passes %s with advice",
  async (id) => {
    const limits = { ...OPTIONS.limits, quickMs: bad.BLOCKS_MS - 10 };
    const report = await check(await handler(bad.blocks), { limits, only: [id] }, "");
    expect(resultOf(report, id)).toMatchObject({ result: "failed", requirement: "advisory" });
    expect(resultOf(report, id)?.got).toContain("the limit is 30 s");
    expect(report).toMatchObject({ passed: true, ready: false });
  },
);

describe("a handler with one fault fails the check for it, and no other", () => {
  it.each<[fault: string, habits: Habits, failed: string[], more?: Partial<CheckOptions>]>([
    ["deduplicates on data.id", bad.dedupsOnDataId, ["order.accepted-then-filled"]],
    ["never deduplicates", bad.neverDedups, ["idempotency.duplicate", "idempotency.simultaneous"]],
    [
      "never verifies",
      bad.neverVerifies,
      ["signature.missing", "signature.wrong", "signature.tampered", "signature.stale"],
    ],
    ["verifies JSON that it wrote itself", bad.verifiesRewrittenJson, ["signature.raw-bytes"]],
    ["accepts stale signatures", bad.acceptsStale, ["signature.stale"]],
    ["fails on unknown events", bad.failsOnUnknown, ["events.unknown-name"]],
    ["loses events under a burst", bad.losesUnderBurst, ["speed.burst"]],
    ["deduplicates fills only", bad.dedupsFillsOnly, ["idempotency.duplicate", "idempotency.simultaneous"]],
    ["drops a fill that comes before its order", bad.dropsEarlyFills(), ["order.filled-first"]],
    ["refuses events under a burst", bad.refusesUnderBurst(), ["speed.burst"]],
  ])("when it %s", async (_fault, habits, failed, more) => {
    const report = await check(await handler(habits), more);
    expect(report.stopped).toBeNull();
    expect(failedIds(report)).toEqual(failed);
    expect(report.passed).toBe(false);
  });

  it("when it crashes on malformed JSON", async () => {
    const crashing = { crash: () => {} };
    const endpoint = await handler(bad.crashesOnMalformed(() => crashing.crash()));
    crashing.crash = () => endpoint.crash();
    // The process that crashes also serves the state.
    const report = await check(endpoint);
    expect(failedIds(report)).toEqual(["robustness.malformed-json"]);
    expect(report.stopped).toContain("crashed during robustness.malformed-json");
  });

  it("when it answers first, and crashes while processing", async () => {
    const crashing = { crash: () => {} };
    const endpoint = await handler(bad.crashesAfterwards(() => crashing.crash()));
    crashing.crash = () => endpoint.crash();
    const report = await check(endpoint);
    expect(report).toMatchObject({ passed: false, reachable: true });
    expect(report.stopped).toContain("crashed");
  });

  it.each(["", "/total"])("when it stores the event too late (state%s)", async (page) => {
    const endpoint = await handler(bad.remembersTooLate);
    const report = await check(endpoint, {}, `${endpoint.stateUrl}${page}`);
    expect(failedIds(report)).toEqual(["idempotency.simultaneous"]);
    expect(resultOf(report, "idempotency.simultaneous")?.got).toContain(
      "grew by 2, and a single event makes it grow by 1",
    );
  });

  it("and over HTTPS", async () => {
    const certificate = makeLoopbackCertificate();
    const report = await check(await handler(bad.dedupsOnDataId, certificate), {
      ca: certificate.certPem,
      ...OVER_TLS,
    });
    expect(failedIds(report)).toEqual(["order.accepted-then-filled"]);
  });
});

describe("an app that answers first and processes a queue", () => {
  // Relative to the other times, as slow as a second for each event.
  const slow = { limits: { ...OPTIONS.limits, settleMs: 3_000, burst: 10 } };

  it("passes, if it is correct", async () => {
    const report = await check(await handler(bad.worksSlowly(60)), slow);
    expect(failedIds(report)).toEqual([]);
    expect(report.passed).toBe(true);
  });

  it("fails the check for its fault, and no other", async () => {
    const report = await check(await handler(bad.worksSlowly(60, bad.dedupsOnDataId)), slow);
    expect(failedIds(report)).toEqual(["order.accepted-then-filled"]);
  });
});

describe("a state in which two simultaneous copies were counted twice fails", () => {
  const only = { only: ["idempotency.simultaneous"] };

  it.each<[app: string, habits: Habits]>([
    ["never deduplicates", bad.neverDedups],
    ["remembers too late that it has seen an event", bad.remembersTooLate],
  ])("when the app %s, for each event that the state counts", async (_app, habits) => {
    for (const page of ["", "/total", "/fills"]) {
      const endpoint = await handler(habits);
      const report = await check(endpoint, only, `${endpoint.stateUrl}${page}`);
      expect(report.results).toMatchObject([{ result: "failed" }]);
      expect(report.results[0]?.got).toContain("grew by 2, and a single event makes it grow by 1");
      expect(report.passed).toBe(false);
    }
  });

  it("and passes when the app is correct, also if only fills are counted", async () => {
    const endpoint = await handler(GOOD);
    const report = await check(endpoint, only, `${endpoint.stateUrl}/fills`);
    expect(report.results).toMatchObject([{ result: "passed" }]);
  });
});

it("amounts of money in the state are added up exactly", async () => {
  const endpoint = await handler(GOOD);
  const report = await check(endpoint, { only: ["idempotency"] }, `${endpoint.stateUrl}/money`);
  expect(failedIds(report)).toEqual([]);
  expect(resultOf(report, "idempotency.simultaneous")).toMatchObject({
    result: "passed",
    got: expect.stringContaining("grew by 0.1,") as string,
  });
});

it("a state without numbers does not prove that there is no race condition", async () => {
  const endpoint = await handler(bad.remembersTooLate);
  const report = await check(endpoint, { only: ["idempotency.simultaneous"] }, `${endpoint.stateUrl}/words`);
  expect(report.results).toMatchObject([{ result: "unproven", fix: expect.stringContaining("number") as string }]);
});

it("a state that never settles is reported as inconclusive", async () => {
  let reads = 0;
  const { signal } = new AbortController();
  const { url } = await handler(GOOD);
  const report = await runChecks(
    { ...OPTIONS, url, only: ["idempotency.duplicate", "order.accepted-then-filled"] },
    { clock: systemClock, signal, readState: () => Promise.resolve(String((reads += 1))) },
  );
  expect(report.results.map(({ result }) => result)).toEqual(["unproven", "unproven"]);
  expect(report.results[0]?.got).toContain("by itself");
});
