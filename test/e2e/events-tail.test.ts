import { expect, it } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { startCli, type Cli } from "../support/cli.ts";
import { tempFolder } from "../support/temp.ts";
import { makeDelivery, VERIFIED } from "../unit/store/support.ts";

const sorted = (ids: readonly unknown[]) => ids.map(String).toSorted((one, other) => one.localeCompare(other));
const isFollowing = (cli: Cli) => cli.until(() => (cli.stderr.includes("Following") ? true : undefined));

it("events tail shows what a listener in another process receives, and ends with 130 on Ctrl-C", async () => {
  const emulator = startCli(["emulator", "--port", "0", "--speed", "600", "--json"]);
  const { baseUrl } = await emulator.record("ready");
  const env = { BLUUM_HOOKS_HOME: tempFolder(), BLUUM_ENV: "emulator", BLUUM_BASE_URL: String(baseUrl) };
  const lines = startCli(["events", "tail", "--color", "never"], env);
  const filtered = startCli(["events", "tail", "--event", "order.filled", "--count", "1"], env);
  await Promise.all([isFollowing(lines), isFollowing(filtered)]);
  const listener = startCli(["listen", "--port", "0", "--trigger", "order", "--count", "2", "--json"], env);
  const received = (await listener.ended).records().filter(({ type }) => type === "delivery");
  expect(received.map(({ event }) => event)).toEqual(["order.accepted", "order.filled"]);
  for (const event of ["order.accepted", "order.filled"]) {
    await lines.until(() => (new RegExp(`${event}.*✓ 200`).test(lines.stdout) ? true : undefined));
  }
  lines.kill("SIGINT");
  expect((await lines.ended).code).toBe(130);
  const { code, stdout } = await filtered.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/order\.filled.*✓ 200/);
  expect(stdout).not.toContain("order.accepted");

  const again = startCli(["events", "tail", "--last", "2", "--count", "2", "--json"], env);
  const records = (await again.ended).records();
  // The listener prints the time of publishing, the tail that of receipt.
  const withoutTimes = (all: typeof records) =>
    all.filter(({ type }) => type === "delivery").map(({ at: _at, ...rest }) => rest);
  expect(withoutTimes(records)).toEqual(withoutTimes(received));
  expect(records.filter(({ type }) => type === "answer")).toHaveLength(2);
});

it("a burst is reported completely: each delivery, forward and answer once, in order, from a store that did not exist before", async () => {
  const home = tempFolder();
  const amount = 1_500;
  const tail = startCli(["events", "tail", "--since", "1h", "--count", String(amount), "--json"], {
    BLUUM_HOOKS_HOME: home,
  });
  await using store = await openStore({ folder: home });
  const ids: string[] = [];
  await Promise.all(
    Array.from({ length: amount }, async (_, index) => {
      const delivery = makeDelivery({ resourceId: `ord_${index}`, receivedAt: Date.now() });
      const recorded = await store.append(delivery, VERIFIED, "sandbox");
      ids.push(recorded.id);
      store.recordForward({
        deliveryId: recorded.id,
        cause: "live",
        url: "http://localhost:3000/",
        outcome: { kind: "failed", reason: "refused", message: "refused", startedAt: Date.now(), durationMs: 1 },
      });
      store.recordAnswer(recorded, { status: 502, durationMs: 1 });
    }),
  );
  await store.flush();
  const end = await tail.ended;
  expect(end.code).toBe(0);
  const records = end.records();
  const told = (type: string, field: string) => records.filter((each) => each.type === type).map((each) => each[field]);
  expect(told("delivery", "id")).toEqual(ids);
  expect(sorted(told("forward", "deliveryId"))).toEqual(sorted(ids));
  expect(sorted(told("answer", "deliveryId"))).toEqual(sorted(ids));
  expect(new Set(ids).size).toBe(amount);
});
