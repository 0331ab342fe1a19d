import { expect, it } from "vitest";
import { startApp } from "../support/app.ts";
import { runInProcess } from "../support/in-process.ts";
import { startListener } from "../support/listener.ts";
import { tempFolder } from "../support/temp.ts";

/** Of one order, in one second, without an event id: brokers send a fill for each execution. */
const fill = (quantity: number) =>
  JSON.stringify({
    event: "order.partially_filled",
    timestamp: "2025-06-15T14:30:15Z",
    data: { id: "ord_1", filled_quantity: quantity },
  });

async function post(url: string, body: string): Promise<number> {
  const headers = { "content-type": "application/json" };
  return (await fetch(url, { method: "POST", headers, body })).status;
}

it("two partial fills in one second are two events: counted, replayed and caught up separately", async () => {
  const env = { BLUUM_HOOKS_HOME: tempFolder() };
  let status = 200;
  const app = await startApp((_request, response) => void response.writeHead(status).end());
  const json = async (...args: string[]) =>
    (await runInProcess([...args, "--json"], env)).stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  const listener = await startListener(["--forward-to", String(app.port)], env);
  expect(await post(listener.url, fill(869))).toBe(200);
  status = 500;
  expect(await post(listener.url, fill(970))).toBe(500);
  status = 200;
  expect(await post(listener.url, fill(869))).toBe(200);
  await listener.record(
    "answer",
    ({ deliveryId }) => deliveryId === listener.records.findLast(({ type }) => type === "delivery")?.["id"],
  );
  await listener.stop();
  const deliveries = listener.records.filter(({ type }) => type === "delivery");
  expect(deliveries.map(({ recurrence, attempt }) => [recurrence, attempt])).toEqual([
    ["first", 1],
    ["first", 1],
    ["duplicate", 2],
  ]);
  expect(listener.records.at(-1)).toMatchObject({
    type: "stopped",
    summary: { received: 3, distinct: 2, retries: 0, duplicates: 1 },
  });

  const [stats] = await json("events", "stats");
  expect(stats).toMatchObject({ distinct: 2, app: { forwarded: 2, failed: 1 } });
  const second = deliveries[1]?.["id"];
  expect(await json("events", "replay", "--failed", "--to", String(app.port), "--dry-run")).toMatchObject([
    { deliveryId: second },
  ]);

  const before = app.requests.length;
  const later = await startListener(["--forward-to", String(app.port), "--since", "1h"], env);
  await later.record("forward", ({ cause, deliveryId }) => cause === "catch-up" && deliveryId === second);
  await later.stop();
  expect(app.requests.slice(before).map(({ body }) => String(body))).toEqual([fill(970)]);
  expect(await json("events", "replay", "--failed", "--to", String(app.port), "--dry-run")).toEqual([]);
});
