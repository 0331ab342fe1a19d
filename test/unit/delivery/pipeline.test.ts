import { expect, it } from "vitest";
import type { ForwardAttempt } from "../../../src/core/exchange.ts";
import { createPipeline } from "../../../src/delivery/pipeline.ts";

it("what the HTTP client does at the end of the turn precedes verifying and storing the delivery", async () => {
  const steps: string[] = [];
  const pipeline = createPipeline({
    log: { accept: async () => void steps.push("store"), recordForward() {}, recordAnswer() {} },
    bus: { publish() {} },
    clock: { now: () => 1 },
    environment: "sandbox",
    secrets: () => (steps.push("verify"), []),
    requireSignature: false,
    app: {
      ack: "app",
      async forward({ id }): Promise<ForwardAttempt> {
        await new Promise((resolve) => setImmediate(resolve));
        steps.push("forward");
        const body = Buffer.alloc(0);
        const time = { startedAt: 1, durationMs: 1 };
        const outcome = { kind: "answered", status: 200, headers: [], body, bodyBytes: 0, ...time } as const;
        return { deliveryId: id, cause: "live", url: "http://127.0.0.1/", outcome };
      },
    },
  });
  const request = { method: "POST", path: "/", headers: [], body: Buffer.from("{}"), receivedAt: 1 };
  await pipeline.handle(request, ({ status }) => ({ status, durationMs: 1 }));
  expect(steps).toEqual(["forward", "verify", "store"]);
});
