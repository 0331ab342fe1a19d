import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { Signs } from "../../../src/tunnel/tunnel-events.ts";

describe("signs", () => {
  it("come in order, whether they were waited for or not", async () => {
    const signs = new Signs();
    const { signal } = new AbortController();
    signs.push("heartbeat");
    signs.push("missed");
    expect([await signs.next(signal), await signs.next(signal)]).toEqual(["heartbeat", "missed"]);
    const later = signs.next(signal);
    signs.push("dropped");
    expect(await later).toBe("dropped");
  });

  it("leave nothing on the signal, however many are waited for", async () => {
    const signs = new Signs();
    const { signal } = new AbortController();
    for (let count = 0; count < 50; count += 1) {
      const next = signs.next(signal);
      signs.push("heartbeat");
      await next;
    }
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("end with the signal", async () => {
    const end = new AbortController();
    const next = new Signs().next(end.signal);
    end.abort("over");
    await expect(next).rejects.toBe("over");
  });
});
