import { z } from "zod/v4";
import { flags, tool, type Tool, words } from "./tool.ts";

const READ_MS = 20_000;
const MAX_WAIT_S = 300;
const DEFAULT_LIMIT = 20;

const id = z.string().min(1).max(200);
const text = z.string().min(1).max(500);
const events = z
  .array(z.string().min(1).max(100))
  .max(50)
  .optional()
  .describe('event names or patterns, such as "order.filled" or "order.*"');
const moment = z.string().max(40).optional();

const FILTERS = {
  event: events,
  resource: id.optional().describe("ID of an order, transfer, account or document"),
  status: z.enum(["ok", "failed"]).optional().describe("result: the app answered 2xx, or not"),
  signature: z.enum(["bad", "verified", "mismatch", "stale", "unsigned", "no-secret"]).optional(),
  duplicates: z.boolean().optional().describe("only retries and duplicates"),
  search: z.array(text).max(10).optional().describe("texts that must all be in the payload, in any case"),
  since: moment.describe('received after this time: "10m", "1d" or an ISO date'),
  until: moment.describe("received before this time"),
} as const;

type Filters = z.output<z.ZodObject<typeof FILTERS>>;

function filterFlags({ event, ...others }: Filters): string[] {
  return flags({ event: event?.join(","), ...others });
}

/** Tools that change nothing. */
export const READ_TOOLS: readonly Tool[] = [
  tool({
    name: "events_list",
    title: "List deliveries",
    description: "Lists stored webhook deliveries, the newest first: one JSON document for each, with its payload.",
    input: z.strictObject({ ...FILTERS, limit: z.int().min(1).max(200).default(DEFAULT_LIMIT) }),
    run: ({ limit, ...filters }, { run }) =>
      run(["events", "list", `--limit=${limit}`, ...filterFlags(filters)], { timeoutMs: READ_MS }),
  }),
  tool({
    name: "events_show",
    title: "Show a delivery",
    description:
      "Shows one delivery in full: headers, payload, signature verdict, and each attempt to forward it with the app's answer.",
    input: z.strictObject({
      id: id.describe(
        'delivery ID, unique prefix of an ID, or "last" (one of this moment may not be listed yet: use its ID)',
      ),
    }),
    run: ({ id: wanted }, { run }) => run(["events", "show", ...words(wanted)], { timeoutMs: READ_MS }),
  }),
  tool({
    name: "events_timeline",
    title: "Show the events of one resource",
    description:
      "Shows the events of one order or transfer in order, with the time between them, and which an app would lose if it detected duplicates with the wrong key.",
    input: z.strictObject({ resource: id.describe("ID of an order or transfer, or a unique prefix") }),
    run: ({ resource }, { run }) => run(["events", "timeline", ...words(resource)], { timeoutMs: READ_MS }),
  }),
  tool({
    name: "events_stats",
    title: "Count deliveries",
    description: "Counts deliveries, answers, retries, duplicates and bad signatures, with times to answer.",
    input: z.strictObject(FILTERS),
    run: (filters, { run }) => run(["events", "stats", ...filterFlags(filters)], { timeoutMs: READ_MS }),
  }),
  tool({
    name: "events_wait",
    title: "Wait for deliveries",
    description:
      "Waits until deliveries arrive at the running listener, and returns them. Those of the last seconds (since) count too, so that nothing is missed between two calls.",
    input: z.strictObject({
      event: events,
      resource: FILTERS.resource,
      count: z.int().min(1).max(50).default(1).describe("how many deliveries to wait for"),
      since: z.string().max(40).default("10s"),
      timeout_seconds: z.int().min(1).max(MAX_WAIT_S).default(60),
    }),
    run: ({ event, timeout_seconds: seconds, ...others }, { run }) =>
      run(["events", "tail", ...flags({ event: event?.join(","), ...others })], {
        timeoutMs: seconds * 1_000,
        endsWith: `The time limit of ${seconds} s is over: not all deliveries have arrived. Is a listener running?`,
      }),
  }),
  tool({
    name: "verify_signature",
    title: "Verify a signature",
    description:
      "Verifies the signature of a payload with the known webhook secret, and says the likely cause of a mismatch. The payload must be exactly as received.",
    input: z.strictObject({
      payload: z.string().max(1_000_000),
      headers: z
        .array(z.string().min(3).max(4_000))
        .min(1)
        .max(100)
        .describe('headers of the request, each as "Name: value"'),
      tolerance: z.string().max(20).optional().describe('maximum age of the signature, such as "5m"'),
      at: z.string().max(40).optional().describe("time to verify at: Unix seconds or an ISO date"),
    }),
    run: ({ payload, headers, tolerance, at }, { run }) =>
      run(["verify", ...flags({ header: headers, tolerance, at }), ...words("-")], {
        timeoutMs: READ_MS,
        stdin: payload,
      }),
  }),
  tool({
    name: "webhooks_list",
    callsApi: true,
    title: "List webhooks",
    description: "Lists the webhooks at Bluum: URL, events and status. Their signing secrets are not shown.",
    input: z.strictObject({}),
    run: (_input, { run }) => run(["webhooks", "list"], { timeoutMs: READ_MS }),
  }),
  tool({
    name: "event_types",
    callsApi: true,
    title: "List event types",
    description: "Lists the event types that a webhook can subscribe to, from Bluum.",
    input: z.strictObject({}),
    run: (_input, { run }) => run(["event-types"], { timeoutMs: READ_MS }),
  }),
  tool({
    name: "doctor",
    callsApi: true,
    title: "Diagnose problems",
    description:
      "Checks Node.js, settings, credentials, network, store and webhooks, and suggests a fix for each problem.",
    input: z.strictObject({}),
    run: (_input, { run }) => run(["doctor"], { timeoutMs: 60_000 }),
  }),
];
