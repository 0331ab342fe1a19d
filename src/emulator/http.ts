import type { HttpBindings } from "@hono/node-server";
import type { Context as HonoContext } from "hono";
import { parseJson, stringify } from "../core/json-text.ts";
import type { Access } from "./access.ts";
import { Refusal } from "./refusal.ts";

/** What hono carries through a request. */
export interface Env {
  readonly Bindings: HttpBindings;
  readonly Variables: { access: Access };
}

export type Context = HonoContext<Env>;

/** Runs `work` once the answer is on its way, so that nobody gets a webhook before the answer to what caused it. */
export function afterAnswer(context: Context, work: () => void): void {
  const { outgoing } = context.env;
  // A client that has hung up still caused what it caused.
  if (outgoing.closed) queueMicrotask(work);
  else outgoing.once("close", work);
}

/** The request's JSON, with the spelling of its numbers; an empty body is an empty object. Throws a refusal when it is not JSON. */
export async function readJson(context: Context): Promise<unknown> {
  const text = await context.req.text();
  if (text.trim() === "") return {};
  try {
    return parseJson(text);
  } catch {
    throw new Refusal("400-001", { message: "The body is not valid JSON." });
  }
}

/** Answers with JSON that may hold numbers in somebody else's spelling, which hono's own way would not keep. */
export function answerJson(context: Context, document: unknown, status: 200 | 202 = 200): Response {
  return context.body(stringify(document), status, { "content-type": "application/json" });
}
