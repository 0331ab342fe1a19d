import { type Context, readJson } from "../http.ts";
import { type Answer, answerOnce } from "../idempotency-keys.ts";
import type { World } from "../world.ts";

/** Answers a request that creates something, heeding its `Idempotency-Key`. */
export async function createOnce(
  c: Context,
  world: Pick<World, "state" | "clock">,
  options: { readonly isKeyRequired: boolean },
  carryOut: (body: unknown) => Answer,
): Promise<Response> {
  const body = await readJson(c);
  const request = {
    key: c.req.header("idempotency-key"),
    isKeyRequired: options.isKeyRequired,
    apiKey: c.var.access.apiKey,
    method: c.req.method,
    path: c.req.path,
    body: await c.req.text(),
  };
  const answer = answerOnce(request, world, () => carryOut(body));
  return c.json(answer.body, answer.status);
}
