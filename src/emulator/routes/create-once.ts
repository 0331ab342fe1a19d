import { type Call, readJson, type Reply } from "../http.ts";
import { type Answer, answerOnce } from "../idempotency-keys.ts";
import type { World } from "../world.ts";

/** Answers a request that creates something, and applies its `Idempotency-Key`. */
export function createOnce(
  call: Call,
  world: Pick<World, "state" | "clock">,
  options: { readonly isKeyRequired: boolean },
  carryOut: (body: unknown) => Answer,
): Reply {
  const parsed = readJson(call);
  const key = call.headers["idempotency-key"];
  const { method, path, body } = call;
  const request = {
    key: typeof key === "string" ? key : undefined,
    isKeyRequired: options.isKeyRequired,
    apiKey: call.access?.apiKey ?? "",
    method,
    path,
    body,
  };
  return answerOnce(request, world, () => carryOut(parsed));
}
