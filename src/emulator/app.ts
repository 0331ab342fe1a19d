import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { newId } from "../platform/ids.ts";
import { authenticate } from "./access.ts";
import { generationOfPath } from "./generation.ts";
import type { Context, Env } from "./http.ts";
import { refuseWebPages } from "./local-only.ts";
import { RateLimit } from "./rate-limit.ts";
import { Refusal } from "./refusal.ts";
import { controlRoutes } from "./routes/control-routes.ts";
import { orderRoutes } from "./routes/order-routes.ts";
import { transferRoutes } from "./routes/transfer-routes.ts";
import { webhookRoutes } from "./routes/webhook-routes.ts";
import type { World } from "./world.ts";

const MOST_BODY_BYTES = 256 * 1024;

/** All routes, with what holds for each of them: a request id, a log entry, and errors in the documented form. */
export function buildApp(world: World, reset: (scope: { readonly webhooks: boolean }) => void): Hono<Env> {
  const app = new Hono<Env>();
  const rateLimit = new RateLimit(world.requestsPerSecond, world.clock);

  app.use(async (c, next) => {
    const requestId = newId("req");
    c.header("X-Request-Id", requestId);
    await next();
    const { method, path } = c.req;
    world.log({ type: "request", method, path, status: c.res.status, requestId });
  });

  app.use(async (c, next) => {
    refuseWebPages((name) => c.req.header(name));
    await next();
  });

  app.use("/v1/*", async (c, next) => {
    const access = authenticate(c.req.header("authorization"));
    rateLimit.admit(access.apiKey);
    c.set("access", access);
    await next();
  });

  app.use(
    bodyLimit({
      maxSize: MOST_BODY_BYTES,
      onError: (c) => {
        // The rest of the body is not read, so the connection is of no further use to the client.
        c.header("Connection", "close");
        throw new Refusal("400-008", { message: `A body can have ${MOST_BODY_BYTES} bytes at most.` });
      },
    }),
  );

  app.route("/v1/webhooks", webhookRoutes(world));
  app.route("/v1", orderRoutes(world));
  app.route("/v1", transferRoutes(world));
  app.route("/_emulator", controlRoutes(world, reset));

  app.notFound((c) =>
    refuse(c, new Refusal("404-002", { message: `There is no endpoint ${c.req.method} ${c.req.path}.` })),
  );

  app.onError((error, c) => {
    if (error instanceof Refusal) return refuse(c, error);
    world.log({ type: "fault", message: error.message });
    return refuse(c, new Refusal("500-001"));
  });

  function refuse(c: Context, refusal: Refusal): Response {
    if (refusal.retryAfterSeconds !== undefined) c.header("Retry-After", String(refusal.retryAfterSeconds));
    return c.json(refusal.toBody(generationOfPath(c.req.path, world.served)), refusal.status);
  }

  return app;
}
