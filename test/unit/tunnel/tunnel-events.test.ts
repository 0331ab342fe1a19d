import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { TunnelEvents } from "../../../src/tunnel/liveness.ts";

describe("events", () => {
  it("are returned in order, whether they were awaited or not", async () => {
    const events = new TunnelEvents();
    const { signal } = new AbortController();
    events.push("heartbeat");
    events.push("missed");
    expect([await events.next(signal), await events.next(signal)]).toEqual(["heartbeat", "missed"]);
    const later = events.next(signal);
    events.push("dropped");
    expect(await later).toBe("dropped");
  });

  it("leave no listener on the signal, however many are awaited", async () => {
    const events = new TunnelEvents();
    const { signal } = new AbortController();
    for (let count = 0; count < 50; count += 1) {
      const next = events.next(signal);
      events.push("heartbeat");
      await next;
    }
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("end with the signal", async () => {
    const end = new AbortController();
    const next = new TunnelEvents().next(end.signal);
    end.abort("over");
    await expect(next).rejects.toBe("over");
  });
});
