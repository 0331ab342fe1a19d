import { describe, expect, it } from "vitest";
import { createBluumClient } from "../../src/bluum/client.ts";
import { withEnoughTime } from "../support/slack.ts";
import { failureOf } from "../unit/bluum/failure.ts";
import { json, raw, scriptedApi, silence, type Step, TEST_OPTIONS } from "../unit/bluum/scripted-api.ts";

const ok = json(200, []);
const html = raw(502, "<h1>Bad Gateway</h1>");

describe("waiting", () => {
  it("lasts as long as Retry-After asks, in seconds", async () => {
    await using api = await scriptedApi(json(429, {}, { "retry-after": "1" }), ok);
    await api.client().listEventTypes();
    expect(api.seen[1]!.at - api.seen[0]!.at).toBeGreaterThanOrEqual(990);
  });

  it("lasts until the date in Retry-After", async () => {
    const slept: number[] = [];
    const now = Date.UTC(2026, 0, 2, 3, 4, 5);
    const clock = { now: () => now, sleep: async (ms: number) => void slept.push(ms) };
    await using api = await scriptedApi(json(503, {}, { "retry-after": "Fri, 02 Jan 2026 03:04:25 GMT" }), ok);
    await api.client({ clock }).listEventTypes();
    expect(slept).toEqual([20_000]);
  });

  it.each([
    [429, "api_rate_limited"],
    [503, "api_unavailable"],
  ])("that Retry-After of a %i would extend beyond the deadline is not started", async (status, code) => {
    await using api = await scriptedApi(json(status, { code: "BLUM-429-001" }, { "retry-after": "3600" }), ok);
    const error = await failureOf(api.client().listEventTypes());
    expect(error).toMatchObject({ code, hint: "Wait 3600 s, then try again." });
    expect(api.unused).toBe(1);
  });

  it("for a retry ends with the deadline, with the error that led to it", async () => {
    await withEnoughTime(200, async (deadlineMs) => {
      await using api = await scriptedApi(html, ok);
      const error = await failureOf(api.client({ deadlineMs, retryBaseMs: 60_000 }).listEventTypes());
      expect(error).toMatchObject({ code: "api_unavailable", status: 502 });
    });
  });

  it("for a response ends with the deadline", async () => {
    await using api = await scriptedApi(silence);
    const error = await failureOf(api.client({ deadlineMs: 100 }).listEventTypes());
    expect(error.code).toBe("api_timeout");
    expect(api.seen).toHaveLength(1);
  });

  it("for the rate limit ends with the deadline", async () => {
    await using api = await scriptedApi(ok);
    const client = api.client({ requestsPerSecond: 1, deadlineMs: 500 });
    await client.listEventTypes();
    const error = await failureOf(client.listEventTypes());
    expect(error).toMatchObject({ code: "api_timeout", message: expect.stringContaining("could not be sent") });
    expect(api.seen).toHaveLength(1);
  });

  it("closes the connection of an attempt that took too long", async () => {
    await withEnoughTime(100, async (timeoutMs) => {
      let isClosed = false;
      const noted: Step = (response) => response.socket?.once("close", () => (isClosed = true));
      await using api = await scriptedApi(noted, ok);
      await api.client({ timeoutMs }).listEventTypes();
      await expect.poll(() => isClosed).toBe(true);
    });
  });
});

describe("the signal", () => {
  const reason = new Error("enough");
  it.each<[string, Step[], number]>([
    ["an answer", [silence], 1],
    ["Retry-After", [json(429, {}, { "retry-after": "30" }), ok], 1000],
    ["a retry", [html, ok], 1000],
    ["a turn under the rate limit", [ok], 1],
  ])("ends a wait for %s with its own reason", async (name, steps, requestsPerSecond) => {
    const controller = new AbortController();
    await using api = await scriptedApi(...steps);
    const client = api.client({ signal: controller.signal, retryBaseMs: 60_000, requestsPerSecond });
    if (name.startsWith("a turn")) await client.listEventTypes();
    const abort = async () => {
      await expect.poll(() => api.seen.length).toBe(1);
      setTimeout(() => controller.abort(reason), 30);
    };
    await Promise.all([expect(client.listEventTypes()).rejects.toBe(reason), abort()]);
    await expect(client.listWebhooks()).rejects.toBe(reason);
    expect(api.seen).toHaveLength(1);
  });

  it("that has already aborted creates no client", () => {
    const options = { ...TEST_OPTIONS, baseUrl: "http://127.0.0.1:1/v1", signal: AbortSignal.abort(reason) };
    expect(() => createBluumClient(options)).toThrow(reason);
  });
});

describe("a client that is disposed of", () => {
  it("ends the pending calls, refuses new ones, and leaves no connection", async () => {
    await using api = await scriptedApi(ok, silence);
    const client = api.client();
    await client.listEventTypes();
    expect(await api.connections()).toBe(1);
    const close = async () => {
      await expect.poll(() => api.seen.length).toBe(2);
      await client[Symbol.asyncDispose]();
    };
    await Promise.all([expect(client.listWebhooks()).rejects.toMatchObject({ code: "internal" }), close()]);
    await expect(client.listWebhooks()).rejects.toMatchObject({ code: "internal" });
    await expect.poll(() => api.connections()).toBe(0);
  });

  it("closes the connection that was kept for the next call", async () => {
    await using api = await scriptedApi(ok);
    const client = api.client();
    await client.listEventTypes();
    await client[Symbol.asyncDispose]();
    await expect.poll(() => api.connections()).toBe(0);
  });
});
