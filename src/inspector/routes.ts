import type { IncomingMessage, ServerResponse } from "node:http";
import type { Confirmed, InspectorApi } from "./api.ts";
import { Refused, type Answers } from "./answers.ts";
import type { ExportFormat, ReplayRequest, TriggerRequest } from "./contract.ts";
import { flagIn, textIn, wrongField } from "./request-body.ts";
import type { Streams } from "./stream.ts";

/** An accepted request. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The decoded segments of the path after `/_inspector/`. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly session: string;
  readonly api: InspectorApi;
  readonly answers: Answers;
  readonly streams: Streams;
  readonly body: () => Promise<Readonly<Record<string, unknown>>>;
}

interface Route {
  readonly method: "GET" | "POST";
  /** `*` matches any segment. */
  readonly path: string;
  readonly handle: (call: Call) => Promise<void>;
}

const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 100;
const FORMATS: readonly ExportFormat[] = ["ndjson", "har", "curl"];
const EXPORT_TYPES: Readonly<Record<ExportFormat, readonly [type: string, extension: string]>> = {
  ndjson: ["application/x-ndjson; charset=utf-8", "ndjson"],
  har: ["application/json; charset=utf-8", "har"],
  curl: ["text/x-shellscript; charset=utf-8", "sh"],
};

/** Answers with the result as JSON. */
function get(path: string, read: (call: Call) => Promise<object>): Route {
  return {
    method: "GET",
    path,
    handle: async (call) => call.answers.json(call.response, 200, await read(call)),
  };
}

/** Answers 409 with the question if a confirmation is needed first. */
function post(path: string, act: (call: Call) => Promise<Confirmed<object>>): Route {
  return {
    method: "POST",
    path,
    async handle(call) {
      const outcome = await act(call);
      if (outcome.kind === "confirm") call.answers.json(call.response, 409, outcome.question);
      else call.answers.json(call.response, 200, outcome.value);
    },
  };
}

const done = <Value>(value: Value): Confirmed<Value> => ({ kind: "done", value });

export const ROUTES: readonly Route[] = [
  get("session", ({ api }) => api.session()),
  get("deliveries", ({ api, query }) =>
    api.page({
      q: query.get("q") ?? "",
      upTo: wholeNumber(query, "upTo"),
      before: wholeNumber(query, "before"),
      offset: wholeNumber(query, "offset"),
      limit: Math.min(MAX_LIMIT, Math.max(1, wholeNumber(query, "limit") ?? DEFAULT_LIMIT)),
    }),
  ),
  get("failed", ({ api, query }) =>
    api.failed({
      q: query.get("q") ?? "",
      upTo: wholeNumber(query, "upTo") ?? 0,
      seq: wholeNumber(query, "seq") ?? 0,
      side: query.get("side") === "newer" ? "newer" : "older",
    }),
  ),
  get("counts", ({ api, query }) => api.counts(wholeNumber(query, "upTo"))),
  get("deliveries/*", ({ api, parts: [, id = ""] }) => api.detail(id)),
  get("resources/*", ({ api, parts: [, resource = ""] }) => api.timeline(resource)),
  get("stats", ({ api, query }) => api.stats(query.get("q") ?? "")),
  {
    method: "GET",
    path: "deliveries/*/body",
    async handle({ api, answers, response, parts: [, wanted = ""] }) {
      const { id, bytes } = await api.body(wanted);
      answers.bytes(response, `${id}.body`, bytes);
    },
  },
  {
    method: "GET",
    path: "deliveries/*/attempts/*/body",
    async handle({ api, answers, response, parts: [, wanted = "", , number = ""] }) {
      const n = readNumber(number, "attempt") ?? 0;
      const { id, bytes } = await api.attemptBody(wanted, n);
      answers.bytes(response, `${id}-attempt-${n}.body`, bytes);
    },
  },
  { method: "GET", path: "export", handle: sendExport },
  {
    method: "GET",
    path: "stream",
    async handle({ request, response, query, session, streams }) {
      const resumed = request.headers["last-event-id"];
      const cursor = (Array.isArray(resumed) ? resumed[0] : resumed) ?? query.get("after") ?? undefined;
      await streams.serve(response, session, query.get("q") ?? "", cursor === "" ? undefined : cursor);
    },
  },
  post("deliveries/*/replay", async ({ api, body, parts: [, id = ""] }) => api.replay(id, replayRequest(await body()))),
  post("deliveries/*/preview", async ({ api, body, parts: [, id = ""] }) =>
    done(await api.preview(id, { bodyBase64: requiredText(await body(), "bodyBase64") })),
  ),
  post("replay-failed", async ({ api, body }) => {
    const given = await body();
    const { bodyBase64: _bodyBase64, ...request } = replayRequest(given);
    const q = textIn(given, "q");
    return api.replayFailed({ ...request, ...(q === undefined ? {} : { q }) });
  }),
  post("trigger", async ({ api, body }) => done(await api.trigger(triggerRequest(await body())))),
];

async function sendExport({ api, answers, response, query }: Call): Promise<void> {
  const format = FORMATS.find((each) => each === (query.get("format") ?? "ndjson"));
  if (format === undefined) throw wrongField("format", `must be ${FORMATS.join(", ")}`);
  const id = query.get("id") ?? undefined;
  const isRedacted = query.get("redact") !== "0";
  const pieces = await api.export({ q: query.get("q") ?? "", id, format, isRedacted });
  const [type, extension] = EXPORT_TYPES[format];
  answers.attachment(response, `${id ?? "events"}${isRedacted ? "-redacted" : ""}.${extension}`, type);
  try {
    for await (const piece of pieces) {
      if (response.destroyed) return;
      if (!response.write(answers.text(piece))) await roomIn(response);
    }
  } catch {
    // Only a part was sent, so the reader must not treat it as complete.
    return void response.destroy();
  }
  response.end();
}

function roomIn(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      response.off("drain", go);
      response.off("close", go);
      resolve();
    };
    response.on("drain", go);
    response.on("close", go);
  });
}

function replayRequest(body: Readonly<Record<string, unknown>>): ReplayRequest {
  const texts = ["to", "bodyBase64", "confirmedHost"].flatMap((name) => {
    const text = textIn(body, name);
    return text === undefined ? [] : [[name, text] as const];
  });
  return { ...Object.fromEntries(texts), resign: flagIn(body, "resign") };
}

function triggerRequest(body: Readonly<Record<string, unknown>>): TriggerRequest {
  const what = textIn(body, "what");
  if (what === "event") return { what, event: requiredText(body, "event") };
  if (what !== "order") throw wrongField("what", "must be order or event");
  const side = textIn(body, "side");
  if (side !== undefined && side !== "buy" && side !== "sell") throw wrongField("side", "must be buy or sell");
  const [symbol, quantity] = [textIn(body, "symbol"), textIn(body, "quantity")];
  return {
    what,
    ...(side === undefined ? {} : { side }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(quantity === undefined ? {} : { quantity }),
  };
}

function requiredText(body: Readonly<Record<string, unknown>>, name: string): string {
  const text = textIn(body, name);
  if (text === undefined) throw wrongField(name, "is missing");
  return text;
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  return text === null || text === "" ? undefined : readNumber(text, name);
}

function readNumber(text: string, name: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new Refused(400, `invalid ${name}: must be a whole number`, undefined, "invalid_usage");
  return Number(text);
}
