import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/platform/clock.ts";
import { untilLost, type Connection } from "../../../src/tunnel/liveness.ts";
import { Signs, type Sign } from "../../../src/tunnel/tunnel-events.ts";
import type { TunnelTiming } from "../../../src/tunnel/tunnel.ts";

/** Feeds signs to a connection whose probes answer in turn, and tells whether it outlived them all. */
async function judge(signs: readonly Sign[], probes: readonly boolean[] | undefined): Promise<"lost" | "alive"> {
  const queue = new Signs();
  const answers = [...(probes ?? [])];
  const { signal } = new AbortController();
  const connection: Connection = {
    url: "http://up",
    signs: queue,
    isGone: () => false,
    probe: probes === undefined ? undefined : () => Promise.resolve(answers.shift() ?? true),
    clock: systemClock,
    timing: { probeMs: 1_000, mendMs: 1_000 } as TunnelTiming,
    signal,
  };
  // The last one ends the wait in any case; whoever reads it knows how far the connection came.
  for (const sign of [...signs, "exited" as const, "heartbeat" as const]) queue.push(sign);
  await untilLost(connection);
  return (await queue.next(signal)) === "heartbeat" ? "alive" : "lost";
}

describe("whether an open connection is lost", () => {
  it.each<Sign>(["dropped", "exited", "woke"])("%s alone is a loss", async (sign) => {
    expect(await judge([sign], [true])).toBe("lost");
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
});
