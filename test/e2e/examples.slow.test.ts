import { randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { describe, expect, it, onTestFinished } from "vitest";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { EVENT_TYPES } from "../../src/core/events.ts";
import { samplePayload } from "../../src/core/samples.ts";
import type { ChaosKind } from "../../src/emulator/delivery/chaos.ts";
import { newIdLike } from "../../src/platform/ids.ts";
import { runCli, startCli, type CliRecord } from "../support/cli.ts";
import { BROKEN } from "../support/broken-examples.ts";
import { startExample, type Edit, type Example, type ExampleState } from "../support/example.ts";
import { EXAMPLES } from "../support/examples.ts";
import { startSandbox } from "../support/sandbox.ts";

const ALL_EVENTS = ["account.*", "order.*", "transfer.*", "document.*"];

/** An example behind the real `listen`, with a webhook whose secret both have. */
async function listening(example: Example, chaos: readonly ChaosKind[], edit?: Edit) {
  const sandbox = await startSandbox({ chaos });
  const webhook = { name: "example", url: "http://127.0.0.1:9/", eventTypeNames: ALL_EVENTS };
  const created = (await sandbox.call("POST", "/webhooks", webhook)) as { id: string; secret: string };
  const app = await startExample(example, created.secret, onTestFinished, edit);
  const env = { ...sandbox.env, BLUUM_WEBHOOK_SECRET: created.secret };
  const listen = [
    "listen",
    "--tunnel",
    "none",
    "--port",
    "0",
    "--webhook",
    created.id,
    "--events",
    ALL_EVENTS.join(","),
  ];
  const cli = startCli([...listen, "--forward-to", app.url, "--yes", "--json"], env);
  const { localUrl } = await cli.record("ready");
  const trigger = async (...args: string[]) => {
    const { code, stdout } = await runCli(["trigger", ...args, "--json"], env);
    expect(code).toBe(0);
    return (JSON.parse(stdout) as { id: string }).id;
  };
  return {
    ...sandbox,
    env,
    app,
    cli,
    /** An order in each generation. */
    placeOrders: async () => [await trigger("order"), await trigger("order", "--account", EMULATOR_ACCESS.accountId)],
    /** Creates a transfer, and then completes it manually. */
    async deposit() {
      const id = await trigger("deposit");
      await control(sandbox, `/_emulator/transfers/${id}/complete`);
      return id;
    },
    /** Sends an event in the form that names it `event_type`, and its order `order_id`. */
    async sendOtherForm(name: string, orderId: string) {
      const body = JSON.stringify({
        event_type: name,
        timestamp: new Date().toISOString(),
        data: { order_id: orderId },
      });
      const [id, now] = [randomUUID(), new Date()];
      const headers = {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
        "webhook-signature": new Webhook(created.secret).sign(id, now, body),
      };
      expect((await fetch(String(localUrl), { method: "POST", headers, body })).status).toBe(200);
    },
    async stop() {
      cli.kill("SIGINT");
      return (await cli.ended).records();
    },
  };
}

type Sandbox = Pick<Awaited<ReturnType<typeof startSandbox>>, "emulator" | "call">;

/** The emulator's control routes, through which a test triggers events. */
async function control({ emulator }: Sandbox, path: string, body: unknown = {}): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(new URL(path, emulator.baseUrl), {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}

/**
 * Every documented event in the format of both generations, each for its own resource, with the expected effects in
 * the app.
 */
async function emitEachEvent(sandbox: Sandbox) {
  const orders: Record<string, string> = {};
  const transfers: Record<string, string> = {};
  let processed = 0;
  for (const generation of ["current", "legacy"] as const) {
    for (const event of Object.keys(EVENT_TYPES)) {
      const style = { form: "event", generation } as const;
      const sample = samplePayload(event, style, { now: Date.now(), resourceId: newIdLike });
      await control(sandbox, "/_emulator/events", { event, data: sample.data });
      const [domain, ...action] = event.split(".");
      const books = domain === "order" ? orders : domain === "transfer" ? transfers : undefined;
      if (books !== undefined) books[String(sample.data["id"])] = action.join(".");
      processed += 1;
    }
  }
  return { processed, orders, transfers } satisfies ExampleState;
}

const ofType = (records: readonly CliRecord[], type: string) => records.filter((record) => record.type === type);

describe.each(EXAMPLES)("the example for $title", (example) => {
  const skip = example.missing !== "";
  const reason = skip ? ` (not run: ${example.missing})` : "";

  it(
    `has correct totals after a day on which events are late, lost, repeated and out of order${reason}`,
    { skip },
    async () => {
      const day = await listening(example, ["duplicate", "reorder", "delay", "drop"]);
      const { processed, orders, transfers } = await emitEachEvent(day);
      for (const id of await day.placeOrders()) orders[id] = "filled";
      transfers[await day.deposit()] = "deposit.completed";
      // This one is delivered twice with any random numbers of the emulator; it reaches the listener like a delivery of
      // Bluum.
      const twice = await runCli(["trigger", "event", "order.filled", "--duplicate", "--json"], day.env);
      expect(twice.code).toBe(0);
      orders[String(twice.records()[0]?.["resourceId"])] = "filled";
      await day.sendOtherForm("order.filled", "ord_other_form");
      await day.sendOtherForm("order.accepted", "ord_other_form");
      orders["ord_other_form"] = "filled";
      // Two events of each order and of the deposit, the one that was delivered twice, and two in the other form.
      const expected = { processed: processed + 2 * 2 + 2 + 1 + 2, orders, transfers };

      await expect.poll(day.app.state).toEqual(expected);
      const records = await day.stop();
      expect(await day.app.state()).toEqual(expected);
      const deliveries = ofType(records, "delivery");
      expect(new Set(deliveries.map(({ signature }) => (signature as { verdict: string }).verdict))).toEqual(
        new Set(["verified"]),
      );
      expect(deliveries.some(({ duplicateOf }) => duplicateOf !== undefined)).toBe(true);
      expect(new Set(ofType(records, "answer").map(({ status }) => status))).toEqual(new Set([200]));
    },
  );
});

it("an example that deduplicates by data.id discards every fill, which the timeline shows", async () => {
  const [example] = EXAMPLES;
  const edit = BROKEN["express"]?.["data.id"].edit;
  if (example?.name !== "express" || edit === undefined) throw new Error("Express is not the first example");
  const day = await listening(example, [], edit);
  const ids = await day.placeOrders();
  for (const id of ids) {
    const fill = await day.cli.record(
      "delivery",
      (each) => each["event"] === "order.filled" && each["resourceId"] === id,
    );
    await day.cli.record("answer", ({ deliveryId, status }) => deliveryId === fill["id"] && status === 200);
  }
  const open = Object.fromEntries(ids.map((id) => [id, "accepted"]));
  await expect.poll(day.app.state).toEqual({ processed: ids.length, orders: open, transfers: {} });
  await day.stop();
  const { code, stdout } = await runCli(["events", "timeline", ids[0] ?? ""], day.env);
  expect(code).toBe(0);
  const lines = stdout.split("\n");
  const fill = lines.findIndex((line) => line.includes("order.filled"));
  expect(lines[fill + 1]).toContain("would be dropped by a dedup on data.id");
  expect(stdout.match(/would be dropped/g)).toHaveLength(1);
});
