import { z } from "zod/v4";
import { flags, tool, type Printed, type Tool, type ToolDeps, words } from "./tool.ts";

const ACTION_MS = 120_000;
const CHECK_MS = 330_000;
const MAX_MINUTES = 60;

const id = z.string().min(1).max(200);
const decimal = z
  .string()
  .regex(/^\d+(\.\d+)?$/)
  .max(40)
  .describe("a decimal as text");
const target = z.string().min(1).max(2_000).describe('port or URL on this machine, such as "3000"');

/** Tools that send or change something: on this machine only, and only if allowed. */
export const ACTION_TOOLS: readonly Tool[] = [
  tool({
    name: "replay",
    title: "Send deliveries again",
    description: "Sends stored deliveries to an app on this machine again, byte for byte, and returns its answers.",
    needs: "replay",
    input: z.strictObject({
      ids: z
        .array(id)
        .min(1)
        .max(50)
        .describe('delivery IDs, unique prefixes, or "last" (one of this moment may not be listed yet: use its ID)'),
      to: target,
      resign: z.boolean().optional().describe("re-sign: a signature with a timestamp expires after 5 minutes"),
    }),
    run: ({ ids, to, resign }, { run, requireLocal }) =>
      run(["events", "replay", ...flags({ to: requireLocal(to), resign }), ...words(...ids)], {
        timeoutMs: ACTION_MS,
      }),
  }),
  tool({
    name: "check_endpoint",
    title: "Check an endpoint",
    description:
      "Sends signed test events to an endpoint on this machine, and reports which requirements of production it meets. Each failure says how to fix it.",
    needs: "check",
    input: z.strictObject({
      url: target,
      only: z.array(id).max(50).optional().describe("only these checks or groups"),
      skip: z.array(id).max(50).optional().describe("without these checks or groups"),
    }),
    run: ({ url, only, skip }, { run, requireLocal }) =>
      run(["check", ...flags({ only: only?.join(","), skip: skip?.join(",") }), ...words(requireLocal(url))], {
        timeoutMs: CHECK_MS,
      }),
  }),
  tool({
    name: "trigger_order",
    title: "Place an order in the emulator",
    description:
      "Places a test order in the emulator on this machine; no money is involved. Its events arrive at the listener: see events_wait.",
    needs: "trigger",
    input: z.strictObject({
      symbol: z.string().max(32).optional(),
      side: z.enum(["buy", "sell"]).optional(),
      type: z.enum(["market", "limit", "stop", "stop_limit", "trailing_stop"]).optional(),
      qty: decimal.optional(),
      notional: decimal.optional().describe("amount of money instead of qty, as text"),
      limit_price: decimal.optional(),
      stop_price: decimal.optional(),
    }),
    run: async ({ limit_price: limitPrice, stop_price: stopPrice, ...order }, deps) => {
      await deps.requireLocalEmulator();
      const prices = { "limit-price": limitPrice, "stop-price": stopPrice };
      return runInEmulator(["trigger", "order", ...flags({ ...order, ...prices })], deps);
    },
  }),
  tool({
    name: "trigger_transfer",
    title: "Make a transfer in the emulator",
    description: "Makes a test deposit or withdrawal in the emulator on this machine; no money is involved.",
    needs: "trigger",
    input: z.strictObject({ kind: z.enum(["deposit", "withdrawal"]), amount: decimal }),
    run: async ({ kind, amount }, deps) => {
      await deps.requireLocalEmulator();
      return runInEmulator(["trigger", kind, ...flags({ amount })], deps);
    },
  }),
  tool({
    name: "trigger_event",
    title: "Send a signed event",
    description:
      "Sends a signed sample of an event to the emulator's listener, or to an endpoint on this machine. A variant has an invalid signature, which the endpoint must reject.",
    needs: "trigger",
    input: z.strictObject({
      event: z.string().min(1).max(100).describe("event name, such as order.filled"),
      to: target.optional(),
      data: z.record(z.string(), z.unknown()).optional().describe("data of the payload instead of the sample's"),
      variant: z.enum(["unsigned", "bad-signature", "stale", "tampered"]).optional(),
      duplicate: z.boolean().optional().describe("send it twice"),
    }),
    run: async ({ event, to, data, variant, duplicate }, deps) => {
      await deps.requireLocalEmulator();
      const given = {
        to: to === undefined ? undefined : deps.requireLocal(to),
        data: data === undefined ? undefined : JSON.stringify(data),
        ...(variant === undefined ? {} : { [variant]: true }),
        duplicate,
      };
      return runInEmulator(["trigger", "event", ...flags(given), ...words(event)], deps);
    },
  }),
  tool({
    name: "listen_start",
    title: "Start a listener with the emulator",
    description:
      "Starts a listener and, if none is running, an emulator on this machine, and forwards deliveries to an app on this machine. It ends with listen_stop, with this server, or when its time is over.",
    needs: "listen",
    input: z.strictObject({
      forward_to: target.optional(),
      events: z.array(z.string().min(1).max(100)).max(50).optional(),
      port: z.int().min(0).max(65_535).optional().describe("local port; absent: the default or the next free one"),
      minutes: z.int().min(1).max(MAX_MINUTES).default(30),
    }),
    run: async ({ forward_to: app, events, port, minutes }, deps) => {
      await deps.requireLocalEmulator();
      const given = {
        "forward-to": app === undefined ? undefined : deps.requireLocal(app),
        events: events?.join(","),
        port,
      };
      return deps.startListener(["listen", "--env=emulator", "--no-inspect", ...flags(given)], minutes);
    },
  }),
  tool({
    name: "listen_stop",
    title: "Stop the listener",
    description: "Stops the listener of listen_start, restores its webhook, and returns a summary.",
    needs: "listen",
    input: z.strictObject({}),
    run: (_input, { stopListener }) => stopListener(),
  }),
];

function runInEmulator([command = "", what = "", ...others]: readonly string[], deps: ToolDeps): Promise<Printed> {
  return deps.run([command, what, "--env=emulator", ...others], { timeoutMs: ACTION_MS });
}
