import { describe, expect, it } from "vitest";
import { waitForEvents, type Expectation } from "../../../../src/features/events/wait-for-event.ts";
import type { StoredDelivery } from "../../../../src/store/store.ts";

/** Waits with these events in the store from the start, and returns the reported ones. */
async function waitWith(arrived: readonly string[], expected: Partial<Expectation>) {
  const told: (string | null)[] = [];
  const deliveries = arrived.map((event) => ({ id: `dlv_${event}`, event }) as StoredDelivery);
  let now = 0;
  const end = waitForEvents(
    { resourceId: "res_1", sinceMs: 0, wanted: [], failing: FAILING, timeoutMs: 100, ...expected },
    {
      store: { list: async () => deliveries },
      clock: { now: () => now, sleep: async (ms) => void (now += ms) },
      signal: new AbortController().signal,
    },
    ({ event }) => told.push(event),
  );
  const code = await end.then(
    () => "arrived",
    (error: unknown) => (error as { code: string }).code,
  );
  return { code, told };
}

const [INITIATED, FAILED] = ["transfer.deposit.initiated", "transfer.deposit.failed"];
const FAILING = [FAILED, "order.canceled", "order.rejected"];

describe("a wait for events", () => {
  it.each([
    ["a deposit that failed", [INITIATED, FAILED], [INITIATED]],
    ["it in the names of another edition", ["deposit.initiated", "deposit.failed"], [INITIATED]],
    ["an order that was canceled at once", ["order.accepted", "order.canceled"], ["order.accepted"]],
  ])("fails for %s, although all wanted events arrived", async (_what, arrived, wanted) => {
    expect(await waitWith(arrived, { wanted })).toEqual({ code: "event_failed", told: arrived });
  });

  it.each([
    ["by name", [INITIATED, FAILED]],
    ["before the rest is there", [FAILED, INITIATED]],
    ["by pattern", ["transfer.*"]],
  ])("succeeds for a failure that was requested %s", async (_how, wanted) => {
    expect((await waitWith([FAILED, INITIATED], { wanted })).code).toBe("arrived");
  });

  it("leaves later events alone on request, and no others", async () => {
    const leaving = { leavesRest: true, wanted: [INITIATED] };
    expect(await waitWith([INITIATED, FAILED], leaving)).toEqual({ code: "arrived", told: [INITIATED] });
    expect((await waitWith([FAILED, INITIATED], leaving)).code).toBe("event_failed");
  });

  it("fails when the time limit passes", async () => {
    expect((await waitWith(["order.accepted"], { wanted: ["order.filled"] })).code).toBe("timed_out");
  });
});
