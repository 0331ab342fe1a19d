import type { CheckGroup } from "./check-definition.ts";
import { mustBeRefused, mustSucceed } from "./findings.ts";

/** Requests that are not events, and very large ones. The malformed ones are signed so that they reach the parser. */
export const robustness: CheckGroup = {
  name: "robustness",
  checks: [
    {
      id: "robustness.large-body",
      title: "accepts a large event",
      requirement: "advisory",
      why: "Body parsers accept 100 KB by default; a larger payload would fail on every retry.",
      sent: "a correctly signed order.accepted of 256 KB",
      expected: "2xx",
      fix: "Raise the body limit for this path to 1 MB, in the body parser and in any proxy before it.",
      topic: "bodyLimit",
      needsSecret: true,
      run: async (kit) =>
        mustSucceed(
          await kit.send(
            kit.event("order.accepted", { data: { bluum_hooks_padding: "x".repeat(kit.limits.largeBytes) } }),
          ),
        ),
    },
    {
      id: "robustness.wrong-content-type",
      title: "refuses a content type that is not JSON",
      requirement: "required",
      why: "A request that is not a delivery must not be processed as one, or crash the handler.",
      sent: "a form (application/x-www-form-urlencoded) with a correct signature over its bytes",
      expected: "4xx, quickly",
      fix: "Answer 415 or 400 unless the content type is application/json.",
      topic: "contentType",
      needsSecret: true,
      async run(kit) {
        const { eventId, name } = kit.event("order.accepted");
        const body = Buffer.from(new URLSearchParams({ event: name }).toString());
        const contentType = "application/x-www-form-urlencoded";
        return mustBeRefused(await kit.send({ eventId, body, contentType }), kit.limits.quickMs);
      },
    },
    {
      id: "robustness.empty-body",
      title: "refuses an empty body",
      requirement: "required",
      why: "Probes and broken proxies send empty bodies; an uncaught exception ends the process for all other events.",
      sent: "no bytes at all, with a correct signature over them",
      expected: "4xx, quickly",
      fix: "Treat an empty body as malformed and answer 400. Some parsers make {} or null of it.",
      topic: "emptyBody",
      needsSecret: true,
      run: async (kit) =>
        mustBeRefused(
          await kit.send({ eventId: kit.event("order.accepted").eventId, body: Buffer.alloc(0) }),
          kit.limits.quickMs,
        ),
    },
    {
      id: "robustness.malformed-json",
      title: "refuses malformed JSON",
      requirement: "required",
      why: "An uncaught parser exception is a 500 at best, and ends the process at worst.",
      sent: "an order.accepted cut off in the middle, with a correct signature over its bytes",
      expected: "4xx, quickly",
      fix: "Answer 400 if the parser throws, or returns nothing.",
      topic: "malformedJson",
      needsSecret: true,
      async run(kit) {
        const { eventId, body } = kit.event("order.accepted");
        return mustBeRefused(
          await kit.send({ eventId, body: body.subarray(0, Math.floor(body.length / 2)) }),
          kit.limits.quickMs,
        );
      },
    },
  ],
};
