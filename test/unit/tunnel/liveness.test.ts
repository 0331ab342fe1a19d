import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/platform/clock.ts";
import { untilLost, type Connection, TunnelEvents, type TunnelEvent } from "../../../src/tunnel/liveness.ts";
import type { TunnelTiming } from "../../../src/tunnel/tunnel.ts";

/** Sends events to a connection whose probes answer in turn, and returns whether it survived them all. */
async function judge(
  events: readonly TunnelEvent[],
  probes: readonly boolean[] | undefined,
  hasHeartbeats = true,
): Promise<"lost" | "alive"> {
  const queue = new TunnelEvents();
  const answers = [...(probes ?? [])];
  const { signal } = new AbortController();
  const connection: Connection = {
    url: "http://up",
    events: queue,
    isGone: () => false,
    hasHeartbeats,
    probe: probes === undefined ? undefined : () => Promise.resolve(answers.shift() ?? true),
    clock: systemClock,
    timing: { probeMs: 1_000, recoveryMs: 1_000 } as TunnelTiming,
    signal,
  };
  // The last one ends the wait in any case, and shows how far the connection came.
  for (const event of [...events, "exited" as const, "heartbeat" as const]) queue.push(event);
  await untilLost(connection);
  return (await queue.next(signal)) === "heartbeat" ? "alive" : "lost";
}

describe("whether an open connection is lost", () => {
  it.each<TunnelEvent>(["dropped", "exited", "woke"])("%s alone is a loss", async (event) => {
    expect(await judge([event], [true])).toBe("lost");
  });

  it("a missed heartbeat is a loss only if the public URL does not lead here", async () => {
    expect(await judge(["missed"], [true])).toBe("alive");
    expect(await judge(["missed"], [false])).toBe("lost");
  });

  it("a routine check must fail twice", async () => {
    expect(await judge(["due"], [false, true])).toBe("alive");
    expect(await judge(["due"], [false, false])).toBe("lost");
  });

  it("without a probe, two missed heartbeats in a row are a loss", async () => {
    expect(await judge(["missed", "heartbeat", "missed", "due"], undefined)).toBe("alive");
    expect(await judge(["missed", "missed"], undefined)).toBe("lost");
  });

  it("without a probe and heartbeats, only the end of the agent is a loss", async () => {
    expect(await judge(["missed", "missed", "woke", "due"], undefined, false)).toBe("alive");
    expect(await judge(["exited"], undefined, false)).toBe("lost");
  });
});
