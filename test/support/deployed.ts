import type { CheckReport, CheckVerdict } from "../../src/core/check-report.ts";
import type { Context } from "../../src/context.ts";

const DAY_MS = 86_400_000;

/** A correctly deployed URL for `promote`, without any connection. */
export function deployed(changes: Partial<Context> = {}): Partial<Context> {
  return {
    lookUp: async () => ({ kind: "found", addresses: ["8.8.8.8"] }),
    inspectCertificate: async ({ host }) => ({
      kind: "shown",
      certificate: { names: [host], issuer: "Test", startsAt: 0, endsAt: Date.now() + 60 * DAY_MS },
      fault: null,
    }),
    checkEndpoint: async ({ url, secret }) => report(url, { signed: secret === undefined ? "skipped" : "passed" }),
    ...changes,
  };
}

/** A report of the one check that everything depends on. */
export function report(url: string, { signed }: { readonly signed: CheckVerdict }): CheckReport {
  const words = {
    title: "accepts signed events",
    why: "why",
    sent: "an event",
    expected: "2xx",
    got: "500",
    fix: "fix",
    explained: false,
  };
  return {
    url,
    seed: 1,
    results: [
      { id: "events.unknown-name", group: "events", requirement: "required", result: signed, durationMs: 1, ...words },
    ],
    passed: signed !== "failed",
    complete: false,
    ready: false,
    reachable: true,
    stopped: null,
    timedOut: false,
    notes: [],
    durationMs: 1,
  };
}
